// SPDX-License-Identifier: Apache-2.0

/// The order in which the items of an N-dimensional array follow each other in memory.
public enum Order: UInt8, Sendable, Hashable, CaseIterable {
    /// Row-major, the last index varies fastest: `"C"`.
    case c
    /// Column-major, the first index varies fastest: `"F"`.
    case fortran
    /// Either of the two: `"A"`. Where one must be chosen it is Fortran for a layout that is Fortran-contiguous and
    /// not C-contiguous, and C for every other (NumPy's rule).
    case any
}

/// The number of dimensions that the buffer protocol allows (`PyBUF_MAX_NDIM`).
///
/// ``LayoutView`` itself takes any number, since some exporters have more.
public let maximumDimensions = 64
