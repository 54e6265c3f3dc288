internal import CPython
internal import CPythonShims
internal import PythonBuffers

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// One `Py_buffer` filled by an exporter that nobody trusts yet: what `swiftbuffer.check` looks through.
///
/// It stands on the heap, behind a capsule, and begins as no exporter would leave it, so that what was filled in can be
/// told from what was not. Nothing here follows a pointer that the exporter gave.
@safe
private struct Probe {
    static let name: StaticString = "swiftbuffer._core.probe"

    let view: UnsafeMutablePointer<Py_buffer>

    /// - Parameter object: what `view->obj` begins as; not a reference of the view's.
    init(object: ObjectReference) {
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

    /// The capsule that owns this probe and releases its buffer when it goes. Without room for one the probe is gone.
    func capsule() throws(PythonError) -> PythonObject {
        let capsule = unsafe PyCapsule_New(view, Self.cName) { capsule in
            guard let capsule = unsafe capsule, let probe = try? unsafe Probe(ObjectReference(pointer: capsule)) else {
                return
            }
            unsafe PyBuffer_Release(probe.view)
            unsafe probe.view.deallocate()
        }
        if unsafe capsule == nil { unsafe view.deallocate() }
        return try unsafe PythonObject(result: capsule)
    }

    /// Releases the buffer, once; where asked through a copy of the struct, with the original wiped.
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

    /// The fields as integers, in the order of the struct and without `obj`; None for one that was left as it was.
    func fields() throws(PythonError) -> PythonObject {
        let fields = unsafe view.pointee
        let pointers: [UnsafeRawPointer?] = unsafe [
            UnsafeRawPointer(fields.buf), UnsafeRawPointer(fields.format), UnsafeRawPointer(fields.shape),
            UnsafeRawPointer(fields.strides), UnsafeRawPointer(fields.suboffsets),
        ]
        let numbers = [
            unsafe known(fields.len, unless: Self.unsetSize), unsafe known(fields.itemsize, unless: Self.unsetSize),
            unsafe known(Int(fields.readonly), unless: Int(Self.unsetNumber)),
            unsafe known(Int(fields.ndim), unless: Int(Self.unsetNumber)),
        ]
        let tuple = try unsafe PythonObject(result: PyTuple_New(pointers.count + numbers.count))
        for (index, number) in numbers.enumerated() {
            guard let number else {
                unsafe sb_tuple_set(tuple.pointer, index, PythonObject.none.intoPointer())
                continue
            }
            unsafe sb_tuple_set(tuple.pointer, index, try PythonObject(number).intoPointer())
        }
        for index in unsafe pointers.indices {
            let place = numbers.count + index
            guard unsafe pointers[index] != UnsafeRawPointer(unset) else {
                unsafe sb_tuple_set(tuple.pointer, place, PythonObject.none.intoPointer())
                continue
            }
            let address = unsafe UnsafeMutableRawPointer(mutating: unsafe pointers[index])
            let object = try unsafe PythonObject(result: PyLong_FromVoidPtr(address))
            unsafe sb_tuple_set(tuple.pointer, place, object.intoPointer())
        }
        return tuple
    }

    private func known(_ number: Int, unless unset: Int) -> Int? { number == unset ? nil : number }

    /// An address that no exporter can give: that of the second, zeroed struct behind the first.
    private var unset: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(view + 1) }
    private static let unsetSize = Int.min + 0x5A5A
    private static let unsetNumber = CInt.min + 0x5A5A

    private static var cName: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

/// The functions of `_core` that `swiftbuffer.check` is built on.
enum Checking {
    static var functions: [MethodDefinition] {
        [
            probe.method {
                probe.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try Checking.ask(call[0], call.request(1))
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

    private static func ask(_ object: ObjectReference, _ request: BufferRequest) throws(PythonError) -> PythonObject {
        // Where `view->obj` points beforehand: an object of our own, with a reference that an exporter may even drop.
        let marker = try unsafe PythonObject(result: PyList_New(0))
        let probe = Probe(object: marker.reference)
        // Before there is a buffer that somebody must own.
        let capsule = try probe.capsule()
        unsafe sb_incref(marker.pointer)
        let status = unsafe PyObject_GetBuffer(object.pointer, probe.view, request.rawValue)
        let error = takeException()
        let answered = unsafe probe.view.pointee.obj
        let isUntouched = unsafe answered == marker.pointer
        // Only a success hands a reference over.
        if isUntouched || status != 0 { unsafe probe.view.pointee.obj = nil }
        if sb_reference_count(marker.reference) > 1 { unsafe sb_decref(marker.pointer) }

        let result = try unsafe PythonObject(result: PyTuple_New(5))
        unsafe sb_tuple_set(result.pointer, 0, try PythonObject(Int(status)).intoPointer())
        unsafe sb_tuple_set(result.pointer, 1, error.intoPointer())
        let owner = isUntouched ? "untouched" : unsafe answered == nil ? "null" : "set"
        unsafe sb_tuple_set(result.pointer, 2, try PythonObject(owner).intoPointer())
        unsafe sb_tuple_set(result.pointer, 3, try probe.fields().intoPointer())
        unsafe sb_tuple_set(result.pointer, 4, capsule.intoPointer())
        return result
    }

    /// The exception that a C function left behind, or None.
    private static func takeException() -> PythonObject {
        guard let exception = unsafe sb_take_exception() else { return .none }
        return unsafe PythonObject(owning: exception)
    }

    /// A copy of `count` bytes, or None if not all of them can be read.
    ///
    /// The kernel does the reading, into a pipe: for an address that nothing is mapped at it says `EFAULT`, where a load
    /// would end the process.
    private static func readable(
        _ address: UnsafeMutableRawPointer?, count: Int
    ) throws(PythonError) -> PythonObject {
        guard count <= 4096 else { throw PythonError(.value, "size must be at most 4096, not \(count)") }
        var ends: (CInt, CInt) = (0, 0)
        let failed = unsafe withUnsafeMutableBytes(of: &ends) {
            unsafe pipe($0.baseAddress!.assumingMemoryBound(to: CInt.self))
        }
        guard failed == 0 else { throw PythonError(.runtime, "no pipe to read memory through") }
        defer {
            close(ends.0)
            close(ends.1)
        }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
        defer { unsafe bytes.deallocate() }
        // An empty pipe holds a page at least, so that neither end waits.
        guard unsafe count == 0 || sb_write(ends.1, address, count) == count,
            unsafe count == 0 || read(ends.0, bytes.baseAddress, count) == count
        else { return .none }
        return try unsafe PythonObject(bytes: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes).prefix(count)))
    }
}

private let probe = Callable(
    "_probe", "obj, flags",
    """
    Ask obj for a buffer; return (status, exception, obj, fields, handle) whatever comes back.

    obj says what became of view->obj: 'set', 'null' or 'untouched'. fields is (len, itemsize, readonly, ndim, buf, format,
    shape, strides, suboffsets) as integers, None for one that was not filled in. handle holds the buffer.
    """)
private let probeRelease = Callable(
    "_probe_release", "handle, copied=False",
    "Release a probe's buffer, through a copy of the struct if asked; return the exception that it left, or None.")
private let probeFields = Callable(
    "_probe_fields", "handle", "The fields of a probe as they stand now, as _probe gives them.")
private let probeRead = Callable(
    "_probe_read", "address, size", "Copy up to 4096 bytes of memory; None if it cannot be read.")
