// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// `swiftbuffer.from_memory` and its arguments.

extension ForeignMemory {
    static let function: MethodDefinition =
        fromMemory.method {
            fromMemory.call($0, $1, $2, $3) { (call) throws(PythonError) in try view(call) }
        }

    private static func view(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let number = sb_small_address(call[0])
        if number != 0, let view = try bytes(at: UInt(number), call) { return view }
        let place = try ForeignPlace(call[0])
        let (item, layout) = try items(call, of: place)
        let bytes = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteExtent ?? 0..<0 }
        let address = try unsafe addressOf(place.address, bytes: bytes)
        if let room = place.room, !bytes.isEmpty && (bytes.lowerBound < 0 || bytes.upperBound > room) {
            throw PythonError(
                .value,
                "bytes \(bytes.lowerBound) up to \(bytes.upperBound) asked for, but the \(typeNameOf(call[0])) "
                    + "has \(room) bytes")
        }
        let release = call.optional(8)
        if let release, !release.isCallable {
            throw call.wrongType(8, expected: "callable")
        }

        let owner = call.optional(7) ?? (place.isObject ? call[0] : nil)
        let isReadOnly = try call.bool(6, default: true)
        var memory: BufferMemory?
        let exporter: PythonObject
        if release == nil {
            exporter = try unsafe ForeignMemory.exporter(
                at: address, layout: layout, item: item, isReadOnly: isReadOnly, owner: owner, for: call.receiver)
        } else {
            let adopted = unsafe BufferMemory(
                adopting: address.map { unsafe $0 + bytes.lowerBound }, byteCount: bytes.count,
                isReadOnly: isReadOnly, owner: owner.map { PythonObject(borrowing: $0) })
            let description = try BufferDescription(
                adopted, offset: -bytes.lowerBound, layout: layout, item: item.format, format: item.spelling,
                isReadOnly: isReadOnly)
            exporter = try ForeignMemory.exporter(of: description, for: call.receiver)
            memory = adopted
        }
        let isBytes = call.optional(1) != nil && call.optional(3) == nil
        let view =
            if isBytes { try PythonObject(memoryViewOf: exporter) } else {
                try unsafe ViewObject.make(ViewTypes(for: call.receiver), of: exporter.reference)
            }
        // Only now: a call that fails leaves the memory with its caller.
        if let release { memory?.callAtEnd(PythonObject(borrowing: release)) }
        return view
    }

    /// A memoryview of so many bytes at an address, where the call says nothing else but their owner; `nil` for any
    /// other call.
    private static func bytes(at address: UInt, _ call: borrowing Arguments) throws(PythonError) -> PythonObject? {
        guard let size = call.optional(1), call.optional(2) == nil, call.optional(3) == nil, call.optional(4) == nil,
            call.reference(5) == nil, call.optional(8) == nil
        else { return nil }
        let count = sb_small_int(size)
        guard count > 0, !address.addingReportingOverflow(UInt(count)).overflow,
            let layout = try? Layout(shape: [count], itemsize: 1)
        else { return nil }
        let exporter = try unsafe ForeignMemory.exporter(
            at: UnsafeMutableRawPointer(bitPattern: address), layout: layout, item: .of(.uint8),
            isReadOnly: try call.bool(6, default: true), owner: call.optional(7), for: call.receiver)
        return try PythonObject(memoryViewOf: exporter)
    }

    /// The format and layout that the arguments give.
    private static func items(
        _ call: borrowing Arguments, of place: borrowing ForeignPlace
    ) throws(PythonError) -> (ItemFormat, Layout) {
        let given = try call.format(3)
        let order = try call.order(5, default: .c)
        let strides: [Int]? =
            if let strides = call.optional(4) { try integersOf(strides, "strides") } else { nil }
        if let shape = call.optional(2) {
            guard call.optional(1) == nil else {
                throw PythonError(.type, "from_memory() takes size, in bytes, or shape, in items, but not both")
            }
            let item = if let given { given } else { try place.item() }
            let lengths = try integersOf(shape, "shape")
            return try raisingLayoutErrors { () throws(LayoutError) in
                let itemsize = item.format.itemsize
                guard let strides else { return (item, try Layout(shape: lengths, itemsize: itemsize, order: order)) }
                return (item, try Layout(shape: lengths, strides: strides, itemsize: itemsize))
            }
        }
        guard strides == nil else { throw PythonError(.type, "strides need a shape") }
        let size: Int
        if call.optional(1) != nil {
            size = try call.byteCount(1, "size")
        } else if let room = place.room {
            if given == nil { return try (place.item(), place.wholeLayout()) }
            size = room
        } else {
            throw PythonError(
                .type,
                "from_memory() needs size, in bytes, or shape, in items: an address does not tell how much memory there "
                    + "is")
        }
        let item = given ?? .of(.uint8)
        let itemsize = item.format.itemsize
        guard itemsize > 0, size.isMultiple(of: itemsize) else {
            throw PythonError(.value, "\(size) bytes are not a multiple of itemsize \(itemsize)")
        }
        return try raisingLayoutErrors { () throws(LayoutError) in
            (item, try Layout(shape: [size / itemsize], itemsize: itemsize))
        }
    }
}

