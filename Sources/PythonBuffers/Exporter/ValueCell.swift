// SPDX-License-Identifier: Apache-2.0
public import CPythonShims

/// What a Python object of an author's type holds: the author's value, and who uses it.
@safe
@usableFromInline
package struct ValueCell {
    /// How many calls read the value at the moment; -1 while one changes it.
    @usableFromInline var users = 0
    /// The author's value, which `storage` owns.
    @usableFromInline let value: UnsafeMutableRawPointer
    @usableFromInline let storage: ValueStorage
    /// Where CPython keeps the weak references to the object, and its attributes, if its type has such.
    var weakReferences = unsafe OptionalObjectReference(pointer: nil)
    var attributes = unsafe OptionalObjectReference(pointer: nil)

    static var weakReferenceOffset: Int { offset(of: \.weakReferences) }
    static var attributeOffset: Int { offset(of: \.attributes) }

    /// - Precondition: `field` is stored.
    private static func offset(of field: PartialKeyPath<ValueCell>) -> Int {
        Instance<ValueCell>.offset + MemoryLayout<ValueCell>.offset(of: field)!
    }

    init(_ storage: ValueStorage) {
        unsafe value = storage.place
        self.storage = storage
    }
}

/// Calls on the value of a Python object that is known to hold a `Value`.
///
/// They exclude each other where they must: what would change a value that another call still uses, further up the stack or
/// on another thread, throws `RuntimeError`.
@usableFromInline
package enum ValueAccess<Value: PythonValue & ~Copyable> {
    @inlinable
    static func cell(of object: ObjectReference) -> UnsafeMutablePointer<ValueCell> {
        unsafe Instance<ValueCell>.value(in: object)
    }

    /// Runs `body` with the value.
    ///
    /// - Precondition: `object` holds a `Value`.
    @inlinable
    package static func read<Result: ~Copyable, Failure: Error>(
        _ object: ObjectReference, _ body: (borrowing Value) throws(Failure) -> Result
    ) throws -> Result {
        try ObjectLock.holding(object) {
            let cell = unsafe cell(of: object)
            guard unsafe sb_begin_reading(&cell.pointee.users) != 0 else { throw inUse() }
            defer { unsafe sb_end_reading(&cell.pointee.users) }
            return try body(unsafe cell.pointee.value.assumingMemoryBound(to: Value.self).pointee)
        }
    }

    /// Runs `body` with the value, and describes the memory of an exporter anew where that changed.
    ///
    /// - Parameter whileExported: whether exports may be outstanding, which then refuse another description.
    /// - Precondition: `object` holds a `Value`.
    @inlinable
    package static func change<Result: ~Copyable, Failure: Error>(
        _ object: ObjectReference, whileExported: Bool, _ body: (inout Value) throws(Failure) -> Result
    ) throws -> Result {
        try ObjectLock.holding(object) {
            let cell = unsafe cell(of: object)
            guard unsafe sb_begin_changing(&cell.pointee.users) != 0 else { throw inUse() }
            defer { unsafe sb_end_changing(&cell.pointee.users) }
            let (place, storage) = unsafe (
                cell.pointee.value.assumingMemoryBound(to: Value.self), cell.pointee.storage
            )
            // A change that cannot be taken back must not find out afterwards that exports keep it from being shown.
            let suspends = unsafe storage.exports && !(whileExported && Value.restoresAfterFailure)
            if unsafe suspends && !storage.isOutdated { try storage.suspendExports(of: object) }
            defer { if unsafe suspends && !storage.isOutdated { storage.resumeExports(of: object) } }
            do {
                let result = try Value.changing(&(unsafe place.pointee)) { (value) throws in
                    let result = try body(&value)
                    if let description = try value.bufferDescription() {
                        try storage.showIfNew(description, in: object, isSuspended: suspends)
                    }
                    return result
                }
                unsafe storage.isOutdated = false
                return result
            } catch {
                if unsafe storage.exports && !Value.restoresAfterFailure {
                    do {
                        if let description = try unsafe place.pointee.bufferDescription() {
                            try storage.showIfNew(description, in: object, isSuspended: suspends)
                        }
                        unsafe storage.isOutdated = false
                    } catch {
                        unsafe storage.isOutdated = true
                    }
                }
                // The first error is the one to report.
                throw error
            }
        }
    }

    @usableFromInline @inline(never)
    static func inUse() -> PythonError {
        PythonError(.runtime, "the object is in use by another call; call again when that has ended")
    }
}
