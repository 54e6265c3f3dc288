// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import KernelInterface
internal import KernelShims

/// The number of items in a tile: small enough for a few tiles of them to stay in the first-level cache.
let tileItems = 1024

/// From this many items on, the lines of a transposed tile are prefetched, since hardware prefetchers do not predict them.
private let prefetchThreshold = 1 << 18

/// Splits a normalised pair into tiles of at most `items` items and gives each to `body` with the addresses of
/// its first items and the two axes that it spans.
///
/// A tile lies along the destination's fastest axis and, where that is another one, along the source's fastest too.
/// `body` returns false to stop; so does this function then.
func forEachTile<Failure: Error>(
    _ pair: inout AxisPair, items: Int = tileItems, _ body: (Tile) throws(Failure) -> Bool
) throws(Failure) -> Bool {
    let ndim = unsafe pair.ndim
    if ndim == 0 {
        let one = Axis(count: 1, source: 0, destination: 0)
        return try unsafe body(Tile(source: pair.source, destination: pair.destination, rows: one, columns: one))
    }
    unsafe pair.bringSourceAxisInside()
    let columns = unsafe pair.axes[ndim &- 1]
    let rows = unsafe ndim > 1 ? pair.axes[ndim &- 2] : Axis(count: 1, source: 0, destination: 0)
    // Square where the fastest axes of the two sides differ; else as wide as possible.
    let isTransposed = rows.source != 0 && rows.source.magnitude < columns.source.magnitude
    let width = min(columns.count, isTransposed ? 64 : items)
    let height = items / width
    let prefetches = unsafe isTransposed && pair.count >= prefetchThreshold
    var continues = true
    try unsafe pair.forEach(max(ndim &- 2, 0)) { (source, destination) throws(Failure) in
        var r = 0
        while continues && r < rows.count {
            var c = 0
            while continues && c < columns.count {
                var tile = unsafe Tile(
                    source: source + r &* rows.source + c &* columns.source,
                    destination: destination + r &* rows.destination + c &* columns.destination,
                    rows: rows, columns: columns)
                unsafe tile.rows.count = min(height, rows.count &- r)
                unsafe tile.columns.count = min(width, columns.count &- c)
                unsafe tile.prefetches = prefetches
                continues = try unsafe body(tile)
                c &+= width
            }
            r &+= height
        }
    }
    return continues
}

/// A block of items in two layouts.
@unsafe
struct Tile {
    var source: UnsafeRawPointer
    var destination: UnsafeMutableRawPointer
    var rows: Axis
    var columns: Axis
    /// Whether lines are prefetched.
    var prefetches = false

    var count: Int { unsafe rows.count &* columns.count }

    /// Prefetches the destination's lines, so that they arrive while the source is being packed, if that pays.
    func prefetchDestination(_ size: Int) {
        guard unsafe prefetches && columns.destination == size else { return }
        for r in unsafe 0..<rows.count {
            let row = unsafe destination + r &* rows.destination
            var done = 0
            while unsafe done < columns.count &* size {
                unsafe ks_prefetch(row + done)
                done &+= 64
            }
        }
    }

    /// The source's items as contiguous native values: in place if they are that already, else in `scratch`.
    func packedSource(_ size: Int, swapped: Bool, _ scratch: UnsafeMutableRawPointer) -> UnsafeRawPointer {
        unsafe packed(
            Side(start: source, row: rows.source, column: columns.source), size, swapped: swapped, scratch,
            prefetching: prefetches)
    }

    /// The destination's items as contiguous native values; as ``packedSource(_:swapped:_:)``.
    func packedDestination(_ size: Int, swapped: Bool, _ scratch: UnsafeMutableRawPointer) -> UnsafeRawPointer {
        unsafe packed(destinationSide, size, swapped: swapped, scratch, prefetching: false)
    }

    /// Calls `body` for every part of the tile whose destination is contiguous: the number of the part's first item,
    /// where it is in the destination, and how many items it has. That is the whole tile or a row at a time; false,
    /// with nothing called, if rows are not contiguous. Stops when `body` returns false.
    func forEachRun(_ size: Int, _ body: (Int, UnsafeMutableRawPointer, Int) -> Bool) -> (applies: Bool, all: Bool) {
        if unsafe isContiguous(destinationSide, size) {
            return unsafe (true, body(0, destination, count))
        }
        guard unsafe columns.destination == size else { return (false, true) }
        for r in unsafe 0..<rows.count {
            let run = unsafe destination + r &* rows.destination
            if unsafe !body(r &* columns.count, run, columns.count) { return (true, false) }
        }
        return (true, true)
    }

    /// The first item of one side of the tile, and the strides of its rows and columns.
    @unsafe
    private struct Side {
        var start: UnsafeRawPointer
        var row, column: Int
    }

    private var destinationSide: Side {
        unsafe Side(start: UnsafeRawPointer(destination), row: rows.destination, column: columns.destination)
    }

    private func isContiguous(_ side: Side, _ size: Int) -> Bool {
        unsafe (side.column == size || columns.count == 1) && (side.row == size &* columns.count || rows.count == 1)
    }

    private func packed(
        _ side: Side, _ size: Int, swapped: Bool, _ scratch: UnsafeMutableRawPointer, prefetching: Bool
    ) -> UnsafeRawPointer {
        if unsafe isContiguous(side, size) {
            guard swapped else { return unsafe side.start }
            unsafe loops.swapContiguous(side.start, scratch, width: size, count: count)
        } else {
            unsafe moveGrid(
                Grid(
                    source: side.start, sourceRow: side.row, sourceColumn: side.column, destination: scratch,
                    destinationRow: size &* columns.count, destinationColumn: size, rows: rows.count,
                    columns: columns.count, itemsize: size),
                prefetching: prefetching)
            if swapped { unsafe loops.swapContiguous(scratch, scratch, width: size, count: count) }
        }
        return UnsafeRawPointer(scratch)
    }

    /// Writes contiguous native values to the destination. If `swapped`, they are swapped in place first.
    func store(_ values: UnsafeMutableRawPointer, _ size: Int, swapped: Bool) {
        if swapped { unsafe loops.swapContiguous(values, values, width: size, count: count) }
        unsafe moveGrid(
            Grid(
                source: UnsafeRawPointer(values), sourceRow: size &* columns.count, sourceColumn: size,
                destination: destination, destinationRow: rows.destination, destinationColumn: columns.destination,
                rows: rows.count, columns: columns.count, itemsize: size))
    }
}

/// Calls `body` with at least `count` bytes of scratch memory aligned to 16 bytes, on the stack if they are few.
@inline(__always)
func withScratch<Failure: Error, Result>(
    _ count: Int, _ body: (UnsafeMutableRawPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    func run(_ scratch: UnsafeMutableRawBufferPointer) -> Swift.Result<Result, Failure> {
        do throws(Failure) { return unsafe .success(try body(scratch.baseAddress!)) } catch { return .failure(error) }
    }
    // Only a size known at compile time is taken from the stack without a check of how much is left.
    let result =
        count <= 1024
        ? unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16, run)
        : unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16, run)
    return try result.get()
}
