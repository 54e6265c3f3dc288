// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

extension TestArray {
    static let type = TypeDefinition(
        name: "swiftbuffer.testing.ndarray",
        documentation: """
            ndarray(obj, shape=..., strides=(), offset=0, format='B', flags=0, getbuf=PyBUF_FULL_RO)
            --

            An exporter of any structure: CPython's private _testbuffer.ndarray.

            With a shape, obj is a list or tuple of items (a single item for shape ()), which are packed one after the
            other as struct does; an item of several values is a tuple. shape, strides (in bytes) and offset then
            describe the array inside of that memory, and flags is made of ND_WRITABLE, ND_FORTRAN (order of memory
            where no strides are given), ND_PIL (the first axis goes through pointers, with suboffsets), ND_VAREXPORT
            (push and pop work while exports are outstanding), ND_GETBUF_FAIL and ND_GETBUF_UNDEFINED (requests are refused).

            Without a shape, obj is an exporter, and the array shows and re-exports the buffer that a request with the flags
            getbuf gives: an array of a PyBUF_SIMPLE buffer has neither shape nor format. The one flag then is
            ND_REDIRECT, which passes requests on to obj.

            Raises struct.error for a format or value that struct refuses, ValueError for items outside of the memory or
            unaligned to their size, TypeError, OverflowError. O(items). Source: CPython's private _testbuffer.ndarray.
            """,
        basicSize: Instance<TestArray>.size,
        flags: [.collected],
        slots: [
            .new { type, arguments, keywords in
                returningObject { () throws(PythonError) in
                    try make(
                        PythonObject(borrowing: type),
                        constructor.bind(type, tuple: arguments, dictionary: keywords))
                }
            },
            .deallocate { Instance<TestArray>.deallocate($0) },
            unsafe .traverse { object, visitor, context in
                let status = unsafe visitType(of: object, visitor, context)
                return unsafe status != 0 ? status : TestArrayObject(object).visit(visitor, context)
            },
            unsafe .buffer { object, view, flags in
                guard let object = unsafe object, let view = unsafe view else { return -1 }
                return unsafe TestArrayObject(ObjectReference(pointer: object)).export(view, flags)
            },
            unsafe .releaseBuffer { object, view in
                guard let object = unsafe object, let view = unsafe view else { return }
                unsafe TestArrayObject(ObjectReference(pointer: object)).release(view)
            },
            .item { object, index in
                returningObject { () throws(PythonError) in try TestArrayObject(object).item(index) }
            },
            .subscripting { object, key in
                returningObject { () throws(PythonError) in
                    try TestArrayObject(object).part(PythonObject(borrowing: key))
                }
            },
            .assignSubscript { object, key, value in
                returningStatus { () throws(PythonError) in
                    let array = TestArrayObject(object)
                    try array.checkWritable()
                    guard let value = value.object else { throw PythonError(.type, "items cannot be deleted") }
                    try array.assign(PythonObject(borrowing: value), at: PythonObject(borrowing: key))
                }
            },
            .hash { object in
                returningInteger { () throws(PythonError) in
                    let shown = TestArrayObject(object).shown
                    guard shown.isReadOnly else { throw PythonError(.value, "a writable array has no hash") }
                    return try shown.bytes().hash()
                }
            },
        ],
        methods: methods, properties: properties)

    private static func make(
        _ type: borrowing PythonObject, _ call: borrowing Arguments
    ) throws(PythonError) -> PythonObject {
        let offset = try call.int(3, default: 0)
        let flags = try call.testFlags(5)
        guard call.isGiven(1) else {
            guard call.object(0).isExporter else {
                throw PythonError(.type, "a shape is needed, unless obj is an exporter")
            }
            let isPlain = try call.string(4, default: "B") == "B"
            guard !call.isGiven(2) && offset == 0 && isPlain && flags.isSubset(of: .redirect) else {
                throw PythonError(.type, "an array of an exporter takes obj, getbuf and the flag ND_REDIRECT alone")
            }
            let request = try call.isGiven(6) ? call.request(6) : .fullReadOnly
            return try TestArrayObject.make(type, TestBuffer.acquired(from: call.object(0), request, flags: flags))
        }
        guard !call.isGiven(6) else {
            throw PythonError(.type, "getbuf is for arrays of an exporter, without a shape")
        }
        return try TestArrayObject.make(
            type, TestBuffer.make(call.structure(flags: flags.subtracting(.variableExport), offset: offset)),
            isVariable: flags.contains(.variableExport))
    }

    private static let methods: [MethodDefinition] =
        [
            tolist.method {
                tolist.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try TestArrayObject(call.receiver).shown.list()
                }
            },
            tobytes.method {
                tobytes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try TestArrayObject(call.receiver).shown.bytes()
                }
            },
            pushMethod.method {
                pushMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let flags = try call.testFlags(5)
                    if flags.contains(.variableExport) {
                        throw PythonError(.value, "ND_VAREXPORT is given when an array is made")
                    }
                    let array = TestArrayObject(call.receiver)
                    // Before Python code runs for the items; `push` checks again.
                    try array.checkChangeable()
                    try array.push(TestBuffer.make(call.structure(flags: flags, offset: call.int(3, default: 0))))
                    return .none
                }
            },
            popMethod.method {
                popMethod.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try TestArrayObject(call.receiver).pop()
                    return .none
                }
            },
            addSuboffsets.method {
                addSuboffsets.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try TestArrayObject(call.receiver).addIdleSuboffsets()
                    return .none
                }
            },
            memoryviewFromBuffer.method {
                memoryviewFromBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try TestArrayObject(call.receiver).memoryView()
                }
            },
        ]

    private static let properties: [PropertyDefinition] = Attribute.allCases.map { attribute in
        PropertyDefinition(attribute.name, attribute.documentation, context: attribute.rawValue) {
            object, context in
            returningObject { () throws(PythonError) in
                guard let attribute = Attribute(rawValue: context) else {
                    throw PythonError(.system, "no such attribute")
                }
                return try attribute.value(of: TestArrayObject(object).shown)
            }
        }
    }
}

