// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// A `Py_buffer` filled by an exporter that is being checked by `swiftbuffer.check`.
///
/// It is on the heap, owned by a capsule. Its fields begin with values that no exporter gives, which tells the fields
/// that were filled in from those that were not. No pointer that the exporter gave is followed.
@safe
private struct Probe {
    static let name: StaticString = "swiftbuffer._testing.probe"

    let view: UnsafeMutablePointer<Py_buffer>

    /// - Parameter object: what `view->obj` begins as, without a reference.
    init(object: borrowing PythonObject) {
        unsafe view = .allocate(capacity: 2)
        unsafe view.initialize(repeating: Py_buffer(), count: 2)
        unsafe view.pointee.buf = unset
        unsafe view.pointee.obj = object.pointer
        unsafe view.pointee.len = Self.unsetSize
        unsafe view.pointee.itemsize = Self.unsetSize
        unsafe view.pointee.readonly = Self.unsetNumber
        unsafe view.pointee.ndim = Self.unsetNumber
        unsafe view.pointee.format = unset.assumingMemoryBound(to: CChar.self)
        unsafe view.pointee.shape = unset.assumingMemoryBound(to: Int.self)
        unsafe view.pointee.strides = unset.assumingMemoryBound(to: Int.self)
        unsafe view.pointee.suboffsets = unset.assumingMemoryBound(to: Int.self)
    }

    /// - Parameter capsule: any object; `TypeError` unless it is a capsule of a probe.
    init(_ capsule: ObjectReference) throws(PythonError) {
        guard let pointer = unsafe PyCapsule_GetPointer(capsule.pointer, Self.cName) else {
            throw PythonError.pending()
        }
        unsafe view = pointer.assumingMemoryBound(to: Py_buffer.self)
    }

    /// The capsule that owns this probe, and releases its buffer at its end. Where it cannot be made, the probe is
    /// freed.
    func capsule() throws(PythonError) -> PythonObject {
        let capsule = unsafe PyCapsule_New(view, Self.cName) { capsule in
            guard let capsule = unsafe capsule, let probe = try? Probe(unsafe ObjectReference(pointer: capsule)) else {
                return
            }
            unsafe PyBuffer_Release(probe.view)
            unsafe probe.view.deallocate()
        }
        if unsafe capsule == nil { unsafe view.deallocate() }
        return try unsafe PythonObject(result: capsule)
    }

    /// Releases the buffer, once; with `throughCopy` through a copy of the struct, after the original is cleared.
    func release(throughCopy: Bool) {
        guard throughCopy else {
            unsafe PyBuffer_Release(view)
            return
        }
        let copy = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
        unsafe copy.initialize(to: view.pointee)
        unsafe view.pointee = Py_buffer()
        unsafe PyBuffer_Release(copy)
        unsafe copy.deallocate()
    }

    /// The fields as integers, the numbers first and without `obj`; None for one that was not filled in.
    func fields() throws(PythonError) -> PythonObject {
        let fields = unsafe view.pointee
        var tuple = try TupleBuilder(capacity: 9)
        for number in unsafe [fields.len, fields.itemsize] {
            try tuple.append(number == Self.unsetSize ? .none : PythonObject(number))
        }
        for number in unsafe [fields.readonly, fields.ndim] {
            try tuple.append(number == Self.unsetNumber ? .none : PythonObject(Int(number)))
        }
        let pointers: [UnsafeRawPointer?] = unsafe [
            UnsafeRawPointer(fields.buf), UnsafeRawPointer(fields.format), UnsafeRawPointer(fields.shape),
            UnsafeRawPointer(fields.strides), UnsafeRawPointer(fields.suboffsets),
        ]
        for index in unsafe pointers.indices {
            let isUnset = unsafe pointers[index] == UnsafeRawPointer(unset)
            try unsafe tuple.append(isUnset ? .none : PythonObject(address: pointers[index]))
        }
        return tuple.finish()
    }

    /// An address that no exporter gives: that of the second struct, which follows the first.
    private var unset: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(view + 1) }
    private static let unsetSize = Int.min + 0x5A5A
    private static let unsetNumber = CInt.min + 0x5A5A

    private static var cName: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

