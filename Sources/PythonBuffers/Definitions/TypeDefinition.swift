public import CPython
internal import CPythonShims

/// A heap type, made anew in each interpreter that imports the module.
@safe
public struct TypeDefinition {
    private let specification: UnsafeMutablePointer<PyType_Spec>

    /// - Parameters:
    ///   - name: the full name, module included.
    ///   - basicSize: bytes of an instance.
    ///   - itemSize: bytes of each trailing item of an instance that varies in size, or 0.
    ///   - flags: beyond `Py_TPFLAGS_DEFAULT` and `Py_TPFLAGS_IMMUTABLETYPE`, which every type here has.
    public init(
        name: StaticString, documentation: String, basicSize: Int, itemSize: Int = 0, flags: TypeFlags = [],
        slots: [TypeSlot], methods: [MethodDefinition] = [], properties: [PropertyDefinition] = [],
        weakReferenceOffset: Int? = nil
    ) {
        var all = slots
        all.append(unsafe TypeSlot(Py_tp_doc, UnsafeMutableRawPointer(mutating: permanentCString(documentation))))
        all.append(unsafe TypeSlot(Py_tp_methods, MethodDefinition.table(methods, receiver: "$self")))
        all.append(unsafe TypeSlot(Py_tp_getset, PropertyDefinition.table(properties)))
        if let weakReferenceOffset {
            all.append(unsafe TypeSlot(Py_tp_members, Self.weakReferenceMember(weakReferenceOffset)))
        }

        let table = UnsafeMutablePointer<PyType_Slot>.allocate(capacity: all.count + 1)
        for (index, slot) in all.enumerated() {
            unsafe (table + index).initialize(to: PyType_Slot(slot: slot.number, pfunc: slot.function))
        }
        unsafe (table + all.count).initialize(to: PyType_Slot(slot: 0, pfunc: nil))
        unsafe specification = .allocate(capacity: 1)
        unsafe specification.initialize(
            to: PyType_Spec(
                name: cString(name), basicsize: CInt(basicSize), itemsize: CInt(itemSize),
                flags: CUnsignedInt(truncatingIfNeeded: flags.rawValue | sb_default_type_flags()), slots: table))
    }

    /// A new type object that belongs to `module`.
    public func make(in module: ObjectPointer) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyType_FromModuleAndSpec(module, specification, nil))
    }

    /// As ``make(in:)``, with a base: a type of the same layout, which need not be one that Python code may derive from.
    ///
    /// - Precondition: only this thread knows `base` yet.
    public func make(in module: ObjectPointer, base: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(
            result: sb_derive_type(
                module, specification,
                UnsafeMutableRawPointer(base.pointer).assumingMemoryBound(to: PyTypeObject.self)))
    }

    private static func weakReferenceMember(_ offset: Int) -> UnsafeMutablePointer<PyMemberDef> {
        let members = UnsafeMutablePointer<PyMemberDef>.allocate(capacity: 2)
        unsafe members.initialize(to: sb_weak_reference_member(offset))
        unsafe (members + 1).initialize(to: PyMemberDef())
        return unsafe members
    }
}

/// One entry of a type's table: which slot, and the C function behind it.
@safe
public struct TypeSlot {
    let number: CInt
    let function: UnsafeMutableRawPointer?

    init(_ number: CInt, _ function: UnsafeMutableRawPointer?) {
        self.number = number
        unsafe self.function = function
    }

