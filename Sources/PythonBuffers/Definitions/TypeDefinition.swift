// SPDX-License-Identifier: Apache-2.0
internal import CPython
package import CPythonShims

/// A heap type, made anew in each interpreter that imports the module.
@safe
package struct TypeDefinition: Sendable {
    /// CPython reads it in every interpreter, and nothing changes it.
    private nonisolated(unsafe) let specification: UnsafeMutablePointer<PyType_Spec>

    /// - Parameters:
    ///   - name: the full name, module included.
    ///   - basicSize: bytes of an instance.
    ///   - itemSize: bytes of each trailing item of an instance that varies in size, or 0.
    ///   - value: the type of the Swift value in an instance, for ``MethodDefinition/value(of:)``.
    ///   - flags: beyond `Py_TPFLAGS_DEFAULT` and `Py_TPFLAGS_IMMUTABLETYPE`, which every type here has.
    package init(
        name: StaticString, documentation: String, basicSize: Int, itemSize: Int = 0, flags: TypeFlags = [],
        slots: [TypeSlot], methods: [MethodDefinition] = [], properties: [PropertyDefinition] = [],
        weakReferenceOffset: Int? = nil
    ) {
        unsafe self.init(
            name: cString(name), documentation: documentation, basicSize: basicSize, itemSize: itemSize, flags: flags,
            slots: slots, methods: methods, properties: properties, weakReferenceOffset: weakReferenceOffset)
    }

    /// - Precondition: `name` stays as long as the process.
    init(
        name: UnsafePointer<CChar>, documentation: String, basicSize: Int, itemSize: Int = 0, flags: TypeFlags = [],
        slots: [TypeSlot], methods: [MethodDefinition] = [], properties: [PropertyDefinition] = [],
        weakReferenceOffset: Int? = nil, attributeOffset: Int? = nil, value: ObjectIdentifier? = nil
    ) {
        var all = slots
        all.append(unsafe TypeSlot(Py_tp_doc, UnsafeMutableRawPointer(mutating: permanentCString(documentation))))
        all.append(unsafe TypeSlot(Py_tp_methods, MethodDefinition.table(methods, receiver: "$self", value: value)))
        let attributes = attributeOffset == nil ? [] : [PropertyDefinition.attributes]
        all.append(unsafe TypeSlot(Py_tp_getset, PropertyDefinition.table(properties + attributes)))
        if weakReferenceOffset != nil || attributeOffset != nil {
            all.append(unsafe TypeSlot(Py_tp_members, Self.members(weakReferenceOffset, attributeOffset)))
        }

        let table = UnsafeMutablePointer<PyType_Slot>.allocate(capacity: all.count + 1)
        for (index, slot) in all.enumerated() {
            unsafe (table + index).initialize(to: PyType_Slot(slot: slot.number, pfunc: slot.function))
        }
        unsafe (table + all.count).initialize(to: PyType_Slot(slot: 0, pfunc: nil))
        unsafe specification = .allocate(capacity: 1)
        unsafe specification.initialize(
            to: PyType_Spec(
                name: name, basicsize: CInt(basicSize), itemsize: CInt(itemSize),
                flags: CUnsignedInt(truncatingIfNeeded: flags.rawValue | sb_default_type_flags()), slots: table))
    }

    /// A new type object that belongs to no module.
    package func make() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyType_FromModuleAndSpec(nil, specification, nil))
    }

    /// A new type object that belongs to `module`.
    package func make(in module: ObjectReference) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyType_FromModuleAndSpec(module.pointer, specification, nil))
    }

    /// As ``make(in:)``, with a base: a type of the same layout, which need not be one that Python code may derive from.
    ///
    /// - Precondition: no other thread can see `base` yet.
    package func make(in module: ObjectReference, base: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(
            result: sb_derive_type(
                module.pointer, specification,
                base.typePointer))
    }

    /// The members by which CPython finds weak references and attributes in an instance.
    private static func members(
        _ weakReferenceOffset: Int?, _ attributeOffset: Int?
    ) -> UnsafeMutablePointer<PyMemberDef> {
        let members = UnsafeMutablePointer<PyMemberDef>.allocate(capacity: 3)
        unsafe members.initialize(repeating: PyMemberDef(), count: 3)
        var next = unsafe members
        if let weakReferenceOffset {
            unsafe next.pointee = sb_weak_reference_member(weakReferenceOffset)
            unsafe next += 1
        }
        if let attributeOffset { unsafe next.pointee = sb_attribute_member(attributeOffset) }
        return unsafe members
    }
}

