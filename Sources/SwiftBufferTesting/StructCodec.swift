internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Items of a format packed and unpacked by the standard library's `struct` module, so that the test exporter reads
/// what everybody else reads, and raises `struct.error` itself.
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
    /// - Throws: what `struct.Struct` raises; `struct.error` if the format describes more bytes than `limit`, with no memory
    ///   asked for by its word; `MemoryError` if an item is too large for the system.
    init(_ format: borrowing PythonObject, limit: Int = .max) throws(PythonError) {
        let module = try unsafe PythonObject(result: PyImport_ImportModule("struct"))
        let maker = try unsafe PythonObject(result: PyObject_GetAttrString(module.pointer, "Struct"))
        let codec = try unsafe PythonObject(
            result: PyObject_CallOneArg(maker.pointer, format.pointer))
        itemsize = try unsafe PythonObject(result: PyObject_GetAttrString(codec.pointer, "size")).int()
        pack = try unsafe PythonObject(result: PyObject_GetAttrString(codec.pointer, "pack"))
        unpack = try unsafe PythonObject(result: PyObject_GetAttrString(codec.pointer, "unpack"))
        let count = min(itemsize, max(limit, 0))
        // From the system, which refuses what it does not have; the allocator of a CPython without a GIL does not.
        guard let zeros = unsafe PyMem_RawCalloc(1, max(count, 1)) else {
            throw PythonError.outOfMemory(count)
        }
        defer { unsafe PyMem_RawFree(zeros) }
        let view = try unsafe PythonObject(
            result: PyMemoryView_FromMemory(zeros.assumingMemoryBound(to: CChar.self), count, PyBUF_READ))
        let values = try unsafe PythonObject(result: PyObject_CallOneArg(unpack.pointer, view.pointer))
        memberCount = values.tupleCount
        isComplex = memberCount > 0 && sb_is_complex(values.reference.tupleItem(0)) != 0
    }

    /// The value at an address: a tuple where an item has several values, or none.
    func value(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        let bytes = try unsafe PythonObject(
            result: PyBytes_FromStringAndSize(address.assumingMemoryBound(to: CChar.self), itemsize))
        let values = try unsafe PythonObject(result: PyObject_CallOneArg(unpack.pointer, bytes.pointer))
        guard memberCount == 1 else { return values }
        return PythonObject(borrowing: values.reference.tupleItem(0))
    }

    /// The bytes of a value: an int, float, complex or bytes where an item is one value, or as many values as an item has in a
    /// list or tuple.
    ///
    /// - Throws: `ValueError` for anything else, and what `struct` raises.
    func bytes(of value: ObjectReference) throws(PythonError) -> PythonObject {
        let isScalar =
            value.isBytes || value.isInt || value.isFloat
            || (isComplex && value.isComplex)
        let arguments: PythonObject
        if isScalar && memberCount == 1 {
            arguments = try unsafe PythonObject(result: PyTuple_New(1))
            unsafe sb_incref(value.pointer)
            unsafe sb_tuple_set(arguments.pointer, 0, value.pointer)
        } else if value.isList || value.isTuple {
            arguments = try unsafe PythonObject(result: PySequence_Tuple(value.pointer))
            guard arguments.tupleCount == memberCount else { throw Self.mismatch }
        } else {
            throw Self.mismatch
        }
        return try unsafe PythonObject(result: PyObject_CallObject(pack.pointer, arguments.pointer))
    }

    private static var mismatch: PythonError {
        PythonError(.value, "the item does not have the number and kind of values that the format describes")
    }
}
