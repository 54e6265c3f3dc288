// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import CPythonShims
import Testing

@testable import PythonBuffers

/// What is expected of one request, written down from the table "Buffer request types" of the C API manual and from
/// what memoryview answers, apart from the code under test.
private struct Expectation {
    var hasFormat = false
    var hasShape = false
    var hasStrides = false

    /// `nil` where the request must be refused.
    init?(_ flags: Int32, _ memory: Example) {
        func has(_ bits: Int32) -> Bool { flags & bits == bits }
        let (nd, strides, c, f, any, indirect) = (has(8), has(0x18), has(0x38), has(0x58), has(0x98), has(0x118))
        if has(1) && memory.isReadOnly { return nil }
        if c && !memory.isC { return nil }
        if f && !memory.isF { return nil }
        if any && !(memory.isC || memory.isF) { return nil }
        if memory.suboffsets != nil && !indirect { return nil }
        if !strides && !memory.isC { return nil }
        if has(4) && !nd { return nil }
        hasFormat = has(4)
        hasShape = nd
        hasStrides = strides
    }
}

/// One exporter to ask: memory, and what is known of it.
private struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var shape: [Int]
    /// In items; bytes for the one with suboffsets.
    var strides: [Int]
    var suboffsets: [Int]?
    var start = 0
    var isC = false
    var isF = false
    var isReadOnly = false

    static let all = [
        Example(testDescription: "0-d", shape: [], strides: [], isC: true, isF: true),
        Example(testDescription: "1-d", shape: [6], strides: [1], isC: true, isF: true),
        Example(testDescription: "1-d, one item", shape: [1], strides: [1], isC: true, isF: true),
        Example(testDescription: "1-d, one item, odd stride", shape: [1], strides: [5], isC: true, isF: true),
        Example(testDescription: "empty", shape: [0], strides: [1], isC: true, isF: true),
        Example(testDescription: "empty 2-d", shape: [3, 0], strides: [7, 2], isC: true, isF: true),
        Example(testDescription: "C", shape: [2, 3, 2], strides: [6, 2, 1], isC: true),
        Example(testDescription: "Fortran", shape: [2, 3, 2], strides: [1, 2, 6], isF: true),
        Example(testDescription: "both orders", shape: [1, 3, 1], strides: [3, 1, 9], isC: true, isF: true),
        Example(testDescription: "strided", shape: [3], strides: [2]),
        Example(testDescription: "strided 2-d", shape: [2, 2], strides: [6, 2]),
        Example(testDescription: "negative", shape: [4], strides: [-1], start: 3),
        Example(testDescription: "negative 2-d", shape: [2, 3], strides: [3, -1], start: 2),
        Example(testDescription: "broadcast", shape: [3, 2], strides: [0, 1]),
        Example(
            testDescription: "64-d", shape: Array(repeating: 1, count: 64), strides: Array(repeating: 1, count: 64),
            isC: true, isF: true),
        Example(testDescription: "suboffsets", shape: [2, 3], strides: [8, 1], suboffsets: [1, -1]),
        Example(testDescription: "read-only", shape: [2, 3], strides: [3, 1], isC: true, isReadOnly: true),
        Example(testDescription: "read-only Fortran", shape: [2, 3], strides: [1, 2], isF: true, isReadOnly: true),
        Example(testDescription: "read-only strided", shape: [3], strides: [2], isReadOnly: true),
    ]

    func make(format: String, itemsize: Int) throws(PythonError) -> PythonObject {
        if let suboffsets {
            // Pointers to rows, from an exporter of another kind, shown through our own.
            let answer = Answer(
                count: shape.reduce(itemsize, *), itemsize: itemsize, format: format, ndim: Int32(shape.count),
                shape: shape, strides: [strides[0], strides[1] * itemsize], suboffsets: suboffsets, isReadOnly: false,
                pointers: [0, 100])
            return try Reexporter(source: BufferMemory(sharing: answer.make())).make()
        }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, strides: strides.map { $0 * itemsize }, itemsize: itemsize)
        }
        return try Sample(
            memory: Sample.memory(512), offset: start * itemsize, layout: layout, format: format,
            isReadOnly: isReadOnly
        ).make()
    }
}

@Suite struct RequestTableTests {
    private static let formats = [("B", 1), ("<h", 2), ("=d", 8), ("T{i:a:f:b:}", 8), ("5s", 5)]