/// One entry of a type's table: which slot, and the C function behind it.
@safe
package struct TypeSlot: Sendable {
    let number: CInt
    /// Code, or a table that nothing changes.
    nonisolated(unsafe) let function: UnsafeMutableRawPointer?

    @unsafe package init(_ number: CInt, _ function: UnsafeMutableRawPointer?) {
        self.number = number
        unsafe self.function = function
    }

    /// - Precondition: `Function` is a `@convention(c)` type, one pointer wide.
    private init<Function>(_ number: CInt, function: Function) {
        unsafe self.init(number, unsafeBitCast(function, to: UnsafeMutableRawPointer.self))
    }

    // The types of functions in CPython's table, with references of types of their own.
    package typealias Unary = @convention(c) (ObjectReference) -> ObjectResult
    package typealias Binary = @convention(c) (ObjectReference, ObjectReference) -> ObjectResult
    package typealias Ternary = @convention(c) (ObjectReference, ObjectReference, ObjectReference) -> ObjectResult
    package typealias New =
        @convention(c) (ObjectReference, OptionalObjectReference, OptionalObjectReference) -> ObjectResult
    package typealias Deallocate = @convention(c) (ObjectReference) -> Void
    package typealias Traverse =
        @convention(c) @Sendable (ObjectReference, visitproc?, UnsafeMutableRawPointer?) -> CInt
    package typealias Compare = @convention(c) (ObjectReference, ObjectReference, CInt) -> ObjectResult
    package typealias Length = @convention(c) (ObjectReference) -> Int
    package typealias Status = @convention(c) (ObjectReference) -> CInt
    package typealias Contains = @convention(c) (ObjectReference, ObjectReference) -> CInt
    package typealias Item = @convention(c) (ObjectReference, Int) -> ObjectResult
    package typealias AssignSubscript =
        @convention(c) (ObjectReference, ObjectReference, OptionalObjectReference) -> CInt

    /// As ``Unary`` and ``Binary``, with the result as a number.
    package typealias UnaryBits = @convention(c) (ObjectReference) -> ReferenceBits
    package typealias BinaryBits = @convention(c) (ObjectReference, ObjectReference) -> ReferenceBits

    package static func new(_ function: @escaping New) -> TypeSlot { TypeSlot(Py_tp_new, function: function) }
    package static func deallocate(_ function: @escaping Deallocate) -> TypeSlot {
        TypeSlot(Py_tp_dealloc, function: function)
    }
    package static func finalize(_ function: @escaping Deallocate) -> TypeSlot {
        TypeSlot(Py_tp_finalize, function: function)
    }
    package static func traverse(_ function: @escaping Traverse) -> TypeSlot {
        unsafe TypeSlot(Py_tp_traverse, function: function)
    }
    package static func clear(_ function: @escaping Status) -> TypeSlot {
        TypeSlot(Py_tp_clear, function: function)
    }
    package static func representation(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_tp_repr, function: function)
    }
    package static func hash(_ function: @escaping Length) -> TypeSlot {
        TypeSlot(Py_tp_hash, function: function)
    }
    package static func compare(_ function: @escaping Compare) -> TypeSlot {
        TypeSlot(Py_tp_richcompare, function: function)
    }
    package static func iterate(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_tp_iter, function: function)
    }
    package static func next(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_tp_iternext, function: function)
    }
    package static func next(_ function: @escaping UnaryBits) -> TypeSlot {
        TypeSlot(Py_tp_iternext, function: function)
    }
    package static func count(_ function: @escaping Length) -> TypeSlot {
        TypeSlot(sb_mp_length(), function: function)
    }
    package static func sequenceCount(_ function: @escaping Length) -> TypeSlot {
        TypeSlot(Py_sq_length, function: function)
    }
    package static func item(_ function: @escaping Item) -> TypeSlot {
        TypeSlot(Py_sq_item, function: function)
    }
    package static func subscripting(_ function: @escaping Binary) -> TypeSlot {
        TypeSlot(Py_mp_subscript, function: function)
    }
    package static func subscripting(_ function: @escaping BinaryBits) -> TypeSlot {
        TypeSlot(Py_mp_subscript, function: function)
    }
    package static func assignSubscript(_ function: @escaping AssignSubscript) -> TypeSlot {
        TypeSlot(sb_mp_ass_subscript(), function: function)
    }
    package static func contains(_ function: @escaping Contains) -> TypeSlot {
        TypeSlot(Py_sq_contains, function: function)
    }
    /// `int(object)`
    package static func integer(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_nb_int, function: function)
    }
    /// `float(object)`
    package static func float(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_nb_float, function: function)
    }
    /// `operator.index(object)`
    package static func index(_ function: @escaping Unary) -> TypeSlot {
        TypeSlot(Py_nb_index, function: function)
    }
    /// `bool(object)`
    package static func truth(_ function: @escaping Status) -> TypeSlot {
        TypeSlot(Py_nb_bool, function: function)
    }
    /// The one getbuffer and releasebuffer of this library, for objects that begin with an export record.
    package static var exporter: [TypeSlot] {
        unsafe [buffer(exportBuffer), releaseBuffer(releaseExport)]
    }
    /// A getbuffer of the author's own.
    package static func buffer(_ function: @escaping getbufferproc) -> TypeSlot {
        unsafe TypeSlot(sb_bf_getbuffer(), function: function)
    }
    package static func releaseBuffer(_ function: @escaping releasebufferproc) -> TypeSlot {
        unsafe TypeSlot(sb_bf_releasebuffer(), function: function)
    }
}