/// The address given to `from_memory`: an integer, or that of a ctypes object or of what it points at.
@safe
private struct ForeignPlace: ~Copyable {
    let address: UInt
    /// The length in bytes: of a ctypes object, but not of what a pointer points at.
    let room: Int?
    /// Whether it was given as a ctypes object, which keeps the memory.
    let isObject: Bool
    /// Of a ctypes object: its address, its size, and an object whose buffer describes the items. `None` for an integer.
    private let found: PythonObject

    init(_ object: ObjectReference) throws(PythonError) {
        if object.isIndex {
            self.init(address: try addressBits(of: object), room: nil, isObject: false, found: .none)
            return
        }
        let found = try PythonObject(importing: "swiftbuffer._foreign").attribute("memory_of").call(object)
        let address = try unsafe addressBits(of: found.tupleItem(0))
        let size = unsafe found.tupleItem(1)
        let room: Int? = size.isNone ? nil : try intValue(of: size)
        self.init(address: address, room: room, isObject: true, found: found)
    }

    private init(address: UInt, room: Int?, isObject: Bool, found: consuming PythonObject) {
        self.address = address
        self.room = room
        self.isObject = isObject
        self.found = found
    }

    private var described: ObjectReference? {
        guard isObject else { return nil }
        let object = unsafe found.tupleItem(2)
        return object.isNone ? nil : object
    }

    /// The format of the items; bytes where none is known.
    ///
    /// - Throws: `ValueError` where ctypes describes them wrongly, and its type cannot correct it.
    func item() throws(PythonError) -> ItemFormat {
        guard let described else { return .of(.uint8) }
        let buffer = try PythonBuffer(described)
        let item = try buffer.item(nil)
        guard item.unreadable == nil else {
            throw PythonError(
                .value,
                "ctypes gives the format '\(buffer.format)' for items of \(buffer.itemsize) bytes, which does not "
                    + "describe them; give the format")
        }
        // ctypes gives the native byte order a prefix, which other consumers refuse.
        guard let (scalar, swapped) = item.format.scalar, !swapped else { return item }
        return .of(scalar)
    }

    /// The layout of a ctypes object.
    func wholeLayout() throws(PythonError) -> Layout {
        guard let described else {
            return try raisingLayoutErrors { () throws(LayoutError) in try Layout(shape: [room ?? 0], itemsize: 1) }
        }
        return try PythonBuffer(described).layout
    }
}

private let fromMemory = Callable(
    "from_memory",
    "address, size=None, *, shape=None, format=None, strides=None, order='C', readonly=True, owner=None, release=None",
    """
    Return a view of the memory at an address, without a copy: writable only with readonly=False.

    address is an int, or a ctypes object: of a pointer (POINTER(T), c_void_p, c_char_p) the memory that it points at, of
    any other (an array, a structure, a c_int) its own. With size alone, in bytes, the result is a memoryview of bytes;
    otherwise a View: of shape, in items of format, contiguous in order 'C' or 'F' or with strides in bytes; of size bytes as items of
    format; of a whole ctypes object. Without a format, a pointer or an array has that of its ctypes items, and an int
    has bytes.

    owner is kept alive for as long as any buffer of the memory is held; a ctypes object is its own owner unless another
    is given. release is called, without arguments and once, when the last buffer ends; what it raises is reported
    through sys.unraisablehook. In a cycle of garbage it is called as finalizers are (PEP 442), before the cycle is taken
    apart. The memory must stay in place until then: nothing checks it.

    Raises ValueError for a negative size or length, a null address with items, memory beyond the first or the last
    address, and items outside of a ctypes object, OverflowError for numbers that are no address, TypeError for any other
    object, or if release cannot be called. If the call raises, release is not called. O(1).

    >>> import ctypes
    >>> memory = ctypes.create_string_buffer(b'abc')
    >>> swiftbuffer.from_memory(ctypes.addressof(memory), 3, owner=memory).tobytes()
    b'abc'
    >>> numbers = (ctypes.c_float * 6)(1, 2, 3, 4, 5, 6)
    >>> pointer = ctypes.cast(numbers, ctypes.POINTER(ctypes.c_float))
    >>> swiftbuffer.from_memory(pointer, shape=(2, 3)).tolist()
    [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]

    Source: PyMemoryView_FromMemory, which knows neither shape, owner nor release.
    """)