    /// - Precondition: `Function` is a `@convention(c)` type, one pointer wide.
    private init<Function>(_ number: CInt, function: Function) {
        unsafe self.init(number, unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
    }

    public typealias Unary = @convention(c) (ObjectPointer?) -> ObjectPointer?
    public typealias Binary = @convention(c) (ObjectPointer?, ObjectPointer?) -> ObjectPointer?

    /// As ``Unary`` and ``Binary``, with the pointer as a number.
    public typealias UnaryBits = @convention(c) (ObjectPointer?) -> ReferenceBits
    public typealias BinaryBits = @convention(c) (ObjectPointer?, ObjectPointer?) -> ReferenceBits

    public static func new(_ function: @escaping newfunc) -> TypeSlot { unsafe TypeSlot(Py_tp_new, function: function) }
    public static func deallocate(_ function: @escaping destructor) -> TypeSlot {
        unsafe TypeSlot(Py_tp_dealloc, function: function)
    }
    public static func finalize(_ function: @escaping destructor) -> TypeSlot {
        unsafe TypeSlot(Py_tp_finalize, function: function)
    }
    public static func traverse(_ function: @escaping traverseproc) -> TypeSlot {
        unsafe TypeSlot(Py_tp_traverse, function: function)
    }
    public static func clear(_ function: @escaping inquiry) -> TypeSlot {
        unsafe TypeSlot(Py_tp_clear, function: function)
    }
    public static func representation(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_tp_repr, function: function)
    }
    public static func hash(_ function: @escaping hashfunc) -> TypeSlot {
        unsafe TypeSlot(Py_tp_hash, function: function)
    }
    public static func compare(_ function: @escaping richcmpfunc) -> TypeSlot {
        unsafe TypeSlot(Py_tp_richcompare, function: function)
    }
    public static func iterate(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_tp_iter, function: function)
    }
    public static func next(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_tp_iternext, function: function)
    }
    public static func next(_ function: @escaping UnaryBits) -> TypeSlot {
        unsafe TypeSlot(Py_tp_iternext, function: function)
    }
    public static func count(_ function: @escaping lenfunc) -> TypeSlot {
        unsafe TypeSlot(sb_mp_length(), function: function)
    }
    public static func sequenceCount(_ function: @escaping lenfunc) -> TypeSlot {
        unsafe TypeSlot(Py_sq_length, function: function)
    }
    public static func item(_ function: @escaping ssizeargfunc) -> TypeSlot {
        unsafe TypeSlot(Py_sq_item, function: function)
    }
    public static func subscripting(_ function: @escaping Binary) -> TypeSlot {
        unsafe TypeSlot(Py_mp_subscript, function: function)
    }
    public static func subscripting(_ function: @escaping BinaryBits) -> TypeSlot {
        unsafe TypeSlot(Py_mp_subscript, function: function)
    }
    public static func assignSubscript(_ function: @escaping objobjargproc) -> TypeSlot {
        unsafe TypeSlot(sb_mp_ass_subscript(), function: function)
    }
    public static func contains(_ function: @escaping objobjproc) -> TypeSlot {
        unsafe TypeSlot(Py_sq_contains, function: function)
    }
    /// `int(object)`
    public static func integer(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_nb_int, function: function)
    }
    /// `float(object)`
    public static func float(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_nb_float, function: function)
    }
    /// `operator.index(object)`
    public static func index(_ function: @escaping Unary) -> TypeSlot {
        unsafe TypeSlot(Py_nb_index, function: function)
    }
    /// `bool(object)`
    public static func truth(_ function: @escaping inquiry) -> TypeSlot {
        unsafe TypeSlot(Py_nb_bool, function: function)
    }
    /// The one getbuffer and releasebuffer of this library, for objects that begin with an export record.
    public static var exporter: [TypeSlot] {
        unsafe [buffer(exportBuffer), releaseBuffer(releaseExport)]
    }
    /// A getbuffer of the author's own.
    public static func buffer(_ function: @escaping getbufferproc) -> TypeSlot {
        unsafe TypeSlot(sb_bf_getbuffer(), function: function)
    }
    public static func releaseBuffer(_ function: @escaping releasebufferproc) -> TypeSlot {
        unsafe TypeSlot(sb_bf_releasebuffer(), function: function)
    }
}

/// An attribute that is computed when asked for, and cannot be set.
@safe
public struct PropertyDefinition {
    let name: StaticString
    let documentation: String
    let context: Int
    let get: getter

    /// - Parameter context: a number that is handed to `get` as a pointer's bits, so that one function may serve
    ///   several attributes.
    public init(_ name: StaticString, _ documentation: String, context: Int = 0, _ get: @escaping getter) {
        self.name = name
        self.documentation = documentation
        self.context = context
        unsafe self.get = get
    }

    static func table(_ properties: [PropertyDefinition]) -> UnsafeMutablePointer<PyGetSetDef> {
        let table = UnsafeMutablePointer<PyGetSetDef>.allocate(capacity: properties.count + 1)
        for (index, property) in properties.enumerated() {
            unsafe (table + index).initialize(
                to: PyGetSetDef(
                    name: cString(property.name), get: property.get, set: nil,
                    doc: permanentCString(property.documentation),
                    closure: UnsafeMutableRawPointer(bitPattern: property.context)))
        }
        unsafe (table + properties.count).initialize(to: PyGetSetDef())
        return unsafe table
    }
}

/// Flags of a type beyond those that every type of this library has.
public struct TypeFlags: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// Instances take part in garbage collection; the type has `tp_traverse`.
    public static var collected: Self { Self(rawValue: 1 << 14) }
    /// Python cannot call the type; instances come from elsewhere.
    public static var notInstantiable: Self { Self(rawValue: 1 << 7) }
    /// Python code may derive classes from the type.
    public static var subclassable: Self { Self(rawValue: 1 << 10) }
    /// Instances match sequence patterns.
    public static var sequence: Self { Self(rawValue: 1 << 5) }
    /// Instances are called, or the type is, through vectorcall.
    public static var vectorcall: Self { Self(rawValue: 1 << 11) }
}
