// SPDX-License-Identifier: Apache-2.0
internal import CPython
public import CPythonShims

/// Python objects that hold a ``BufferExporter``, made by a type of ``TypeDefinition/init(exporting:name:)`` and its
/// kin.
///
/// Every function here takes any object and throws `TypeError` for one that does not hold a `Value`. Calls on one
/// object exclude each other where they must: what would change a value that another call still uses, further up the
/// stack or on another thread, throws `RuntimeError`.
@usableFromInline package enum Exported<Value: PythonValue & ~Copyable> {
    /// A new object of `type` that holds `value`.
    ///
    /// - Parameter type: made from a definition for this `Value`.
    /// - Throws: `MemoryError`, `TypeError` for any other type, and what describing the value throws.
    package static func make(
        of type: ObjectReference, _ value: consuming Value
    ) throws(PythonError) -> PythonObject {
        guard ExporterType.isExporter(type), ExporterType.value(of: type) == ObjectIdentifier(Value.self) else {
            throw PythonError(.type, "objects of this type do not hold a \(Value.self)")
        }
        return try unsafe makeUnchecked(of: type, value)
    }

    /// As ``make(of:_:)``.
    ///
    /// - Precondition: `type` was made from a definition for this `Value`.
    @unsafe @usableFromInline
    package static func makeUnchecked(
        of type: ObjectReference, _ value: consuming Value
    ) throws(PythonError) -> PythonObject {
        let storage = StoredValue(value)
        let description = try storage.value.bufferDescription()
        let object = try Instance<ValueCell>.make(of: type, ValueCell(storage))
        if let description { try unsafe storage.show(description, in: sb_record(object.pointer)) }
        return object
    }

    /// Runs `body` with the value.
    package static func read<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (borrowing Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try check(object)
        return try raisingPythonErrors { try ValueAccess<Value>.read(object, body) }
    }

    /// Runs `body` with the value, to be changed in anything but what it describes. Exports may be
    /// outstanding: consumers see what it writes to the memory.
    ///
    /// A call that throws changes nothing but what it wrote to the memory. That needs a copy of the value, which is
    /// kept during the call; so memory of Swift that the value alone holds, such as that of an `Array`, is copied when it is
    /// changed. A noncopyable value cannot be restored, and so can be updated only while no export is outstanding.
    ///
    /// - Throws: what `body` throws, and what describing the value afterwards throws; `BufferError` if the value describes
    ///   other memory afterwards while exports are outstanding, which keep the old memory. Use ``resize(_:_:)`` for such
    ///   changes.
    package static func update<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try check(object)
        return try raisingPythonErrors { try ValueAccess<Value>.change(object, whileExported: true, body) }
    }

    /// Runs `body` with the value, to be changed in what it describes: to be resized, reshaped, closed.
    ///
    /// A call that throws changes nothing but what it wrote to the memory; see ``update(_:_:)``. A noncopyable value
    /// stays as `body` left it, and is described so; if that fails too, buffers are refused until a later call
    /// succeeds.
    ///
    /// - Throws: `BufferError` if exports are outstanding, before `body` is run; what `body` throws, and what
    ///   describing the value afterwards throws.
    package static func resize<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try check(object)
        return try raisingPythonErrors { try ValueAccess<Value>.change(object, whileExported: false, body) }
    }

    /// The body of a property or a slot that reads the value: `Exported<Frame>.get($0) { ... }`.
    @inline(__always)
    package static func get(
        _ object: ObjectReference, _ body: (borrowing Value) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in try read(object, body) }
    }

    private static func check(_ object: ObjectReference) throws(PythonError) {
        guard ExporterType.isExporter(object.type), ExporterType.value(of: object.type) == ObjectIdentifier(Value.self)
        else {
            throw PythonError(.type, "expected an object that holds a \(Value.self), not \(typeNameOf(object))")
        }
    }

    private static func raisingPythonErrors<Result: ~Copyable>(
        _ body: () throws -> Result
    ) throws(PythonError) -> Result {
        do {
            return try body()
        } catch let error as PythonError {
            throw error
        } catch {
            throw PythonError(.system, "unexpected error: \(error)")
        }
    }
}

/// The half of ``ValueStorage`` that has the author's type.
final class StoredValue<Value: PythonValue & ~Copyable>: ValueStorage {
    init(_ value: consuming Value) {
        let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        unsafe place.initialize(to: value)
        unsafe super.init(at: UnsafeMutableRawPointer(place))
    }

    deinit {
        let place = unsafe self.place.assumingMemoryBound(to: Value.self)
        unsafe place.deinitialize(count: 1)
        unsafe place.deallocate()
    }

    override func visitObjects(_ visitor: inout ObjectVisitor) { value.visitObjects(&visitor) }

    var value: Value {
        _read { yield unsafe place.assumingMemoryBound(to: Value.self).pointee }
    }
}