    /// All bits up to 0x3ff, which are the defined ones and some that are not, with undefined ones above them.
    @Test(arguments: Example.all)
    private func everyRequestIsAnsweredByTheTable(example: Example) throws {
        try withPython {
            for (format, itemsize) in Self.formats {
                let object = try example.make(format: format, itemsize: itemsize)
                let record = unsafe sb_record(object.pointer)
                let references = referenceCount(object)
                for low in Int32(0)..<0x400 {
                    for high in [Int32(0), 0x400, 0x4000_0000] {
                        let flags = low | high
                        // Many requests differ by undefined bits alone: these are asked with one format only.
                        if high != 0 && itemsize != 1 { continue }
                        var view = unsafe Py_buffer()
                        unsafe view.obj = object.pointer
                        // The slot itself: PyObject_GetBuffer turns PyBUF_READ and PyBUF_WRITE away on its own.
                        let status = unsafe exportBuffer(object.pointer, &view, flags)
                        if let mismatch = unsafe Self.mismatch(
                            status, view, flags, example, format, itemsize, record.pointee)
                        {
                            Issue.record("request \(String(flags, radix: 16)), format \(format): \(mismatch)")
                            return
                        }
                        if status == 0 { unsafe PyBuffer_Release(&view) }
                    }
                }
                unsafe #expect(ExportCount(of: object.reference).value == 0)
                #expect(referenceCount(object) == references)
            }
        }
    }

    /// What is wrong with an answer; `nil` if nothing is.
    private static func mismatch(
        _ status: CInt, _ view: Py_buffer, _ flags: CInt, _ example: Example, _ format: String, _ itemsize: Int,
        _ record: SBRecord
    ) -> String? {
        guard let expected = Expectation(flags, example) else {
            guard status == -1 else { return "granted" }
            guard unsafe view.obj == nil else { return "refused with an object" }
            guard unsafe PyErr_ExceptionMatches(sb_exc_buffer_error()) != 0 else { return "no BufferError" }
            PyErr_Clear()
            return nil
        }
        guard status == 0 else { return "refused: \(text(of: .pending()))" }
        let ndim = expected.hasShape ? example.shape.count : 1
        let hasDimensions = !example.shape.isEmpty
        guard unsafe view.obj != nil else { return "no object" }
        guard unsafe view.buf == UnsafeMutableRawPointer(record.address) else { return "address" }
        guard unsafe view.len == example.shape.reduce(itemsize, *) else { return "len" }
        guard unsafe view.itemsize == itemsize else { return "itemsize" }
        guard unsafe view.readonly == (example.isReadOnly ? 1 : 0) else { return "readonly" }
        guard unsafe view.ndim == ndim else { return "ndim \(unsafe view.ndim)" }
        let shown = unsafe view.format.map { unsafe String(cString: $0) }
        guard shown == (expected.hasFormat ? format : nil) else { return "format \(shown ?? "NULL")" }
        func numbers(_ pointer: UnsafeMutablePointer<Int>?) -> [Int]? {
            unsafe pointer.map { unsafe Array(UnsafeBufferPointer(start: $0, count: ndim)) }
        }
        let shape = expected.hasShape && hasDimensions ? example.shape : nil
        guard unsafe numbers(view.shape) == shape else { return "shape" }
        let stepsize = example.strides.enumerated().map {
            example.suboffsets != nil && $0.offset == 0 ? $0.element : $0.element * itemsize
        }
        guard unsafe numbers(view.strides) == (expected.hasStrides && hasDimensions ? stepsize : nil) else {
            return "strides"
        }
        guard unsafe numbers(view.suboffsets) == example.suboffsets else { return "suboffsets" }
        return nil
    }

    @Test func refusalsSayWhatWouldWork() throws {
        try withPython {
            func expectRefusal(_ name: String, _ request: BufferRequest, _ parts: String...) throws(PythonError) {
                let object = try Example.all.first { $0.testDescription == name }!.make(format: "i", itemsize: 4)
                do {
                    _ = try PythonBuffer(object, request).ndim
                    Issue.record("\(name) was granted")
                } catch {
                    let message = text(of: error)
                    for part in parts { #expect(message.contains(part), "\(message)") }
                }
            }
            try expectRefusal(
                "strided 2-d", .cContiguous, "BufferError: C-contiguous buffer requested",
                "shape (2, 2) has strides (24, 8); swiftbuffer.View(object).copy() makes a contiguous copy, "
                    + "memoryview(object).tobytes() gives the bytes")
            try expectRefusal("C", .fContiguous, "View(object).copy(order=\"F\") makes an F-contiguous copy")
            try expectRefusal("read-only", .writable, "View(object).copy() makes a writable copy")
            try expectRefusal("suboffsets", .strides, "memoryview(object).tobytes() gives the bytes")
            try expectRefusal("Fortran", .shape, "View(object).copy() makes a contiguous copy")
            try expectRefusal("C", .format, "request ND as well as FORMAT")
        }
    }
}
