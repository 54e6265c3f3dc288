// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims

extension TypeDefinition {
    /// A type whose objects hold a ``BufferExporter``; see ``Exported``.
    ///
    /// - Parameters:
    ///   - name: the full name, module included.
    ///   - new: what calling the type does, a closure literal around
    ///     ``Callable/construct(_:_:_:_:_:)``; without it, Python cannot call the type.
    ///   - slots: beyond those of the buffer protocol and of memory management.
    package init<Value: BufferExporter & ~Copyable>(
        exporting _: Value.Type, name: StaticString, documentation: String, new: TypeSlot.New? = nil,
        slots: [TypeSlot] = [], methods: [MethodDefinition] = [], properties: [PropertyDefinition] = []
    ) {
        unsafe self.init(
            holding: Value.self, exports: true, name: cString(name), documentation: documentation,
            isInstantiable: new != nil, slots: (new.map { [.new($0)] } ?? []) + slots, methods: methods,
            properties: properties)
    }

    /// A type whose objects hold a ``PythonValue``.
    ///
    /// - Parameters:
    ///   - exports: whether the value is a ``BufferExporter``.
    ///   - isInstantiable: whether Python can call the type: `slots` has `tp_new` then.
    ///   - flags: beyond those of every such type.
    ///   - hasWeakReferences, hasAttributes: whether instances can be referred to weakly, and have a `__dict__`.
    package init<Value: PythonValue & ~Copyable>(
        holding _: Value.Type, exports: Bool, name: String, documentation: String, isInstantiable: Bool,
        flags: TypeFlags = [], hasWeakReferences: Bool = false, hasAttributes: Bool = false,
        slots: [TypeSlot], methods: [MethodDefinition], properties: [PropertyDefinition]
    ) {
        unsafe self.init(
            holding: Value.self, exports: exports, name: permanentCString(name), documentation: documentation,
            isInstantiable: isInstantiable, flags: flags, hasWeakReferences: hasWeakReferences,
            hasAttributes: hasAttributes, slots: slots, methods: methods, properties: properties)
    }

    private init<Value: PythonValue & ~Copyable>(
        holding _: Value.Type, exports: Bool, name: UnsafePointer<CChar>, documentation: String, isInstantiable: Bool,
        flags: TypeFlags = [], hasWeakReferences: Bool = false, hasAttributes: Bool = false,
        slots: [TypeSlot], methods: [MethodDefinition], properties: [PropertyDefinition]
    ) {
        // The author's come later where both are given.
        var all = [TypeSlot.finalize(ExporterType.finalize)]
        all += slots + (exports ? TypeSlot.exporter : [])
        all.append(.deallocate(ExporterType.deallocate))
        all.append(unsafe .traverse(ExporterType.traverse))
        all.append(.clear(ExporterType.clear))
        unsafe self.init(
            name: name, documentation: documentation, basicSize: Instance<ValueCell>.size,
            flags: flags.union(isInstantiable ? [.collected] : [.collected, .notInstantiable]), slots: all,
            methods: methods, properties: properties,
            weakReferenceOffset: hasWeakReferences ? ValueCell.weakReferenceOffset : nil,
            attributeOffset: hasAttributes ? ValueCell.attributeOffset : nil, value: ObjectIdentifier(Value.self))
    }
}

