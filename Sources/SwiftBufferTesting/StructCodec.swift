// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// Items of a format, packed and unpacked by the standard library's `struct` module, so that the test exporter reads
/// what `struct` reads, and raises `struct.error` itself.
@safe
final class StructCodec: @unchecked Sendable {
    /// Bytes of one item.
    let itemsize: Int
    /// The values in one item.
    private let memberCount: Int
    /// Whether the first of them is a complex number, which `struct` knows from CPython 3.14 on.
    private let isComplex: Bool
    private let pack: PythonObject
    private let unpack: PythonObject

    /// - Parameter limit: the bytes that items have.
    /// - Throws: what `struct.Struct` raises; `struct.error` if the format describes more bytes than `limit`, before
    ///   any memory is allocated for it; `MemoryError` if an item is too large for the system.
    init(_ format: String, limit: Int = .max) throws(PythonError) {
        let codec = try PythonObject(importing: "struct").attribute("Struct").call(PythonObject(format))
        itemsize = try codec.attribute("size").int()
        pack = try codec.attribute("pack")
        unpack = try codec.attribute("unpack")
        let zeros = try TestBlock(byteCount: min(itemsize, max(limit, 0)))
        let view = try unsafe PythonObject(memoryViewAt: zeros.start, count: zeros.byteCount, isReadOnly: true)
        let values = try unpack.call(view)
        withExtendedLifetime(zeros) {}
        memberCount = values.tupleCount
        isComplex = unsafe memberCount > 0 && values.tupleItem(0).isComplex
    }

    /// The value at an address: a tuple unless an item is one value.
    func value(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        let item = unsafe UnsafeRawBufferPointer(start: address, count: itemsize)
        let values = try unpack.call(unsafe PythonObject(bytes: RawSpan(_unsafeBytes: item)))
        if memberCount == 1 { return unsafe PythonObject(borrowing: values.tupleItem(0)) }
        return values
    }

    /// The bytes of a value: an int, float, complex or bytes where an item is one value, or as many values as an item
    /// has in a list or tuple.
    ///
    /// - Throws: `ValueError` for anything else, and what `struct` raises.
    func bytes(of value: borrowing PythonObject) throws(PythonError) -> PythonObject {
        if value.isBytes || value.isInt || value.isFloat || isComplex && value.isComplex, memberCount == 1 {
            return try pack.call(value)
        }
        guard value.isList || value.isTuple else { throw Self.mismatch }
        let arguments = try value.asTuple()
        guard arguments.tupleCount == memberCount else { throw Self.mismatch }
        return try pack.call(tuple: arguments)
    }

    private static var mismatch: PythonError {
        PythonError(.value, "the item does not have the number and kind of values that the format describes")
    }
}
