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
        let mine = try make()
        let (isFirst, _) = unsafe place.compareExchange(
            expected: nil, desired: UnsafeMutableRawPointer(mine.copy().intoPointer()),
            ordering: .acquiringAndReleasing)
        if isFirst { return mine }
        // Another thread was, and the copy is one reference too many.
        unsafe sb_decref(mine.pointer)
        return known ?? mine
    }

    private var known: PythonObject? {
        guard let known = unsafe place.load(ordering: .acquiring) else { return nil }
        return unsafe PythonObject(borrowing: ObjectReference(pointer: known.assumingMemoryBound(to: PyObject.self)))
    }

    /// Drops the object, which nothing uses any more.
    ///
    /// - Precondition: a thread state of the object's interpreter is attached.
    func drop() {
        let known = unsafe place.exchange(nil, ordering: .acquiring)
        if let known = unsafe known { unsafe sb_decref(known.assumingMemoryBound(to: PyObject.self)) }
    }
}
