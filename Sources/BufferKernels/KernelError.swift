// SPDX-License-Identifier: Apache-2.0

/// Why a kernel failed.
public enum KernelError: Error, Equatable, Sendable {
    /// Memory for a temporary or a new block of `byteCount` bytes could not be allocated.
    case outOfMemory(byteCount: Int)
    /// An exact conversion found a value that the destination's type cannot hold; `index` counts items in C order.
    case inexact(index: Int)
    /// A conversion with ``Adjustment/Overflow/raise`` found a value out of the range of the destination's type; `index` counts
    /// items in C order.
    case outOfRange(index: Int)
}

/// Moves, converts, compares and fills the items of buffers; the namespace of this module's functions.
///
/// Every function trusts its raw pointers and ``LayoutView``s: the caller has checked that each address a layout reaches
/// from its pointer lies in memory that may be read (or written). Pointers and strides need no alignment.
public enum Kernels {}
