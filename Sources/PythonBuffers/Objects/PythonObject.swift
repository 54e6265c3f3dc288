public import CPython
internal import CPythonShims

/// The address of a Python object, whose lifetime somebody else vouches for.
public typealias ObjectPointer = UnsafeMutablePointer<PyObject>

/// A new reference as the bits of its pointer, 0 for NULL. Swift keeps an optional pointer as a number anyway; where the
/// C functions that make the object are declared so too, a slot that ends with such a call ends with a jump.
public typealias ReferenceBits = UInt

/// A counted reference to a Python object: one reference taken over or made, one dropped at the end of its life.
///
/// Every use, the end of its life included, needs an attached thread state (the GIL, where there is one).
@safe
public struct PythonObject: ~Copyable {
    /// The object, valid while this reference lives.
    public let pointer: ObjectPointer

    /// Takes over a reference that the caller owns.
    public init(owning pointer: ObjectPointer) {
        unsafe self.pointer = pointer
    }

    /// Makes a reference of its own to an object that somebody else keeps alive for now.
    public init(borrowing pointer: ObjectPointer) {
        unsafe sb_incref(pointer)
        unsafe self.pointer = pointer
    }

    /// Takes over the result of a C function that returns a new reference, or NULL with an exception set.
    public init(result pointer: ObjectPointer?) throws(PythonError) {
        guard let pointer = unsafe pointer else { throw PythonError.pending() }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe sb_decref(pointer)
    }

    /// One more reference to the same object.
    public func copy() -> PythonObject {
        unsafe PythonObject(borrowing: pointer)
    }

    /// Hands the reference over to a caller who will drop it, as a C function returns it.
    public consuming func intoPointer() -> ObjectPointer {
        let pointer = unsafe pointer
        discard self
        return unsafe pointer
    }

    /// Whether both are the same object (Python's `is`).
    public func isIdentical(to other: borrowing PythonObject) -> Bool {
        unsafe pointer == other.pointer
    }

    public var isNone: Bool { unsafe pointer == sb_none() }

    /// The name of the object's type, for messages.
    public var typeName: String { unsafe typeNameOf(pointer) }
}

/// The name of the type of `object`, as Python's own messages give it: without the module for built-in types.
public func typeNameOf(_ object: ObjectPointer) -> String {
    let name = unsafe String(cString: sb_type_name(sb_type(object)))
    guard let dot = name.lastIndex(of: ".") else { return name }
    return String(name[name.index(after: dot)...])
}