/// An attribute that is computed at each access.
@safe
package struct PropertyDefinition: Sendable {
    /// What CPython calls, with the object and the definition's `context`.
    package typealias Getter = @convention(c) @Sendable (ObjectReference, Int) -> ObjectResult

    /// As ``Getter``, with the new value, or NULL where the attribute is to be deleted.
    package typealias Setter = @convention(c) @Sendable (ObjectReference, OptionalObjectReference, Int) -> CInt

    /// It lives as long as the process, and nothing changes it.
    private nonisolated(unsafe) let name: UnsafePointer<CChar>
    private let documentation: String
    private let context: Int
    private let get: Getter
    private let set: Setter?

    /// - Parameter context: a number that is passed to `get`, so that one function may serve several attributes.
    package init(_ name: StaticString, _ documentation: String, context: Int = 0, _ get: @escaping Getter) {
        unsafe self.name = cString(name)
        self.documentation = documentation
        self.context = context
        self.get = get
        set = nil
    }

    package init(
        name: String, documentation: String, context: Int, get: @escaping Getter, set: Setter?
    ) {
        unsafe self.name = permanentCString(name)
        self.documentation = documentation
        self.context = context
        self.get = get
        self.set = set
    }

    /// `object.__dict__`
    static var attributes: PropertyDefinition {
        PropertyDefinition(
            name: "__dict__", documentation: "The attributes that were set.", context: 0,
            get: { object, _ in unsafe ObjectResult(pointer: PyObject_GenericGetDict(object.pointer, nil)) },
            set: { object, value, _ in unsafe PyObject_GenericSetDict(object.pointer, value.pointer, nil) })
    }

    static func table(_ properties: [PropertyDefinition]) -> UnsafeMutablePointer<PyGetSetDef> {
        let table = UnsafeMutablePointer<PyGetSetDef>.allocate(capacity: properties.count + 1)
        for (index, property) in properties.enumerated() {
            unsafe (table + index).initialize(
                to: PyGetSetDef(
                    name: property.name, get: unsafeBitCast(property.get, to: getter.self),
                    set: property.set.map { unsafe unsafeBitCast($0, to: setter.self) },
                    doc: permanentCString(property.documentation),
                    closure: UnsafeMutableRawPointer(bitPattern: property.context)))
        }
        unsafe (table + properties.count).initialize(to: PyGetSetDef())
        return unsafe table
    }
}

/// Flags of a type beyond those that every type of this library has.
package struct TypeFlags: OptionSet, Sendable {
    package let rawValue: UInt
    package init(rawValue: UInt) { self.rawValue = rawValue }

    /// Instances take part in garbage collection; the type has `tp_traverse`.
    package static var collected: Self { Self(rawValue: 1 << 14) }
    /// Python cannot call the type; instances come from elsewhere.
    package static var notInstantiable: Self { Self(rawValue: 1 << 7) }
    /// Python code may derive classes from the type.
    package static var subclassable: Self { Self(rawValue: 1 << 10) }
    /// Instances match sequence patterns.
    package static var sequence: Self { Self(rawValue: 1 << 5) }
}
