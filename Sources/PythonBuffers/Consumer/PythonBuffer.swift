// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import CPython
public import CPythonShims

/// A buffer acquired from a Python object: its memory stays in place until this value ends, which releases it once.
///
/// The `Py_buffer` itself is kept at one address, because exporters may let it point into itself: `bytes` answers with
/// a shape that is the address of `len`. Acquiring and ending need an attached thread state (the GIL).
///
/// Source: `PyObject_GetBuffer`, `PyBuffer_Release`, `PyBuffer_FillInfo`.
@safe
public struct PythonBuffer: ~Copyable {
    /// How the buffer was acquired, which decides how it is released.
    @unsafe private enum Origin {
        /// `PyObject_GetBuffer`: ended by `PyBuffer_Release`.
        case acquired
        /// The same, into a `Py_buffer` that belongs to the caller.
        case lent
        /// `PyBuffer_FillInfo` outside of a getbuffer: no export was counted, so only the reference is dropped.
        case filled
        /// A copy of the `Py_buffer` in a memoryview; `pin` keeps the memoryview from being released.
        case observed(pin: UnsafeMutablePointer<Py_buffer>)
    }

    /// What the exporter filled in. It stays at this address while the buffer is held.
    package let view: UnsafeMutablePointer<Py_buffer>
    private let origin: Origin
    /// Whether an answer without a shape is one without dimensions.
    private let isShapeRequested: Bool

    private init(_ view: UnsafeMutablePointer<Py_buffer>, _ origin: Origin, isShapeRequested: Bool = false) {
        unsafe self.view = view
        self.isShapeRequested = isShapeRequested
        unsafe self.origin = origin
    }

    /// Acquires the buffer of `object`.
    ///
    /// - Throws: `TypeError` if the object has none, `BufferError` if it refuses the request, and whatever else the
    ///   exporter raises.
    public init(_ object: borrowing PythonObject, _ request: BufferRequest = .fullReadOnly) throws(PythonError) {
        try unsafe self.init(object.reference, request)
    }

    /// Acquires the buffer of an object that the caller keeps alive for the length of the call.
    ///
    /// - Parameter readsAllFormats: `false` to be answered as any other consumer is, which is not shown small floats.
    @usableFromInline package init(
        _ object: ObjectReference, _ request: BufferRequest = .fullReadOnly, readsAllFormats: Bool = true
    ) throws(PythonError) {
        let view = unsafe Self.allocate()
        let status =
            unsafe readsAllFormats
            ? sb_acquire_buffer(object.pointer, view, request.rawValue)
            : PyObject_GetBuffer(object.pointer, view, request.rawValue)
        guard status == 0 else {
            // `view` is not read: exporters leave anything in it when they refuse.
            unsafe view.deallocate()
            throw PythonError.pending(acquiring: object)
        }
        unsafe self.init(view, .acquired, isShapeRequested: request.contains(.shape))
    }