/// The functions that `swiftbuffer.check` is built on.
enum Checking {
    static var functions: [MethodDefinition] {
        [
            probe.method {
                probe.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try Checking.ask(call.object(0), call.request(1))
                }
            },
            probeRelease.method {
                probeRelease.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let throughCopy = try call.bool(1, default: false)
                    try Probe(call[0]).release(throughCopy: throughCopy)
                    return Checking.takeException()
                }
            },
            probeFields.method {
                probeFields.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try Probe(call[0]).fields()
                }
            },
            probeRead.method {
                probeRead.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let count = try call.byteCount(1, "size")
                    return try unsafe Checking.readable(call.address(0, count: count), count: count)
                }
            },
        ]
    }

    private static func ask(
        _ object: borrowing PythonObject, _ request: BufferRequest
    ) throws(PythonError) -> PythonObject {
        // What `view->obj` begins as: an object of our own, with a reference that an exporter may even drop.
        let marker = try PythonObject(listOf: 0) { (_) in .none }
        let probe = Probe(object: marker)
        // Made before there is a buffer to own.
        let capsule = try probe.capsule()
        let spare = unsafe marker.copy().intoPointer()
        let status = unsafe PyObject_GetBuffer(object.pointer, probe.view, request.rawValue)
        let error = takeException()
        let owner = unsafe probe.view.pointee.obj
        let isUntouched = unsafe owner == spare
        // Only a success hands a reference over.
        if isUntouched || status != 0 { unsafe probe.view.pointee.obj = nil }
        if unsafe sb_reference_count(marker.reference) > 1 { unsafe sb_decref(spare) }

        var result = try TupleBuilder(capacity: 5)
        try result.append(PythonObject(Int(status)))
        result.append(error)
        try result.append(PythonObject(isUntouched ? "untouched" : unsafe owner == nil ? "null" : "set"))
        try result.append(probe.fields())
        result.append(capsule)
        return result.finish()
    }

    /// The exception that a C function left set, or None.
    private static func takeException() -> PythonObject { PythonError.takePending() ?? .none }

    /// A copy of `count` bytes, or None if not all of them can be read.
    ///
    /// The operating system reads, into a pipe: for an address without memory it returns `EFAULT`, where a load would
    /// end the process.
    private static func readable(
        _ address: UnsafeMutableRawPointer?, count: Int
    ) throws(PythonError) -> PythonObject {
        guard count <= 4096 else { throw PythonError(.value, "size must be at most 4096, not \(count)") }
        var ends: (CInt, CInt) = (0, 0)
        let failed = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe pipe($0.baseAddress!.assumingMemoryBound(to: CInt.self))
        }
        guard failed == 0 else { throw PythonError(.runtime, "memory cannot be read: no pipe could be made") }
        defer {
            close(ends.0)
            close(ends.1)
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
        defer { unsafe bytes.deallocate() }
        // A pipe holds at least a page, so that neither end waits.
        guard unsafe count == 0 || sb_write(ends.1, address, count) == count,
            unsafe count == 0 || read(ends.0, bytes.baseAddress, count) == count
        else { return .none }
        return try unsafe PythonObject(bytes: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes).prefix(count)))
    }
}

private let probe = Callable(
    "_probe", "obj, flags",
    """
    Request a buffer of obj; return (status, exception, obj, fields, handle), also of a refusal.

    obj is 'set', 'null' or 'untouched': the state of view->obj. fields is (len, itemsize, readonly, ndim, buf, format,
    shape, strides, suboffsets) as integers, None for one that was not filled in. handle holds the buffer.
    """)
private let probeRelease = Callable(
    "_probe_release", "handle, copied=False",
    """
    Release a probe's buffer, with copied=True through a copy of the struct; return the exception that it left, or None.
    """)
private let probeFields = Callable(
    "_probe_fields", "handle", "Return the present fields of a probe, as _probe does.")
private let probeRead = Callable(
    "_probe_read", "address, size", "Return a copy of up to 4096 bytes of memory; None if it cannot be read.")
