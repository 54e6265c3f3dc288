// SPDX-License-Identifier: Apache-2.0
package import BufferLayout

/// The inner loops of the kernels. `KernelLoops` implements them and is compiled once for each instruction set; its
/// conformance is the table of one build.
///
/// No loop needs aligned memory. A loop that returns `false` or `nil` has done nothing: it does not support the sizes,
/// the strides or the CPU. With `streaming`, a loop uses non-temporal stores where the CPU has them.
package protocol InnerLoops: SendableMetatype {
    /// Converts `count` contiguous values in native byte order from one scalar type to another.
    ///
    /// Integers wrap as in C; floating-point values out of an integer's range give the nearest integer in range and NaN
    /// gives 0. `false` for complex types and `long double`.
    ///
    /// - Precondition: the two sides do not overlap unless they are equal and of one size.
    static func convertContiguous(
        _ source: UnsafeRawPointer, from: Scalar, _ destination: UnsafeMutableRawPointer, to: Scalar, count: Int
    ) -> Bool

    /// Scales each of `count` doubles in place.
    static func scaleDoubles(_ p: UnsafeMutableRawPointer, count: Int, _ scaling: Scaling)

    /// Multiplies each of `count` floats by `scale` in place.
    static func scaleFloats(_ p: UnsafeMutableRawPointer, count: Int, by scale: Float)

    /// Scales each of `count` doubles, or floats with `areFloats`, rounds it to the nearest integer, clamps that to `range`
    /// and writes its lower 32 bits. NaN gives 0.
    ///
    /// - Precondition: `range` holds 0 and is within that of 33 bits; the two sides do not overlap.
    static func scaleToIntegers(
        _ source: UnsafeRawPointer, areFloats: Bool, _ destination: UnsafeMutableRawPointer, count: Int,
        _ scaling: Scaling, range: ClosedRange<Double>)

    /// Clamps each of `count` integers to a range in place.
    static func clampIntegers(_ p: UnsafeMutableRawPointer, count: Int, to range: IntegerRange)

    /// Whether all of `count` integers are in a range.
    static func areIntegersWithin(_ p: UnsafeRawPointer, count: Int, _ range: IntegerRange) -> Bool

    /// Whether all of `count` doubles are in a range; NaN is in none.
    static func areDoublesWithin(_ p: UnsafeRawPointer, count: Int, _ range: ClosedRange<Double>) -> Bool

    /// Truncates `count` doubles to integers of 64 bits, modulo 2**64, in place. What is not finite gives 0.
    static func wrapDoubles(_ p: UnsafeMutableRawPointer, count: Int)

    /// Swaps the byte order of `count` contiguous values of `width` bytes.
    ///
    /// - Precondition: the two sides are equal or do not overlap.
    static func swapContiguous(
        _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, width: Int, count: Int)

    /// Whether `count` floats of one type are equal pair by pair as numbers: NaN differs from everything, 0.0 equals -0.0.
    /// With `nanEqual`, NaN equals NaN. `false` for other types.
    static func equalFloats(
        _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, type: Scalar, count: Int, nanEqual: Bool
    ) -> Bool

    /// Whether integers of 64 bits equal doubles exactly, as Python compares them: `2**53 + 1 != 2.0**53`.
    static func equalMixed(
        _ integers: UnsafeRawPointer, signed: Bool, _ doubles: UnsafeRawPointer, count: Int
    ) -> Bool

    /// Whether two grids are equal: floats as numbers, integers of up to 8 bytes by their bits. `nil` for other sizes and
    /// for grids smaller than a tile.
    static func equalTransposed(_ pair: TransposedPair, isFloat: Bool) -> Bool?

    /// Whether any of `count` signed integers of 64 bits is negative.
    static func anyNegative(_ items: UnsafeRawPointer, count: Int) -> Bool

    /// How many of `count` items match.
    static func countMatches(of pattern: BitPattern, in items: UnsafeRawPointer, count: Int) -> Int

    /// The position of the first of `count` items that matches, or -1.
    static func firstMatch(of pattern: BitPattern, in items: UnsafeRawPointer, count: Int) -> Int

    /// The first of `positions` at which a pair of bytes begins, with `backwards` the last; -1 if there is none.
    ///
    /// - Precondition: there are `positions.upperBound + pair.distance` bytes.
    static func bytePair(
        _ pair: BytePair, in bytes: UnsafeRawPointer, positions: Range<Int>, backwards: Bool
    ) -> Int

    /// Moves a grid of any strides and itemsize, item by item.
    static func moveGrid(_ grid: Grid)

    /// Moves a grid whose columns are contiguous on both sides: `rows` runs of `columns * itemsize` bytes.
    static func copyRows(_ grid: Grid, streaming: Bool)

    /// Moves a grid whose columns are contiguous in the destination and -1, 2, 3 or 4 items apart in the source. For items
    /// of 1, 2, 4 and 8 bytes. No byte before the first or after the last item of a row is read.
    static func gatherRows(_ grid: Grid, streaming: Bool) -> Bool

    /// Splits pixels of 2 to 4 channels into planes: the rows of the grid are the channels, contiguous in the
    /// destination, and its columns the pixels, contiguous in the source. For items of 1, 2, 4 and 8 bytes.
    ///
    /// - Precondition: `sourceRow` is the itemsize, `sourceColumn` a pixel's bytes, and `destinationColumn` the itemsize.
    static func splitChannels(_ grid: Grid) -> Bool

    /// Joins 2 to 4 planes into pixels: the columns of the grid are the channels, and its rows the pixels, contiguous in
    /// the destination. For items of 1, 2, 4 and 8 bytes. Streams only if a pixel of the destination begins a cache line.
    ///
    /// - Precondition: `sourceRow` is the itemsize, `destinationRow` a pixel's bytes, and `destinationColumn` the itemsize.
    static func joinChannels(_ grid: Grid, streaming: Bool) -> Bool

    /// Transposes a grid whose rows are the source's fastest axis, and whose columns are the destination's: tile by tile.
    /// For items of 1, 2, 4, 8 and 16 bytes. With `prefetching`, source rows are prefetched, also past the last one.
    static func transposeGrid(_ grid: Grid, streaming: Bool, prefetching: Bool) -> Bool

    /// As ``transposeGrid(_:streaming:prefetching:)``, by tiles that become whole cache lines of the destination in
    /// registers. `false` also where the CPU's vectors make the other loop faster.
    static func transposeLines(_ grid: Grid, streaming: Bool) -> Bool

    /// As ``transposeGrid(_:streaming:prefetching:)``, for items of 3, 6 and 12 bytes. `false` also where the CPU lacks an
    /// instruction that it needs.
    static func transposePacked(_ grid: Grid) -> Bool
}
