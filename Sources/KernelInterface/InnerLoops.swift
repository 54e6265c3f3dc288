public import BufferLayout

/// The inner loops of the kernels. `KernelLoops` has them, and is compiled once for each set of instructions; the table of
/// one build is its conformance.
///
/// Neither side of any loop needs alignment. What returns `false` or `nil` has done nothing, and is not made for the
/// sizes, the strides or the CPU. `streaming` writes past the caches where that can be had.
public protocol InnerLoops: SendableMetatype {
    /// Converts `count` values that lie one after another, in native byte order, from one scalar type to another.
    ///
    /// Integers wrap as in C; floating-point values out of an integer's range give the nearest integer in range and NaN
    /// gives 0. `false` for complex types and `long double`. The two sides do not overlap unless they are equal and of
    /// one size.
    static func convertContiguous(
        _ source: UnsafeRawPointer, _ from: Scalar, _ destination: UnsafeMutableRawPointer, _ to: Scalar, _ count: Int
    ) -> Bool

    /// Makes each `x` of `count` doubles `x * scale + offset`; then, with `rounds`, the nearest integer, ties to even.
    static func scaleDoubles(
        _ p: UnsafeMutableRawPointer, _ count: Int, _ scale: Double, _ offset: Double, _ rounds: Bool)

    /// Makes each `x` of `count` floats `x * scale`.
    static func scaleFloats(_ p: UnsafeMutableRawPointer, _ count: Int, _ scale: Float)

    /// Writes for each `x` of `count` doubles, or floats with `areFloats`, the nearest integer to `x * scale + offset`,
    /// brought into the range: the lower 32 bits of it.
    static func scaleToIntegers(
        _ source: UnsafeRawPointer, _ areFloats: Bool, _ destination: UnsafeMutableRawPointer, _ count: Int,
        _ scale: Double, _ offset: Double, _ low: Double, _ high: Double)

    /// Brings `count` integers (int32, uint32, int64 or uint64) into a range, the bounds of which are given by their bits.
    static func clampIntegers(_ p: UnsafeMutableRawPointer, _ type: Scalar, _ count: Int, _ low: Int64, _ high: Int64)

    /// Whether all of `count` integers are in a range; as ``clampIntegers(_:_:_:_:_:)``.
    static func areIntegersWithin(
        _ p: UnsafeRawPointer, _ type: Scalar, _ count: Int, _ low: Int64, _ high: Int64
    ) -> Bool

    /// Whether all of `count` doubles are in a range; NaN is in none.
    static func areDoublesWithin(_ p: UnsafeRawPointer, _ count: Int, _ low: Double, _ high: Double) -> Bool

    /// Makes `count` doubles integers of 64 bits, modulo 2**64. What is not finite is 0.
    static func wrapDoubles(_ p: UnsafeMutableRawPointer, _ count: Int)

    /// Swaps the byte order of `count` values of `width` bytes.
    static func swapContiguous(
        _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ width: Int, _ count: Int
    )

    /// Whether two runs of floats of one type are equal as numbers; with `nanEqual`, NaN equals NaN.
    static func equalFloats(
        _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ scalar: Scalar, _ count: Int, _ nanEqual: Bool
    ) -> Bool

    /// Whether integers of 64 bits equal doubles exactly.
    static func equalMixed(
        _ integers: UnsafeRawPointer, _ signed: Bool, _ doubles: UnsafeRawPointer, _ count: Int
    ) -> Bool

    /// Whether two grids are equal: floats as numbers, integers of up to 8 bytes as they are.
    static func equalTransposed(_ pair: TransposedPair, isFloat: Bool) -> Bool?

    /// Whether any of these integers of 64 bits is negative.
    static func anyNegative(_ items: UnsafeRawPointer, _ count: Int) -> Bool

    /// How many items of `width` bytes equal `pattern` under `mask`.
    static func countMatches(
        _ items: UnsafeRawPointer, _ width: Int, _ mask: UInt64, _ pattern: UInt64, _ count: Int
    ) -> Int

    /// The position of the first item of `width` bytes that equals `pattern` under `mask`, or -1.
    static func firstMatch(
        _ items: UnsafeRawPointer, _ width: Int, _ mask: UInt64, _ pattern: UInt64, _ count: Int
    ) -> Int

    /// The first position in `start..<end` at which one byte is `first` and the one `distance` after it is `last`, with
    /// `backwards` the last such position; -1 if there is none. There are `end + distance` bytes.
    static func bytePair(
        _ bytes: UnsafeRawPointer, _ distance: Int, _ first: UInt8, _ last: UInt8, _ start: Int, _ end: Int,
        _ backwards: Bool
    ) -> Int

    /// Moves a grid of any strides and itemsize, item by item.
    static func moveGrid(_ grid: Grid)

    /// Moves a grid whose columns are contiguous on both sides: runs.
    static func copyRows(_ grid: Grid, streaming: Bool)

    /// Moves a grid whose columns are contiguous in the destination and -1, 2, 3 or 4 items apart in the source. For items
    /// of 1, 2, 4 and 8 bytes.
    static func gatherRows(_ grid: Grid, streaming: Bool) -> Bool

    /// Splits pixels of 2 to 4 channels into planes: the rows of the grid are the channels, contiguous in the
    /// destination, and its columns the pixels, contiguous in the source. For items of 1, 2, 4 and 8 bytes.
    static func splitChannels(_ grid: Grid) -> Bool

    /// Joins 2 to 4 planes into pixels: the columns of the grid are the channels, and its rows the pixels, contiguous in
    /// the destination. For items of 1, 2, 4 and 8 bytes.
    static func joinChannels(_ grid: Grid, streaming: Bool) -> Bool

    /// Transposes a grid whose rows are the source's fastest axis, and whose columns are the destination's: tile by tile.
    /// For items of 1, 2, 4, 8 and 16 bytes. With `far`, the source is prefetched.
    static func transposeGrid(_ grid: Grid, streaming: Bool, far: Bool) -> Bool

    /// As ``transposeGrid(_:streaming:far:)``, by tiles that become whole lines of the destination in registers.
    static func transposeLines(_ grid: Grid, streaming: Bool) -> Bool

    /// As ``transposeGrid(_:streaming:far:)``, for items of 3, 6 and 12 bytes.
    static func transposePacked(_ grid: Grid) -> Bool
}
