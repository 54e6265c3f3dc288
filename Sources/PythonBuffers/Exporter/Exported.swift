internal import CPython
public import CPythonShims

/// A Swift value whose memory Python objects export.
///
/// ```swift
/// struct Frame: BufferExporter {
///     let pixels: BufferMemory
///     func describeBuffer() throws(PythonError) -> BufferDescription {
///         try BufferDescription(pixels, shape: [240, 320], of: Float.self)
///     }
/// }
/// ```
///
/// The library does the rest: it answers or refuses every request, counts exports, and keeps the description as it is
/// while exports are outstanding.
///
/// A value that keeps Python objects holds each in a ``HeldObject``, and shows them to the garbage collector in
/// ``visitObjects(_:)``.
public protocol BufferExporter: ~Copyable {
    /// The memory as it is now. Called when an object is made, and after each call that may have changed the value.
    borrowing func describeBuffer() throws(PythonError) -> BufferDescription

    /// Shows the garbage collector the Python objects that the value keeps: `visitor.visit(callback)` for each
    /// ``HeldObject``. Without it, a value whose objects lead back to the value keeps itself alive.
    borrowing func visitObjects(_ visitor: inout ObjectVisitor)

    /// Whether ``changing(_:_:)`` takes back a change that fails. Implemented by the library: true for every value that
    /// can be copied.
    static var restoresAfterFailure: Bool { get }

    /// Runs `body`; if it throws, the value is as before. Implemented by the library.
    static func changing<Result: ~Copyable>(
        _ value: inout Self, _ body: (inout Self) throws(PythonError) -> Result
    ) throws(PythonError) -> Result
}

extension BufferExporter where Self: ~Copyable {
    public borrowing func visitObjects(_ visitor: inout ObjectVisitor) {}

    @inlinable public static var restoresAfterFailure: Bool { false }

    @inlinable
    public static func changing<Result: ~Copyable>(
        _ value: inout Self, _ body: (inout Self) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try body(&value)
    }
}

extension BufferExporter {
    @inlinable public static var restoresAfterFailure: Bool { true }

    @inlinable
    public static func changing<Result: ~Copyable>(
        _ value: inout Self, _ body: (inout Self) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let before = value
        do {
            return try body(&value)
        } catch {
            value = before
            throw error
        }
    }
}

/// Python objects that hold a ``BufferExporter``, made by a type of ``TypeDefinition/init(exporting:name:)`` and its
/// kin.
///
/// Every function here takes any object and throws `TypeError` for one that does not hold a `Value`. Calls on one
/// object exclude each other where they must: what would change a value that another call still uses, further up the
/// stack or on another thread, throws `RuntimeError`.
public enum Exported<Value: BufferExporter & ~Copyable> {
    /// A new object of `type` that holds `value`.
    ///
    /// - Parameter type: made from a definition for this `Value`.
    /// - Throws: `MemoryError`, `TypeError` for any other type, and what describing the value throws.
    public static func make(
        of type: ObjectReference, _ value: consuming Value
    ) throws(PythonError) -> PythonObject {
        guard ExporterType.isExporter(type), ExporterType.value(of: type) == ObjectIdentifier(Value.self) else {
            throw PythonError(.type, "objects of this type do not hold a \(Value.self)")
        }
        let storage = ExportedValue(value)
        let description = try storage.describe()
        let object = try Instance<ExportStorage>.make(of: type, storage)
        try unsafe storage.show(description, in: sb_record(object.pointer))
        return object
    }

    /// Runs `body` with the value.
    public static func read<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (borrowing Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let storage = try storage(of: object)
        return try ObjectLock.holding(object) { () throws(PythonError) in
            try storage.reading { () throws(PythonError) in try body(storage.value) }
        }
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
    public static func update<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try change(object, whileExported: Value.restoresAfterFailure, body)
    }

    /// Runs `body` with the value, to be changed in what it describes: to be resized, reshaped, closed.
    ///
    /// A call that throws changes nothing but what it wrote to the memory; see ``update(_:_:)``. A noncopyable value
    /// stays as `body` left it, and is described so; if that fails too, buffers are refused until a later call
    /// succeeds.
    ///
    /// - Throws: `BufferError` if exports are outstanding, before `body` is run; what `body` throws, and what
    ///   describing the value afterwards throws.
    public static func resize<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try change(object, whileExported: false, body)
    }

    private static func change<Result: ~Copyable>(
        _ object: ObjectReference, whileExported: Bool, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let storage = try storage(of: object)
        return try ObjectLock.holding(object) { () throws(PythonError) in
            try storage.changing { () throws(PythonError) in
                let count = ExportCount(of: object)
                if !whileExported && !storage.isOutdated {
                    guard count.suspend() else { throw Self.existingExports(count.value) }
                }
                defer { if !whileExported && !storage.isOutdated { count.endChange() } }

                func showChange(of value: borrowing Value) throws(PythonError) {
                    let description = try value.describeBuffer()
                    if storage.isShown(description) { return }
                    if whileExported {
                        guard count.suspend() else { throw Self.existingExports(count.value) }
                    }
                    defer { if whileExported { count.endChange() } }
                    try unsafe storage.show(description, in: sb_record(object.pointer))
                }
                do throws(PythonError) {
                    let result = try Value.changing(&storage.value) { (value) throws(PythonError) in
                        let result = try body(&value)
                        try showChange(of: value)
                        return result
                    }
                    storage.isOutdated = false
                    return result
                } catch {
                    guard !Value.restoresAfterFailure else { throw error }
                    do throws(PythonError) {
                        try showChange(of: storage.value)
                        storage.isOutdated = false
                    } catch {
                        storage.isOutdated = true
                    }
                    // The first error is the one to report.
                    throw error
                }
            }
        }
    }

    /// The body of a property or a slot that reads the value: `Exported<Frame>.get($0) { ... }`.
    @inline(__always)
    public static func get(
        _ object: ObjectReference, _ body: (borrowing Value) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in try read(object, body) }
    }

    private static func existingExports(_ count: Int) -> PythonError {
        PythonError(
            .buffer,
            "Existing exports of data: object cannot be re-sized "
                + "(\(count) export\(count == 1 ? "" : "s") outstanding; release the memoryviews and arrays that use it)"
        )
    }

    private static func storage(of object: ObjectReference) throws(PythonError) -> ExportedValue<Value> {
        if ExporterType.isExporter(object.type) {
            let storage = unsafe Instance<ExportStorage>.value(in: object).pointee
            // A class for each type of value: this is the check of a cast, at a fraction of its cost.
            if storage.valueType == ObjectIdentifier(Value.self) {
                return unsafe unsafeDowncast(storage, to: ExportedValue<Value>.self)
            }
        }
        throw PythonError(.type, "expected an object that holds a \(Value.self), not \(typeNameOf(object))")
    }
}

/// The half of ``ExportStorage`` that has the author's type.
final class ExportedValue<Value: BufferExporter & ~Copyable>: ExportStorage {
    var value: Value

    init(_ value: consuming Value) {
        self.value = value
        super.init(of: ObjectIdentifier(Value.self))
    }

    override func describe() throws(PythonError) -> BufferDescription { try value.describeBuffer() }

    override func visitObjects(_ visitor: inout ObjectVisitor) { value.visitObjects(&visitor) }
}
