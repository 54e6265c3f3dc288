// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import Synchronization

/// A Python object that a Swift value keeps: a callback, a parent, an object of any kind.
///
/// ```swift
/// struct Filter: PythonValue {
///     let callback: HeldObject
///     borrowing func visitObjects(_ visitor: inout ObjectVisitor) { visitor.visit(callback) }
/// }
/// ```
///
/// The garbage collector may end it, where the value and the object keep each other alive and nothing else does.
/// Unlike a ``PythonObject`` it may be dropped on any thread.
public final class HeldObject {
    private struct Content: ~Copyable {
        var reference: ForeignReference?
        /// The object that showed this to the collector first, and the only one that does.
        ///
        /// This holds one reference. The collector subtracts each reference that it is shown from an object's count:
        /// shown one by two, it would take a live object for garbage.
        var visitor: UInt?
    }

    private let content: Mutex<Content>

    /// Keeps an object.
    public init(_ object: consuming PythonObject) {
        content = Mutex(Content(reference: ForeignReference(object), visitor: nil))
    }

    /// A reference to the object.
    ///
    /// - Throws: `RuntimeError` if the garbage collector has ended it, or the thread is not attached to the object's
    ///   interpreter.
    public func object() throws(PythonError) -> PythonObject {
        let object = content.withLock { (content) -> PythonObject? in content.reference?.copyHere() }
        guard let object else {
            throw PythonError(.runtime, "the object has been collected as garbage, or belongs to another interpreter")
        }
        return object
    }

    fileprivate func visit(by visitor: UInt, _ function: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        content.withLock { content in
            if content.visitor == nil { content.visitor = visitor }
            guard content.visitor == visitor else { return 0 }
            // The collector counts; it runs no code of an object's.
            return unsafe PythonBuffers.visit(content.reference?.reference, function, context)
        }
    }

    fileprivate func take(for visitor: UInt) -> ForeignReference? {
        content.withLock { content in content.visitor == visitor ? content.reference.take() : nil }
    }
}

/// What ``PythonValue/visitObjects(_:)`` shows the objects of a value to.
@safe
public struct ObjectVisitor: ~Copyable {
    private let owner: UInt
    /// NULL where the objects are to be dropped.
    private let function: visitproc?
    private let context: UnsafeMutableRawPointer?
    private var visited: [ObjectIdentifier] = []
    private var dropped: [DroppedReference] = []
    /// What the collector answered; once it is not 0, nothing more is shown.
    private(set) var status: CInt = 0

    /// - Parameter owner: the Python object that has the value.
    init(for owner: ObjectReference, _ function: visitproc?, _ context: UnsafeMutableRawPointer?) {
        self.owner = unsafe UInt(bitPattern: owner.pointer)
        unsafe self.function = function
        unsafe self.context = context
    }

    /// Shows one object that the value keeps.
    public mutating func visit(_ held: HeldObject) {
        guard status == 0, !visited.contains(ObjectIdentifier(held)) else { return }
        visited.append(ObjectIdentifier(held))
        if unsafe function != nil {
            status = unsafe held.visit(by: owner, function, context)
        } else if let reference = held.take(for: owner) {
            // Dropped when the value is no longer in use: that may run code.
            dropped.append(DroppedReference(reference))
        }
    }

    /// Shows one object that the value may keep.
    public mutating func visit(_ held: HeldObject?) {
        if let held { visit(held) }
    }
}

private final class DroppedReference {
    let reference: ForeignReference

    init(_ reference: consuming ForeignReference) {
        self.reference = reference
    }
}
