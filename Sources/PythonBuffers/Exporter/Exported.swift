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
/// The garbage collector sees the object whose memory is re-exported, and nothing else that a value holds: a value that
/// keeps Python objects which lead back to it keeps itself alive.
public protocol BufferExporter: ~Copyable {
    /// The memory as it is now. Called when an object is made, and after each call that may have changed the value.
    borrowing func describeBuffer() throws(PythonError) -> BufferDescription
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
        guard ExporterType.isExporter(type) else {
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
    /// - Throws: what `body` throws; `BufferError` if the value describes other memory afterwards while exports are
    ///   outstanding, which keep the old memory. Use ``resize(_:_:)`` for such changes.
    public static func update<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let storage = try storage(of: object)
        return try ObjectLock.holding(object) { () throws(PythonError) in
            try storage.changing { () throws(PythonError) in
                let result = try Self.result(of: body, on: storage) { (description) throws(PythonError) in
                    let count = ExportCount(of: object)
                    guard count.suspend() else { throw Self.existingExports(count.value) }
                    defer { count.endChange() }
                    try unsafe storage.show(description, in: sb_record(object.pointer))
                }
                return result
            }
        }
    }

    /// Runs `body` with the value, to be changed in what it describes: to be resized, reshaped, closed.
    ///
    /// - Throws: `BufferError` if exports are outstanding, before `body` is run; what `body` throws, and what
    ///   describing the value afterwards throws.
    public static func resize<Result: ~Copyable>(
        _ object: ObjectReference, _ body: (inout Value) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let storage = try storage(of: object)
        return try ObjectLock.holding(object) { () throws(PythonError) in
            try storage.changing { () throws(PythonError) in
                let count = ExportCount(of: object)
                guard count.suspend() else { throw Self.existingExports(count.value) }
                defer { count.endChange() }
                return try Self.result(of: body, on: storage) { (description) throws(PythonError) in
                    try unsafe storage.show(description, in: sb_record(object.pointer))
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

    /// Runs `body`, and `show` if the value describes something else afterwards, be it that `body` failed half-way.
    private static func result<Result: ~Copyable>(
        of body: (inout Value) throws(PythonError) -> Result, on storage: ExportedValue<Value>,
        show: (BufferDescription) throws(PythonError) -> Void
    ) throws(PythonError) -> Result {
        func showChange() throws(PythonError) {
            let description = try storage.describe()
            if !storage.isShown(description) { try show(description) }
        }
        let result: Result
        do {
            result = try body(&storage.value)
        } catch {
            // The first error is the one to report.
            try? showChange()
            throw error
        }
        try showChange()
        return result
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
            // The class is final, so this is the check of a cast, at a tenth of its cost.
            if type(of: storage) == ExportedValue<Value>.self {
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
    }

    override func describe() throws(PythonError) -> BufferDescription { try value.describeBuffer() }
}
