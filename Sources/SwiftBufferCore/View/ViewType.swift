// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

extension ViewObject {
    static let type = unsafe TypeDefinition(
        name: "swiftbuffer.View",
        documentation: """
            View(object)
            --

            A view of the memory of any exporter, shared without a copy: a memoryview for all layouts and formats.

            Indexing follows NumPy's basic indexing for every layout, pointers (suboffsets) included: one integer a
            dimension gives an item, anything else a View of the same memory; a name gives the field of structures.
            Items of the formats of PEP 3118 are read and written, but for bit fields and pointers to objects; what goes
            through Python as a float has its precision. Assignment broadcasts.

            ``object`` is any exporter, or has the memory of one by ``__array_interface__``. Raises TypeError for an
            object without a buffer, ValueError for an inconsistent answer, and what the exporter raises. O(1).

            >>> v = swiftbuffer.View(b'abcdef').cast('B', (2, 3))
            >>> v[:, ::-1].tolist()
            [[99, 98, 97], [102, 101, 100]]

            Source: "MemoryView objects" in the C API manual, and ``memoryview`` in the library reference.
            """,
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence, .collected],
        slots: slots, methods: MemorySlots.methods + methods,
        properties: MemoryProperty.definitions + [ShapeMethods.transposed, object],
        weakReferenceOffset: ObjectFields.weakReferenceOffset)

    /// The type of views without dimensions: a view that is a number besides, see ``SingleItemSlots``.
    static let singleItemType = unsafe TypeDefinition(
        name: "swiftbuffer.View", documentation: "A View without dimensions, which converts as its item does.",
        basicSize: MemoryLayout<SBMemory>.size, itemSize: MemoryLayout<Int>.size,
        flags: [.sequence, .collected],
        slots: slots + SingleItemSlots.slots, methods: SingleItemSlots.methods)

    private static let slots: [TypeSlot] =
        MemorySlots.slots + [
            .new { type, arguments, keywords in new(type, arguments, keywords) },
            .deallocate { deallocate($0) },
            unsafe .traverse { view, visitor, context in
                let status = unsafe visitType(of: view, visitor, context)
                if status != 0 { return status }
                return unsafe visit(ObjectFields(of: view).owner, visitor, context)
            },
            .clear { clear($0) },
            .representation { view in
                returningObject { () throws(PythonError) in
                    try MemoryObject(view).representation("swiftbuffer.View", released: "memory of swiftbuffer.View")
                }
            },
            .hash { view in
                returningInteger { () throws(PythonError) in try MemoryObject(view).hash() }
            },
            .binary(.multiply) { NumPyNames.refuse($0, .multiply, $1) },
        ]

    private static let object = PropertyDefinition(
        "obj",
        """
        The object whose memory the view shows, the one behind a memoryview; None where the exporter has no owner.

        >>> swiftbuffer.View(b'abc')[1:].obj
        b'abc'
        """
    ) { view, _ in
        returningObject { () throws(PythonError) in
            try MemoryObject(view).withReadAccess { (contents) in
                guard let owner = contents.owner, let exporter = Lease.exporter(of: owner) else {
                    return .none
                }
                let root = ExporterFormat.root(of: exporter)
                return root.isMemoryView ? .none : PythonObject(borrowing: root)
            }
        }
    }

    private static let methods: [MethodDefinition] =
        [
            releaseMethod.method {
                let view = $0
                return releaseMethod.callAlone(view, $1, $2, $3) { () throws(PythonError) in
                    try release(view)
                    return .none
                }
            },
            enter.method {
                let view = $0
                return enter.callAlone(view, $1, $2, $3) { () throws(PythonError) in
                    try MemoryObject(view).withReadAccess { (_) in }
                    return PythonObject(borrowing: view)
                }
            },
            exit.method {
                exit.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try release(call.receiver)
                    return .none
                }
            },
            fromFlags.method(flags: METH_CLASS) {
                if let made = acquireFast($0, $1, $2, $3) { return made }
                return fromFlags.call($0, $1, $2, $3) { (call) throws(PythonError) in try acquire(call) }
            },
            privateFromFlags.method(flags: METH_CLASS) {
                privateFromFlags.call($0, $1, $2, $3) { (call) throws(PythonError) in try acquire(call) }
            },
            classItem.method(flags: METH_CLASS) {
                classItem.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try unsafe PythonObject(result: Py_GenericAlias(call.receiver.pointer, call[0].pointer))
                }
            },
            sizeof.method {
                let view = $0
                guard FastArguments.none($2, $3) else { return sizeof.refuse(view, $1, $2, $3) }
                return returningObject { () throws(PythonError) in
                    let fields = ObjectFields(of: view)
                    let parts = unsafe fields.record.suboffsets == nil ? 2 : 3
                    return try PythonObject(ObjectFields.size + fields.ndim * parts * MemoryLayout<Int>.size)
                }
            },
        ]

    /// The fast path for two arguments by position, the second a small int; `nil` for others.
    private static func acquireFast(
        _ type: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult? {
        guard FastArguments.areOnly(2, count, keywords),
            let flags = CInt(exactly: sb_small_int(FastArguments.argument(1, arguments)))
        else { return nil }
        return returningObject { () throws(PythonError) in
            try make(
                ViewTypes(ofModuleOf: type), of: FastArguments.argument(0, arguments), BufferRequest(rawValue: flags))
        }
    }

    private static func acquire(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        guard let flags = try CInt(exactly: call.int(1)) else {
            throw PythonError(.overflow, "flags must fit in a C int")
        }
        return try make(
            ViewTypes(ofModuleOf: call.receiver), of: call[0], BufferRequest(rawValue: flags))
    }

    private static func new(
        _ type: ObjectReference, _ arguments: OptionalObjectReference, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            let bound = try newView.bind(type, tuple: arguments, dictionary: keywords)
            return try make(ViewTypes(ofModuleOf: type), of: bound[0])
        }
    }

    /// `View(object)` called by CPython without a tuple of arguments in between.
    static func enableVectorcall(of type: borrowing PythonObject) {
        unsafe sb_set_vectorcall(
            type.typePointer, swiftbuffer_view)
    }

    /// The slow path, for anything but one positional argument: it has the errors.
    @inline(never)
    fileprivate static func call(
        _ type: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        newView.call(type, arguments, count, keywords) { (call) throws(PythonError) in
            try make(ViewTypes(ofModuleOf: call.receiver), of: call[0])
        }
    }
}

