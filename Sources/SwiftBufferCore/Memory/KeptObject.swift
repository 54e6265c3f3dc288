// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// A Python object that is made at its first use, by whichever thread is first.
@safe
struct KeptObject: ~Copyable {
    private let place = unsafe Atomic<UnsafeMutableRawPointer?>(nil)

    /// The object, made by `make` the first time.
    func object(_ make: () throws(PythonError) -> PythonObject) throws(PythonError) -> PythonObject {
        if let known { return known }
        let mine = try unsafe UnsafeMutableRawPointer(make().intoPointer())
        let (isFirst, other) = unsafe place.compareExchange(
            expected: nil, desired: mine, ordering: .acquiringAndReleasing)
        guard !isFirst, let other = unsafe other else { return unsafe Self.object(at: mine) }
        // Another thread was first.
        unsafe sb_decref(mine.assumingMemoryBound(to: PyObject.self))
        return unsafe Self.object(at: other)
    }

    private var known: PythonObject? {
        guard let known = unsafe place.load(ordering: .acquiring) else { return nil }
        return unsafe Self.object(at: known)
    }

    private static func object(at address: UnsafeMutableRawPointer) -> PythonObject {
        unsafe PythonObject(borrowing: ObjectReference(pointer: address.assumingMemoryBound(to: PyObject.self)))
    }

    /// Drops the object, which nothing uses any more.
    ///
    /// - Precondition: a thread state of the object's interpreter is attached.
    func drop() {
        let known = unsafe place.exchange(nil, ordering: .acquiring)
        if let known = unsafe known { unsafe sb_decref(known.assumingMemoryBound(to: PyObject.self)) }
    }
}