/// The C callbacks that all exporter types share.
@usableFromInline
package enum ExporterType {
    /// One closure, whose address distinguishes a type of this kind from every other.
    static let deallocate: TypeSlot.Deallocate = { object in
        let cell = unsafe Instance<ValueCell>.value(in: object)
        let hasWeakReferences = unsafe sb_is_set(&cell.pointee.weakReferences) != 0
        if unsafe hasWeakReferences || cell.pointee.attributes.object != nil {
            unsafe PyObject_GC_UnTrack(object.pointer)
            // The object is still whole: callbacks of weak references may run code.
            if hasWeakReferences { unsafe sb_clear_weak_references(object.pointer) }
            dropAttributes(of: object)
        }
        Instance<ValueCell>.deallocate(object)
    }

    private static func dropAttributes(of object: ObjectReference) {
        let cell = unsafe Instance<ValueCell>.value(in: object)
        guard let attributes = unsafe cell.pointee.attributes.object else { return }
        unsafe cell.pointee.attributes = OptionalObjectReference(pointer: nil)
        unsafe sb_decref(attributes.pointer)
    }

    static let traverse: TypeSlot.Traverse = { object, visitor, context in
        let status = unsafe visitType(of: object, visitor, context)
        if status != 0 { return status }
        if let memory = memory(of: object) {
            let status = unsafe memory.visit(visitor, context)
            if status != 0 { return status }
        }
        let attributes = unsafe Instance<ValueCell>.value(in: object).pointee.attributes.object
        let attributeStatus = unsafe PythonBuffers.visit(attributes, visitor, context)
        if attributeStatus != 0 { return attributeStatus }
        var objects = unsafe ObjectVisitor(for: object, visitor, context)
        visit(&objects, of: object)
        return objects.status
    }

    /// Ends the objects that the value keeps. The memory stays: it has to outlive every export, and code that runs while
    /// a cycle ends may still request one. The other objects of its cycle break that, as for a tuple.
    static let clear: TypeSlot.Status = { object in
        var objects = unsafe ObjectVisitor(for: object, nil, nil)
        visit(&objects, of: object)
        dropAttributes(of: object)
        return 0
    }

    /// Shows the objects that the value keeps, unless a call is changing the value, which then keeps them alive.
    private static func visit(_ objects: inout ObjectVisitor, of object: ObjectReference) {
        let cell = unsafe Instance<ValueCell>.value(in: object)
        if unsafe sb_users(&cell.pointee.users) >= 0 { unsafe cell.pointee.storage.visitObjects(&objects) }
    }

    static let finalize: TypeSlot.Deallocate = { object in
        // Python code may call this as `__del__`: only the collector's call counts.
        guard unsafe PyObject_GC_IsFinalized(object.pointer) != 0 else { return }
        memory(of: object)?.finalize()
    }

    private static func memory(of object: ObjectReference) -> BufferMemory? {
        unsafe Instance<ValueCell>.value(in: object).pointee.storage.memory
    }

    /// The type of the values that objects of an exporter type hold.
    ///
    /// - Precondition: ``isExporter(_:)``.
    static func value(of type: ObjectReference) -> ObjectIdentifier? {
        unsafe MethodDefinition.value(of: sb_methods(type.typePointer))
    }

    /// Whether an object holds a value of a Swift type: its type, or one that it is derived from, was made for that.
    @usableFromInline
    package static func holds(_ object: ObjectReference, _ value: ObjectIdentifier) -> Bool {
        var type = unsafe Optional(sb_type(object.pointer))
        let ours = unsafe unsafeBitCast(deallocate, to: UInt.self)
        while let candidate = unsafe type {
            if unsafe unsafeBitCast(sb_deallocator(candidate), to: UInt.self) == ours,
                unsafe MethodDefinition.value(of: sb_methods(candidate)) == value
            {
                return true
            }
            unsafe type = sb_base(candidate)
        }
        return false
    }

    /// Whether objects of a type hold an ``ValueCell``.
    static func isExporter(_ type: ObjectReference) -> Bool {
        guard type.isType else { return false }
        let found = unsafe sb_deallocator(type.typePointer)
        return unsafe unsafeBitCast(found, to: UInt.self) == unsafeBitCast(deallocate, to: UInt.self)
    }
}

extension Callable {
    /// Binds the arguments of a method and runs its body with the value that the object holds, to be read:
    ///
    /// ```swift
    /// mean.method { mean.read(Frame.self, $0, $1, $2, $3) { (frame, _) throws(PythonError) in try PythonObject(frame.mean) } }
    /// ```
    @inline(__always)
    package func read<Value: BufferExporter & ~Copyable>(
        _: Value.Type, _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int,
        _ keywords: OptionalObjectReference,
        _ body: (borrowing Value, borrowing Arguments) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        call(receiver, arguments, count, keywords) { (call) throws(PythonError) in
            try Exported<Value>.read(call.receiver) { (value) throws(PythonError) in try body(value, call) }
        }
    }

    /// As ``read(_:_:_:_:_:_:)``, with the value to be changed in anything but what it describes; see
    /// ``Exported/update(_:_:)``.
    @inline(__always)
    package func update<Value: BufferExporter & ~Copyable>(
        _: Value.Type, _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int,
        _ keywords: OptionalObjectReference,
        _ body: (inout Value, borrowing Arguments) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        call(receiver, arguments, count, keywords) { (call) throws(PythonError) in
            try Exported<Value>.update(call.receiver) { (value) throws(PythonError) in try body(&value, call) }
        }
    }

    /// As ``read(_:_:_:_:_:_:)``, with the value to be changed in what it describes, which is refused while exports are
    /// outstanding; see ``Exported/resize(_:_:)``.
    @inline(__always)
    package func resize<Value: BufferExporter & ~Copyable>(
        _: Value.Type, _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int,
        _ keywords: OptionalObjectReference,
        _ body: (inout Value, borrowing Arguments) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        call(receiver, arguments, count, keywords) { (call) throws(PythonError) in
            try Exported<Value>.resize(call.receiver) { (value) throws(PythonError) in try body(&value, call) }
        }
    }

    /// Binds the arguments of a call of the type and makes an object of the value that `body` returns.
    @inline(__always)
    package func construct<Value: BufferExporter & ~Copyable>(
        _: Value.Type, _ type: ObjectReference, _ arguments: OptionalObjectReference,
        _ keywords: OptionalObjectReference, _ body: (borrowing Arguments) throws(PythonError) -> Value
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            let bound = try bind(type, tuple: arguments, dictionary: keywords)
            return try Exported<Value>.make(of: type, body(bound))
        }
    }
}
