// SPDX-License-Identifier: Apache-2.0
public import CPython
public import CPythonShims

/// The address of a Python object, as C functions take it.
public typealias ObjectPointer = UnsafeMutablePointer<PyObject>

/// A borrowed reference: a Python object that the caller keeps alive for the duration of the call. Make a
/// ``PythonObject`` of it to keep it longer.
public typealias ObjectReference = SBObject

/// A borrowed reference, or NULL.
public typealias OptionalObjectReference = SBOptionalObject

/// What a C function returns: a new reference, or NULL with an exception set.
public typealias ObjectResult = SBResult

extension OptionalObjectReference {
    /// The reference, unless it is NULL.
    @inlinable public var object: ObjectReference? {
        @inline(__always)
        get { unsafe pointer.map { unsafe ObjectReference(pointer: $0) } }
    }
}

extension ObjectReference {
    /// Whether both are the same object (Python's `is`).
    @inlinable public static func == (_ first: Self, _ second: Self) -> Bool { unsafe first.pointer == second.pointer }
}

/// A new reference as the bits of its pointer, 0 for NULL. Swift keeps an optional pointer as a number anyway; where the
/// C functions that make the object are declared so too, a slot that ends with such a call ends with a jump.
@usableFromInline package typealias ReferenceBits = UInt

/// A counted reference to a Python object: one reference taken over or made, one dropped at the end of its life.
///
/// Every use, the end of its life included, needs an attached thread state (the GIL, where there is one).
@safe
@frozen public struct PythonObject: ~Copyable {
    /// The object, valid while this reference lives.
    @usableFromInline package let pointer: ObjectPointer

    /// Takes over a reference that the caller owns.
    ///
    /// - Precondition: `pointer` is that of an object, and the caller does not drop the reference.
    @unsafe @inlinable public init(owning pointer: ObjectPointer) {
        unsafe self.pointer = pointer
    }

    /// Makes a reference of its own to an object that is borrowed.
    @inlinable package init(borrowing object: ObjectReference) {
        unsafe sb_incref(object.pointer)
        unsafe pointer = object.pointer
    }

    /// Takes over the result of a C function that returns a new reference, or NULL with an exception set.
    ///
    /// - Precondition: `pointer` is the result of such a function, and the caller does not drop the reference.
    @unsafe @inlinable public init(result pointer: ObjectPointer?) throws(PythonError) {
        guard let pointer = unsafe pointer else { throw PythonError.pending() }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe sb_decref(pointer)
    }

    /// One more reference to the same object.
    @inlinable public func copy() -> PythonObject {
        unsafe PythonObject(borrowing: reference)
    }

    /// The object, borrowed.
    ///
    /// - Precondition: what is done with it ends before this reference does. A temporary ends at once: bind it to a
    ///   constant first.
    @unsafe @inlinable package var reference: ObjectReference { unsafe ObjectReference(pointer: pointer) }

    /// Runs `body` with the address of the object, which is valid until `body` returns: for calls of C functions.
    ///
    /// ```swift
    /// let size = unsafe object.withPointer { unsafe PyObject_Size($0) }
    /// ```
    @unsafe @inlinable
    public borrowing func withPointer<Result: ~Copyable, Failure: Error>(
        _ body: (ObjectPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(pointer)
    }

    /// Hands the reference over to a caller who will drop it, as a C function returns it.
    @unsafe @inlinable public consuming func intoPointer() -> ObjectPointer {
        let pointer = unsafe pointer
        discard self
        return unsafe pointer
    }

    /// As ``intoPointer()``, for a function that returns a new reference.
    @inlinable package consuming func intoResult() -> ObjectResult { unsafe ObjectResult(pointer: intoPointer()) }

    /// Whether the object is `None`.
    @inlinable public var isNone: Bool { unsafe reference.isNone }

    /// The name of the object's type, for messages.
    public var typeName: String { unsafe typeNameOf(reference) }
}

extension ObjectResult {
    /// What a function returns that has set an exception.
    @inlinable public static var failure: ObjectResult { unsafe ObjectResult(pointer: nil) }

    /// A result that was made as a number.
    @inlinable @inline(__always)
    package init(bits: ReferenceBits) { unsafe self.init(pointer: ObjectPointer(bitPattern: bits)) }

    /// The same as a number.
    @inlinable package var bits: ReferenceBits {
        @inline(__always)
        get { unsafe ReferenceBits(bitPattern: pointer) }
    }
}

/// The name of the type of `object`, as Python's own messages give it: without the module for built-in types.
package func typeNameOf(_ object: ObjectReference) -> String {
    let name = unsafe String(cString: sb_type_name(sb_type(object.pointer)))
    guard let dot = name.lastIndex(of: ".") else { return name }
    return String(name[name.index(after: dot)...])
}
