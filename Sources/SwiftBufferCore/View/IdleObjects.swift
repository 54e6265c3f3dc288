// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// A view, a lease, an array and an iterator that have ended and are kept in the module's state for reuse, so that most
/// views, small arrays and loops need no allocation. Without a GIL nothing is kept.
@safe
struct IdleObjects {
    enum Place {
        case view, lease, array, iterator

        fileprivate var index: Int {
            switch self {
            case .view: CoreState.idleView.rawValue
            case .lease: CoreState.idleLease.rawValue
            case .array: CoreState.idleArray.rawValue
            case .iterator: CoreState.idleIterator.rawValue
            }
        }
    }

    private let state: UnsafeMutablePointer<ObjectReference?>

    /// - Parameter state: the module's; `nil` after the module's end.
    @inline(__always)
    init?(in state: UnsafeMutablePointer<ObjectReference?>?) {
        guard sb_keeps_idle() != 0, let state = unsafe state else { return nil }
        unsafe self.state = state
    }

    /// Removes the object at a place, and returns the only reference to it.
    @inline(__always)
    func remove(at place: Place) -> ObjectReference? {
        let idle = unsafe state[place.index]
        unsafe state[place.index] = nil
        return idle
    }

    /// Whether an object may be stored there: the place is empty, and the module has not been cleared.
    @inline(__always)
    func hasRoom(at place: Place) -> Bool {
        unsafe state[place.index] == nil && state[CoreState.leaseType.rawValue] != nil
    }

    /// Stores an object that refers to nothing but its type and is not tracked.
    ///
    /// - Precondition: ``hasRoom(at:)``. Takes over the only reference.
    @inline(__always)
    func store(_ object: ObjectReference, at place: Place) {
        unsafe state[place.index] = object
    }
}
