// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
package import Synchronization

/// A reference that is set once, by whichever thread is first, and read by all.
@safe
package struct FirstReference: ~Copyable {
    @usableFromInline let place = unsafe Atomic<UnsafeMutableRawPointer?>(nil)

    package init() {}

    /// The reference, once it is set.
    @inlinable @inline(__always)
    package var known: UnsafeMutableRawPointer? { unsafe place.load(ordering: .acquiring) }

    /// Sets the reference, unless it is set: returns the other one then, and `mine` stays its caller's.
    package func set(_ mine: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let (isFirst, other) = unsafe place.compareExchange(
            expected: nil, desired: mine, ordering: .acquiringAndReleasing)
        return unsafe isFirst ? nil : other
    }

    /// The reference, which is the caller's from now on.
    fileprivate func take() -> UnsafeMutableRawPointer? { unsafe place.exchange(nil, ordering: .acquiring) }
}

/// A Python object that is made at its first use, by whichever thread is first.
///
/// It is one pointer, NULL until then, as a place in the state of a module is.
@safe
package struct KeptObject: ~Copyable {
    private let place = FirstReference()

    package init() {}

    /// The object, as long as it is kept; `nil` before its first use.
    @inline(__always)
    var known: ObjectReference? {
        guard let known = unsafe place.known else { return nil }
        return unsafe ObjectReference(pointer: known.assumingMemoryBound(to: PyObject.self))
    }

    /// The object, made by `make` the first time, as long as it is kept.
    func reference(_ make: () throws(PythonError) -> PythonObject) throws(PythonError) -> ObjectReference {
        if let known { return known }
        let mine = try unsafe ObjectReference(pointer: make().intoPointer())
        guard let other = unsafe place.set(mine.pointer) else { return mine }
        // Another thread was first.
        unsafe sb_decref(mine.pointer)
        return unsafe ObjectReference(pointer: other.assumingMemoryBound(to: PyObject.self))
    }

    /// The object, made by `make` the first time.
    package func object(_ make: () throws(PythonError) -> PythonObject) throws(PythonError) -> PythonObject {
        PythonObject(borrowing: try reference(make))
    }

    /// Drops the object, which nothing uses any more.
    ///
    /// - Precondition: a thread state of the object's interpreter is attached.
    package func drop() {
        if let known = unsafe place.take() { unsafe sb_decref(known.assumingMemoryBound(to: PyObject.self)) }
    }
}