    /// Runs `body` with the buffer of an object that the caller keeps alive; it is released when `body` returns. Unlike
    /// one that may be kept, it needs no allocation.
    @usableFromInline
    package static func acquiring<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (borrowing PythonBuffer) throws -> Result
    ) throws -> Result {
        let request = BufferRequest.fullReadOnly
        var view = unsafe Py_buffer()
        // Exporters may let the buffer point into itself, so it stays at one address.
        return try unsafe withUnsafeMutablePointer(to: &view) { (view) throws -> Result in
            guard unsafe sb_acquire_buffer(object.pointer, view, request.rawValue) == 0 else {
                throw PythonError.pending(acquiring: object)
            }
            let buffer = unsafe PythonBuffer(view, .lent, isShapeRequested: true)
            return try body(buffer)
        }
    }

    /// Describes contiguous bytes as an exporter of plain memory would.
    ///
    /// `object` is kept alive, but its release function is never called, since no export was counted. `nil` stands for
    /// NULL: memory without an owner.
    ///
    /// - Throws: `BufferError` where the request does not fit, `ValueError` for a negative length; from Python 3.13 on
    ///   `SystemError` for `PyBUF_READ` and `PyBUF_WRITE`, which are not requests.
    /// - Precondition: `memory` is the start of `count` bytes that stay while this buffer is held and used.
    /// - Source: `PyBuffer_FillInfo`.
    @unsafe
    public init(
        filling object: ObjectReference?, memory: UnsafeMutableRawPointer?, count: Int, isReadOnly: Bool,
        _ request: BufferRequest
    ) throws(PythonError) {
        guard count >= 0 else { throw PythonError(.value, "a length cannot be negative: \(count)") }
        let view = unsafe Self.allocate()
        // The C function tests `readonly == 1`, so that any other truth would slip through.
        guard unsafe PyBuffer_FillInfo(view, object?.pointer, memory, count, isReadOnly ? 1 : 0, request.rawValue) == 0
        else {
            unsafe view.deallocate()
            throw PythonError.pending()
        }
        unsafe self.init(view, .filled)
    }

    /// The buffer that a memoryview itself holds, as `PyMemoryView_GET_BUFFER` shows it.
    ///
    /// - Throws: `TypeError` for any other object, `ValueError` for a released memoryview.
    public init(observing memoryView: borrowing PythonObject) throws(PythonError) {
        guard unsafe memoryView.reference.isMemoryView else {
            throw PythonError(.type, "expected a memoryview, not \(memoryView.typeName)")
        }
        // Acquired first: it refuses a released view, and keeps this one from being released while its buffer is read.
        let pin = unsafe Self.allocate()
        guard unsafe PyObject_GetBuffer(memoryView.pointer, pin, BufferRequest.fullReadOnly.rawValue) == 0 else {
            unsafe pin.deallocate()
            throw PythonError.pending()
        }
        let view = unsafe Self.allocate()
        unsafe view.pointee = sb_memoryview_buffer(memoryView.pointer).pointee
        unsafe self.init(view, .observed(pin: pin), isShapeRequested: true)
    }

    /// The buffer of a `s*`, `y*`, `z*` or `w*` argument, filled by `PyArg_ParseTuple` at an address made by
    /// ``allocate()``. Takes over both.
    init(parsed view: UnsafeMutablePointer<Py_buffer>) {
        unsafe self.init(view, .acquired)
    }

    /// Room for a `Py_buffer`, all zero.
    static func allocate() -> UnsafeMutablePointer<Py_buffer> {
        let view = UnsafeMutablePointer<Py_buffer>.allocate(capacity: 1)
        unsafe view.initialize(to: Py_buffer())
        return unsafe view
    }

    deinit {
        switch unsafe origin {
        case .acquired:
            unsafe PyBuffer_Release(view)
        case .lent:
            unsafe PyBuffer_Release(view)
            return
        case .filled:
            if let object = unsafe view.pointee.obj { unsafe sb_decref(object) }
        case .observed(let pin):
            unsafe PyBuffer_Release(pin)
            unsafe pin.deallocate()
        }
        unsafe view.deallocate()
    }

    /// Runs `body` with what the exporter filled in, which is valid until `body` returns: for calls of C functions.
    @unsafe
    public borrowing func withUnsafeBuffer<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafePointer<Py_buffer>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafePointer(view))
    }

    /// The Python object that the collector reaches through this buffer.
    package var visitedObject: ObjectReference? {
        switch unsafe origin {
        case .acquired, .lent, .filled: unsafe OptionalObjectReference(pointer: view.pointee.obj).object
        case .observed(let pin): unsafe OptionalObjectReference(pointer: pin.pointee.obj).object
        }
    }

    /// The exporter, or `nil` if it exports without an owner.
    public var exporter: PythonObject? {
        guard let object = unsafe view.pointee.obj else { return nil }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: object))
    }

    /// Whether the memory must not be written.
    public var isReadOnly: Bool { unsafe view.pointee.readonly != 0 }
    /// The length of the memory in bytes, were it contiguous.
    public var byteCount: Int { unsafe view.pointee.len }
    /// The bytes of one item; 1 where the exporter gave neither shape nor format, since plain bytes have no items.
    public var itemsize: Int { unsafe BufferAnswer.itemsize(view, isShapeRequested: isShapeRequested) }
    /// The number of dimensions, at most 64.
    public var ndim: Int { unsafe Int(view.pointee.ndim) }

    /// The format string; `B` where the exporter gave none, as the protocol says.
    public var format: String {
        guard let format = unsafe view.pointee.format else { return "B" }
        return unsafe String(cString: format)
    }

    /// Shape, strides and suboffsets, with what was left NULL filled in.
    ///
    /// - Throws: `BufferError` if the exporter returned an inconsistent `Py_buffer`, `ValueError` for more than 64
    ///   dimensions.
    public var layout: Layout {
        get throws(PythonError) { try withAnswer { (answer) throws(PythonError) in try answer.copyLayout() } }
    }

    /// Runs `body` on what the exporter answered, checked; see ``layout``.
    func withAnswer<Result: ~Copyable>(
        _ body: (borrowing BufferAnswer) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try unsafe BufferAnswer.reading(view, isShapeRequested: isShapeRequested, body)
    }

    /// Whether the memory is contiguous in `order`.
    ///
    /// - Source: `PyBuffer_IsContiguous`.
    public func isContiguous(_ order: Order) -> Bool {
        // The C function reads as many lengths as the exporter says that there are.
        guard (0...maximumDimensions).contains(ndim) else { return false }
        // Without a shape the items are contiguous; in Fortran order the C function would read the shape all the same.
        if unsafe view.pointee.shape == nil && view.pointee.suboffsets == nil { return true }
        return unsafe PyBuffer_IsContiguous(view, order.character) != 0
    }
}

extension Order {
    /// The letter of the C API.
    var character: CChar {
        switch self {
        case .c: CChar(UInt8(ascii: "C"))
        case .fortran: CChar(UInt8(ascii: "F"))
        case .any: CChar(UInt8(ascii: "A"))
        }
    }

    /// The order that `"C"`, `"F"` or `"A"` names.
    ///
    /// - Throws: `ValueError` for anything else, which the C functions would take for one of them or none.
    public init(_ letter: String) throws(PythonError) {
        switch letter {
        case "C": self = .c
        case "F": self = .fortran
        case "A": self = .any
        default: throw PythonError(.value, "order must be 'C', 'F' or 'A', not '\(letter)'")
        }
    }
}
