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
    public init<Value: BufferExporter & ~Copyable>(
        exporting _: Value.Type, name: StaticString, documentation: String, new: TypeSlot.New? = nil,
        slots: [TypeSlot] = [], methods: [MethodDefinition] = [], properties: [PropertyDefinition] = []
    ) {
        // The author's come later where both are given.
        var all = [TypeSlot.finalize(ExporterType.finalize)]
        all += slots + TypeSlot.exporter
        all.append(.deallocate(ExporterType.deallocate))
        all.append(unsafe .traverse(ExporterType.traverse))
        all.append(.clear(ExporterType.clear))
        if let new { all.append(.new(new)) }
        let flags: TypeFlags = new == nil ? [.collected, .notInstantiable] : [.collected]
        self.init(
            name: name, documentation: documentation, basicSize: Instance<ExportStorage>.size, flags: flags,
            slots: all, methods: methods, properties: properties, value: ObjectIdentifier(Value.self))
    }
}

/// The C callbacks that all exporter types share.
enum ExporterType {
    /// One closure, whose address distinguishes a type of this kind from every other.
    static let deallocate: TypeSlot.Deallocate = { Instance<ExportStorage>.deallocate($0) }

    nonisolated(unsafe) static let traverse: TypeSlot.Traverse = { object, visitor, context in
        let status = unsafe visitType(of: object, visitor, context)
        if status != 0 { return status }
        let storage = unsafe Instance<ExportStorage>.value(in: object).pointee
        if let memory = storage.memory {
            let status = unsafe memory.visit(visitor, context)
            if status != 0 { return status }
        }
        var objects = unsafe ObjectVisitor(for: object, visitor, context)
        storage.visitIfIdle(&objects)
        return objects.status
    }

    /// Ends the objects that the value keeps. The memory stays: it has to outlive every export, and code that runs while
    /// a cycle ends may still request one. The other objects of its cycle break that, as for a tuple.
    static let clear: TypeSlot.Status = { object in
        var objects = unsafe ObjectVisitor(for: object, nil, nil)
        unsafe Instance<ExportStorage>.value(in: object).pointee.visitIfIdle(&objects)
        return 0
    }

    static let finalize: TypeSlot.Deallocate = { object in
        // Python code may call this as `__del__`: only the collector's call counts.
        guard unsafe PyObject_GC_IsFinalized(object.pointer) != 0 else { return }
        memory(of: object)?.finalize()
    }

    private static func memory(of object: ObjectReference) -> BufferMemory? {
        unsafe Instance<ExportStorage>.value(in: object).pointee.memory
    }

    /// The type of the values that objects of an exporter type hold.
    ///
    /// - Precondition: ``isExporter(_:)``.
    static func value(of type: ObjectReference) -> ObjectIdentifier? {
        unsafe MethodDefinition.value(of: sb_methods(type.typePointer))
    }

    /// Whether objects of a type hold an ``ExportStorage``.
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
    /// mean.method { mean.read(Frame.self, $0, $1, $2, $3) { (frame, _) throws(PythonError) in ... } }
    /// ```
    @inline(__always)
    public func read<Value: BufferExporter & ~Copyable>(
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
    public func update<Value: BufferExporter & ~Copyable>(
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
    public func resize<Value: BufferExporter & ~Copyable>(
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
    public func construct<Value: BufferExporter & ~Copyable>(
        _: Value.Type, _ type: ObjectReference, _ arguments: OptionalObjectReference,
        _ keywords: OptionalObjectReference, _ body: (borrowing Arguments) throws(PythonError) -> Value
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            let bound = try bind(type, tuple: arguments, dictionary: keywords)
            return try Exported<Value>.make(of: type, body(bound))
        }
    }
}
