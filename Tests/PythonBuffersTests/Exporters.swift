// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import CPythonShims

@testable import PythonBuffers

/// An exporter of an author's, whose description tests choose.
struct Sample: BufferExporter {
    var memory: BufferMemory
    var offset = 0
    var layout: Layout
    var format: String
    var isReadOnly = false

    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(memory, offset: offset, layout: layout, format: format, isReadOnly: isReadOnly)
    }

    /// `count` bytes 0, 1, 2, ...
    static func memory(_ count: Int) throws(PythonError) -> BufferMemory {
        let memory = try BufferMemory(byteCount: count)
        try memory.withMutableBytes { (bytes) throws(PythonError) in
            for index in 0..<count {
                bytes.storeBytes(of: UInt8(truncatingIfNeeded: index), toByteOffset: index, as: UInt8.self)
            }
        }
        return memory
    }

    /// A one-dimensional sample of bytes.
    static func bytes(_ count: Int, isReadOnly: Bool = false) throws(PythonError) -> Sample {
        try Sample(
            memory: memory(count),
            layout: raisingLayoutErrors { () throws(LayoutError) in
                try Layout(shape: [count], itemsize: 1)
            }, format: "B", isReadOnly: isReadOnly)
    }

    static let type = TypeDefinition(
        exporting: Sample.self, name: "tests.Sample", documentation: "An exporter to test with.")

    func make() throws(PythonError) -> PythonObject {
        let module = try makeModule()
        let type = try unsafe Self.type.make(in: module.reference)
        return try unsafe Exported<Sample>.make(of: type.reference, self)
    }
}

/// An exporter of (a part of) another object's memory.
struct Reexporter: BufferExporter {
    let source: BufferMemory
    var index: [AxisIndex] = []

    func describeBuffer() throws(PythonError) -> BufferDescription { try BufferDescription(source, index) }

    static let type = TypeDefinition(
        exporting: Reexporter.self, name: "tests.Reexporter", documentation: "Another's memory.")

    func make() throws(PythonError) -> PythonObject {
        let module = try makeModule()
        let type = try unsafe Self.type.make(in: module.reference)
        return try unsafe Exported<Reexporter>.make(of: type.reference, self)
    }
}

/// An exporter that answers every request with what the test wrote down, true or not.
struct Answer {
    var count = 0
    var itemsize = 1
    var format: String? = "B"
    var ndim: Int32 = 1
    var shape: [Int]?
    var strides: [Int]?
    var suboffsets: [Int]?
    var isReadOnly = true
    /// Bytes 0, 1, 2, ... behind `offset`; none if it is negative.
    var memory = 256
    var offset = 0
    /// Pointers to these offsets of the memory stand in front of it, and `buf` is the first of them.
    var pointers: [Int] = []

    func make() throws(PythonError) -> PythonObject {
        let module = try makeModule()
        let type = try unsafe FixedAnswer.type.make(in: module.reference)
        return try unsafe Instance<FixedAnswer>.make(of: type.reference, FixedAnswer(self))
    }

    func buffer(_ request: BufferRequest = .fullReadOnly) throws(PythonError) -> PythonBuffer {
        try PythonBuffer(make(), request)
    }
}

/// The `Py_buffer` that an ``Answer`` describes, and what it points at.
@safe
private struct FixedAnswer: ~Copyable {
    var view: Py_buffer
    let block: UnsafeMutableRawPointer
    let dimensions: UnsafeMutablePointer<Int>

    init(_ answer: Answer) {
        let table = answer.pointers.count * 8
        unsafe block = .allocate(byteCount: table + max(answer.memory, 0) + 1, alignment: 64)
        for index in 0..<max(answer.memory, 0) {
            unsafe block.storeBytes(of: UInt8(truncatingIfNeeded: index), toByteOffset: table + index, as: UInt8.self)
        }
        for (index, target) in answer.pointers.enumerated() {
            unsafe block.storeBytes(
                of: block + table + target, toByteOffset: 8 * index, as: UnsafeMutableRawPointer.self)
        }
        let numbers = [answer.shape, answer.strides, answer.suboffsets]
        unsafe dimensions = .allocate(capacity: numbers.reduce(1) { $0 + ($1?.count ?? 0) })
        var next = unsafe dimensions
        func place(_ values: [Int]?) -> UnsafeMutablePointer<Int>? {
            guard let values else { return nil }
            let start = unsafe next
            for value in values {
                unsafe next.initialize(to: value)
                unsafe next += 1
            }
            return unsafe start
        }
        unsafe view = Py_buffer()
        unsafe view.buf = answer.memory < 0 ? nil : block + answer.offset
        unsafe view.len = answer.count
        unsafe view.itemsize = answer.itemsize
        unsafe view.readonly = answer.isReadOnly ? 1 : 0
        unsafe view.ndim = answer.ndim
        unsafe view.format = answer.format.map { unsafe UnsafeMutablePointer(mutating: permanentCString($0)) }
        unsafe view.shape = place(answer.shape)
        unsafe view.strides = place(answer.strides)
        unsafe view.suboffsets = place(answer.suboffsets)
    }

    deinit {
        unsafe block.deallocate()
        unsafe dimensions.deallocate()
    }

    static let type = TypeDefinition(
        name: "tests.Answer", documentation: "Answers without looking at the request.",
        basicSize: Instance<FixedAnswer>.size,
        slots: [
            .deallocate { Instance<FixedAnswer>.deallocate($0) },
            unsafe .buffer { exporter, view, _ in
                unsafe view!.pointee = Instance<FixedAnswer>.value(in: ObjectReference(pointer: exporter!)).pointee.view
                unsafe sb_incref(exporter!)
                unsafe view!.pointee.obj = exporter
                return 0
            },
        ])
}
