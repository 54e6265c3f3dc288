internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// A view and a lease that have ended and wait in the module's state for the next to be made: views come and go all the
/// time, and one that finds both there costs no allocation. Without a GIL nothing is kept.
@safe
struct IdleObjects {
    enum Place: Int {
        case view = -1
        case lease = -2
    }

    private let state: UnsafeMutablePointer<ObjectReference?>

    /// - Parameter state: the module's; `nil` where the module is gone.
    @inline(__always)
    init?(in state: UnsafeMutablePointer<ObjectReference?>?) {
        guard sb_keeps_idle() != 0, let state = unsafe state else { return nil }
        unsafe self.state = state
    }

    /// Takes out what stands at a place, with the only reference to it.
    @inline(__always)
    func take(_ place: Place) -> ObjectReference? {
        let idle = unsafe state[place.rawValue]
        unsafe state[place.rawValue] = nil
        return idle
    }

    /// Whether an object may be put there: nobody else is, and the module has not been cleared.
    @inline(__always)
    func hasRoom(at place: Place) -> Bool {
        unsafe state[place.rawValue] == nil && state[CoreState.leaseType.rawValue] != nil
    }

    /// Puts an object there: one that refers to nothing but its type and is not tracked.
    ///
    /// - Precondition: ``hasRoom(at:)``. The caller hands over the only reference.
    @inline(__always)
    func put(_ object: ObjectReference, at place: Place) {
        unsafe state[place.rawValue] = object
    }
}
