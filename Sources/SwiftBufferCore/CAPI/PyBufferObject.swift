// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.capi.Py_buffer`: a `Py_buffer` as an exporter filled it in, released once.
///
/// The export count of the object's own record counts the memoryviews that `PyMemoryView_FromBuffer` made of it, and
/// accesses to it: the buffer is released only when there are neither.
struct PyBufferObject: ~Copyable {
    var buffer: PythonBuffer?

    static let type = TypeDefinition(
        name: "swiftbuffer.capi.Py_buffer",
        documentation: """
            What an exporter filled into a C ``Py_buffer``, field by field; NULL is None.

            Made by the functions of :mod:`swiftbuffer.capi`. Holds the buffer until it is released: by
            :meth:`release`, at the end of a ``with`` block, or when the object is deallocated. After that every field
            raises ValueError.

            Source: "Buffer structure" in the C API manual.
            """,
        basicSize: Instance<PyBufferObject>.size,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { Instance<PyBufferObject>.deallocate($0) },
            unsafe .traverse { object, visitor, context in
                let status = unsafe visitType(of: object, visitor, context)
                if status != 0 { return status }
                let visited = unsafe Instance<PyBufferObject>.value(in: object).pointee.buffer?.visitedObject
                return unsafe visit(visited, visitor, context)
            },
            .representation { object in
                returningObject { () throws(PythonError) in try describe(object) }
            },
            unsafe .releaseBuffer { exporter, view in unsafe releaseExport(exporter, view) },
        ],
        methods: [
            releaseMethod.method {
                releaseMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try release(call.receiver)
                    return .none
                }
            },
            enterMethod.method {
                enterMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try withBuffer(of: call.receiver) { (_) throws(PythonError) in }
                    return PythonObject(borrowing: call.receiver)
                }
            },
            exitMethod.method {
                exitMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try release(call.receiver)
                    return .none
                }
            },
        ],
        properties: Field.allCases.map { field in
            PropertyDefinition(field.name, field.documentation, context: field.rawValue) { object, context in
                returningObject { () throws(PythonError) in
                    guard let field = Field(rawValue: context) else {
                        throw PythonError(.system, "no such field")
                    }
                    return try withBuffer(of: object) { (buffer) throws(PythonError) in
                        try field.value(of: buffer)
                    }
                }
            }
        })

    /// The Python object for a buffer.
    ///
    /// - Parameter module: the `_core` module of this interpreter.
    static func make(_ buffer: consuming PythonBuffer, in module: ObjectReference) throws(PythonError) -> PythonObject {
        let type = try moduleObject(CoreState.pyBufferType.rawValue, of: module)
        return try Instance<PyBufferObject>.make(of: type, PyBufferObject(buffer: buffer))
    }

    /// Whether `object` is an instance of ``type``, as the `_core` module of this interpreter has it.
    static func isInstance(_ object: ObjectReference, in module: ObjectReference) throws(PythonError) -> Bool {
        // The type has no subclasses.
        let type = try moduleObject(CoreState.pyBufferType.rawValue, of: module)
        return unsafe object.type.pointer == type.pointer
    }

    /// A memoryview of what a `Py_buffer` object describes, which cannot be released until the view's memory is.
    ///
    /// - Precondition: `object` is an instance of ``type``.
    static func memoryView(of object: ObjectReference) throws(PythonError) -> PythonObject {
        let count = ExportCount(of: object)
        guard count.retain() else { throw released }
        do {
            // From here on the memoryview releases the count, through `bf_releasebuffer`.
            return try unsafe PythonObject(
                memoryViewOf: Instance<PyBufferObject>.value(in: object).pointee.buffer!,
                keptBy: PythonObject(borrowing: object))
        } catch {
            count.release()
            throw error
        }
    }

    /// Runs `body` on the buffer of a `Py_buffer` object, which cannot be released meanwhile.
    ///
    /// - Throws: `ValueError` if it is released, and what `body` throws.
    /// - Precondition: `object` is an instance of ``type``.
    static func withBuffer<Result: ~Copyable>(
        of object: ObjectReference, _ body: (borrowing PythonBuffer) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let count = ExportCount(of: object)
        guard count.retain() else { throw released }
        defer { count.release() }
        // Not released, so the buffer is there until the count is released.
        return try unsafe body(Instance<PyBufferObject>.value(in: object).pointee.buffer!)
    }

    /// Releases the buffer; does nothing the second time.
    static func release(_ object: ObjectReference) throws(PythonError) {
        let count = ExportCount(of: object)
        while !count.close() {
            let left = count.value
            if left < 0 { return }
            // None left: another thread has released the last one in between.
            if left == 0 { continue }
            let memoryViews = left == 1 ? "1 memoryview of it is" : "\(left) memoryviews of it are"
            throw PythonError(.buffer, "cannot release the Py_buffer: \(memoryViews) alive")
        }
        unsafe Instance<PyBufferObject>.value(in: object).pointee.buffer = nil
    }

    private static var released: PythonError { PythonError(.value, "the Py_buffer is released") }

    private static func describe(_ object: ObjectReference) throws(PythonError) -> PythonObject {
        guard ExportCount(of: object).value >= 0 else { return try PythonObject("<Py_buffer, released>") }
        var text = "<Py_buffer"
        try withBuffer(of: object) { (buffer) throws(PythonError) in
            for field in Field.allCases {
                text += " \(field.name)=\(try field.text(of: buffer))"
            }
        }
        return try PythonObject(text + ">")
    }
}

