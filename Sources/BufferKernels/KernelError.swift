/// What can go wrong while moving elements.
public enum KernelError: Error, Equatable, Sendable {
    /// The system gave no memory for a temporary or a new block of `byteCount` bytes.
    case outOfMemory(byteCount: Int)
    /// An exact conversion met a value that the destination's type cannot hold; `index` counts items in C order.
    case inexact(index: Int)
    /// A conversion that is to tell met a value out of the range of the destination's type.
    case outOfRange(index: Int)
}

/// Moves, converts, compares and fills the elements of buffers; the namespace of this module's functions.
///
/// Every function takes raw pointers and ``LayoutView``s and trusts them: the caller has checked that each address a
/// layout reaches from its pointer lies in memory it may read (or write). No alignment is asked of any pointer or
/// stride.
public enum Kernels {}