extension Arguments {
    /// Whether the argument was given.
    fileprivate func isGiven(_ index: Int) -> Bool { reference(index) != nil }

    /// What the arguments of `ndarray` and `push` describe.
    fileprivate func structure(flags: TestFlags, offset: Int) throws(PythonError) -> TestBuffer.Description {
        try TestBuffer.Description(
            items: object(0), shape: object(1), strides: isGiven(2) ? object(2) : PythonObject(tuple: Span()),
            offset: offset, format: string(4, default: "B"), flags: flags)
    }

    /// `ND_*` flags.
    fileprivate func testFlags(_ index: Int) throws(PythonError) -> TestFlags {
        let value = try int(index, default: 0)
        guard let flags = CInt(exactly: value) else {
            throw PythonError(.overflow, "flags must fit in a C int, not \(value)")
        }
        return TestFlags(rawValue: flags)
    }
}

private let constructor = Callable(
    "ndarray", "obj, shape=..., strides=(), offset=0, format='B', flags=0, getbuf=284", "")
private let tolist = Callable(
    "tolist", "",
    """
    Return the items as nested lists, a tuple for an item of several values.

    Raises struct.error for items that struct does not read. O(items). Source: ``memoryview.tolist``.
    """)
private let tobytes = Callable(
    "tobytes", "", "Return the items as bytes in C order. O(items). Source: ``memoryview.tobytes``.")
private let pushMethod = Callable(
    "push", "items, shape, strides=(), offset=0, format='B', flags=0",
    """
    Show another structure, with memory of its own, until pop.

    items, shape, strides, offset, format and flags are as for ndarray. Raises BufferError while exports are outstanding,
    unless the array was made with ND_VAREXPORT, and what ndarray raises. O(items). Source: CPython's private _testbuffer.
    """)
private let popMethod = Callable(
    "pop", "",
    """
    Show the structure before the last push again.

    Raises BufferError if there is none, or while exports of the present one are outstanding. O(1). Source: CPython's
    private _testbuffer.
    """)
private let addSuboffsets = Callable(
    "add_suboffsets", "",
    """
    Add suboffsets that are all -1, along which no pointer is followed.

    Raises TypeError where there are suboffsets. O(ndim). Source: CPython's private _testbuffer.
    """)
private let memoryviewFromBuffer = Callable(
    "memoryview_from_buffer", "",
    """
    Return a memoryview made by PyMemoryView_FromBuffer, whose obj is None.

    Raises TypeError unless the memory is this array's or that of an array it was made of. O(ndim). Source:
    PyMemoryView_FromBuffer.
    """)

/// The attributes of an array, read from the structure that it shows.
private enum Attribute: Int, CaseIterable {
    case flags, offset, obj, nbytes, readonly, itemsize, format, ndim, shape, strides, suboffsets
    case cContiguous, fContiguous, contiguous

    var name: StaticString {
        switch self {
        case .flags: "flags"
        case .offset: "offset"
        case .obj: "obj"
        case .nbytes: "nbytes"
        case .readonly: "readonly"
        case .itemsize: "itemsize"
        case .format: "format"
        case .ndim: "ndim"
        case .shape: "shape"
        case .strides: "strides"
        case .suboffsets: "suboffsets"
        case .cContiguous: "c_contiguous"
        case .fContiguous: "f_contiguous"
        case .contiguous: "contiguous"
        }
    }

    var documentation: String {
        switch self {
        case .flags: "The ND_* flags, those that follow from the structure included."
        case .offset: "The bytes from the start of the memory to the first item; -1 for memory of another exporter."
        case .obj: "The obj of the acquired buffer; None for memory of the array's own."
        case .nbytes: "The length in bytes, were the memory contiguous."
        case .readonly: "Whether the memory must not be written."
        case .itemsize: "The bytes of one item."
        case .format: "The format of one item; empty for NULL."
        case .ndim: "The number of dimensions."
        case .shape: "The lengths of the axes; empty for NULL."
        case .strides: "The bytes from one item to the next along each axis; empty for NULL."
        case .suboffsets: "The suboffsets; empty for NULL."
        case .cContiguous: "Whether the memory is contiguous in C order."
        case .fContiguous: "Whether the memory is contiguous in Fortran order."
        case .contiguous: "Whether the memory is contiguous in either order."
        }
    }

    func value(of shown: TestBuffer) throws(PythonError) -> PythonObject {
        switch self {
        case .flags: return try PythonObject(Int(shown.flags.rawValue))
        case .offset: return try PythonObject(shown.offset)
        case .obj:
            guard let object = shown.exporter else { return .none }
            return PythonObject(borrowing: object)
        case .nbytes: return try PythonObject(shown.length)
        case .readonly: return PythonObject(shown.isReadOnly)
        case .itemsize: return try PythonObject(shown.layout.itemsize)
        case .format: return try PythonObject(shown.format ?? "")
        case .ndim: return try PythonObject(shown.ndim)
        case .shape: return try PythonObject(tuple: shown.shape.span)
        case .strides: return try PythonObject(tuple: shown.strides.span)
        case .suboffsets: return try PythonObject(tuple: shown.suboffsets.span)
        case .cContiguous: return PythonObject(shown.isContiguous(.c))
        case .fContiguous: return PythonObject(shown.isContiguous(.fortran))
        case .contiguous: return PythonObject(shown.isContiguous(.any))
        }
    }
}