private let releaseMethod = Callable(
    "release", "",
    """
    Release the buffer; further calls do nothing.

    Raises BufferError while memoryviews made of it are alive. O(1). Source: ``PyBuffer_Release``.
    """)
private let enterMethod = Callable("__enter__", "", "Return the object itself.")
private let exitMethod = Callable("__exit__", "exc_type=None, exc_value=None, traceback=None, /", "Release the buffer.")

/// The fields of the C struct, in its order.
private enum Field: Int, CaseIterable {
    case buf, obj, len, itemsize, readonly, ndim, format, shape, strides, suboffsets, `internal`

    var name: StaticString {
        switch self {
        case .buf: "buf"
        case .obj: "obj"
        case .len: "len"
        case .itemsize: "itemsize"
        case .readonly: "readonly"
        case .ndim: "ndim"
        case .format: "format"
        case .shape: "shape"
        case .strides: "strides"
        case .suboffsets: "suboffsets"
        case .internal: "internal"
        }
    }

    var documentation: String {
        switch self {
        case .buf: "The address of item (0, ..., 0), as an integer."
        case .obj: "The exporter, kept alive by this buffer."
        case .len: "The length in bytes: the product of shape and itemsize."
        case .itemsize: "The bytes of one item."
        case .readonly: "Whether the memory must not be written, as the exporter filled it in: 0 for no."
        case .ndim: "The number of dimensions."
        case .format: "The struct-style format of one item, a str."
        case .shape: "The lengths of the axes, a tuple of ints."
        case .strides: "The bytes from one item to the next along each axis, a tuple of ints."
        case .suboffsets: "The suboffset of each axis, a tuple of ints; negative where no pointer is followed."
        case .internal: "The exporter's own pointer, as an integer."
        }
    }

    func value(of buffer: borrowing PythonBuffer) throws(PythonError) -> PythonObject {
        // The exporter's pointers hold `ndim` entries while the buffer is held.
        let view = unsafe buffer.view.pointee
        let ndim = unsafe Int(view.ndim)
        switch self {
        case .buf: return try unsafe Self.address(view.buf)
        case .obj: return buffer.exporter ?? .none
        case .len: return try unsafe PythonObject(view.len)
        case .itemsize: return try unsafe PythonObject(view.itemsize)
        case .readonly: return try unsafe PythonObject(Int(view.readonly))
        case .ndim: return try PythonObject(ndim)
        case .format:
            guard let format = unsafe view.format else { return .none }
            return try unsafe PythonObject(text: format)
        case .shape: return try unsafe Self.entries(view.shape, ndim)
        case .strides: return try unsafe Self.entries(view.strides, ndim)
        case .suboffsets: return try unsafe Self.entries(view.suboffsets, ndim)
        case .internal: return try unsafe Self.address(view.internal)
        }
    }

    /// The value as `repr` shows it: addresses in hexadecimal, and of the exporter only its type, since its own
    /// representation may be long, or contain this object.
    func text(of buffer: borrowing PythonBuffer) throws(PythonError) -> String {
        let value = try value(of: buffer)
        guard !value.isNone else { return "None" }
        switch self {
        case .buf, .internal: return try unsafe PythonObject(result: PyNumber_ToBase(value.pointer, 16)).string()
        case .obj: return "<\(value.typeName)>"
        default: return try value.representation()
        }
    }

    /// - Throws: `BufferError` or `ValueError` for numbers of entries that no exporter may have.
    private static func entries(_ values: UnsafePointer<Int>?, _ ndim: Int) throws(PythonError) -> PythonObject {
        if unsafe values != nil { try BufferAnswer.checkDimensions(ndim) }
        return try unsafe PythonObject(tupleAt: values, count: ndim)
    }

    private static func address(_ pointer: UnsafeMutableRawPointer?) throws(PythonError) -> PythonObject {
        guard let pointer = unsafe pointer else { return .none }
        return try unsafe PythonObject(address: pointer)
    }
}