/// `View(object)`: what CPython calls without a tuple of arguments in between. A C function itself, as are the slots that
/// are called most, since a closure is called through one more jump.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_view(
    _ type: ObjectReference, _ arguments: SBArguments, _ flags: Int, _ keywords: OptionalObjectReference
) -> ObjectResult {
    // The highest bit says that the place before the arguments may be written to.
    let count = flags & Int.max
    guard count == 1, let object = unsafe arguments.pointer.unsafelyUnwrapped[0], keywords.object == nil else {
        return ViewObject.call(type, arguments, count, keywords)
    }
    return returningObject { () throws(PythonError) in
        try ViewObject.make(ViewTypes(ofModuleOf: type), of: unsafe ObjectReference(pointer: object))
    }
}

private let newView = Callable("View", "object", "")
private let releaseMethod = Callable(
    "release", "",
    """
    Release the buffer; every use of the view afterwards raises ValueError. Views made from it remain valid.

    Raises BufferError while exports of the view are outstanding, with their number. O(1). Source:
    ``memoryview.release``.

    >>> v = swiftbuffer.View(bytearray(3))
    >>> v.release()
    """)
private let enter = Callable("__enter__", "", "Return the view itself.")
private let exit = Callable("__exit__", "type=None, value=None, traceback=None, /", "Release the view.")
private let fromFlags = Callable(
    "from_flags", "object, flags",
    """
    Return a View of a buffer of ``object`` acquired with these ``flags``, see :class:`swiftbuffer.BufferFlags`.

    Raises BufferError if the object refuses them. O(1). Source: ``memoryview._from_flags``.

    >>> swiftbuffer.View.from_flags(bytearray(3), swiftbuffer.BufferFlags.WRITABLE).readonly
    False
    """)
private let privateFromFlags = Callable(
    "_from_flags", "object, flags", "As from_flags; the name that memoryview has.")
private let classItem = Callable("__class_getitem__", "item, /", "Return View[item], for annotations.")
private let sizeof = Callable("__sizeof__", "", "Return the size of the object in bytes, without that of its memory.")
