internal import BufferLayout
internal import KernelInterface
internal import KernelShims

/// The number of items in a tile: small enough for a few tiles of them to stay in the first-level cache.
let tileItems = 1024

/// From this many items on, what a transposed tile needs is asked for ahead, since no processor foresees it.
private let farItems = 1 << 18

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
        return unsafe try body(Tile(source: pair.source, destination: pair.destination, rows: one, columns: one))
    }
    unsafe pair.bringSourceAxisInside()
    let columns = unsafe pair.axes[ndim &- 1]
    let rows = unsafe ndim > 1 ? pair.axes[ndim &- 2] : Axis(count: 1, source: 0, destination: 0)
    // Square when the two sides disagree about the fastest axis; as wide as can be when they agree.
    let isTransposed = rows.source != 0 && rows.source.magnitude < columns.source.magnitude
    let width = min(columns.count, isTransposed ? 64 : items)
    let height = items / width
    let isFar = unsafe isTransposed && pair.count >= farItems
    var goOn = true
    unsafe try pair.forEach(max(ndim &- 2, 0)) { (source, destination) throws(Failure) in
        var r = 0
        while goOn && r < rows.count {
            var c = 0
            while goOn && c < columns.count {
                var tile = unsafe Tile(
                    source: source + r &* rows.source + c &* columns.source,
                    destination: destination + r &* rows.destination + c &* columns.destination,
                    rows: rows, columns: columns)
                unsafe tile.rows.count = min(height, rows.count &- r)
                unsafe tile.columns.count = min(width, columns.count &- c)
                unsafe tile.isFar = isFar
                goOn = unsafe try body(tile)
                c &+= width
            }
            r &+= height
        }
    }
    return goOn
}

/// A block of items in two layouts.
@unsafe
struct Tile {
    var source: UnsafeRawPointer
    var destination: UnsafeMutableRawPointer
    var rows: Axis
    var columns: Axis
    /// Whether the source is worth asking for before it is read.
    var isFar = false

    var count: Int { unsafe rows.count &* columns.count }

    /// Asks for the destination's lines while the source is being packed, if that is worth it.
    func prefetchDestination(_ size: Int) {
        guard unsafe isFar && columns.destination == size else { return }
        for r in unsafe 0..<rows.count {
            let row = unsafe destination + r &* rows.destination
            var done = 0
            while unsafe done < columns.count &* size {
                unsafe ks_prefetch(row + done)
                done &+= 64
            }
        }
    }

    /// The source's items as contiguous native values: where they lie if they are that already, else in `scratch`.
    func packedSource(_ size: Int, swapped: Bool, _ scratch: UnsafeMutableRawPointer) -> UnsafeRawPointer {
        unsafe Self.packed(
            source, rows.source, columns.source, rows.count, columns.count, size, swapped: swapped, scratch,
            far: isFar)
    }

    /// The destination's items, read; as ``packedSource(_:swapped:_:)``.
    func packedDestination(_ size: Int, swapped: Bool, _ scratch: UnsafeMutableRawPointer) -> UnsafeRawPointer {
        unsafe Self.packed(
            UnsafeRawPointer(destination), rows.destination, columns.destination, rows.count, columns.count, size,
            swapped: swapped, scratch)
    }

    /// Calls `body` for every part of the tile whose destination is contiguous: the number of the part's first item,
    /// where it is in the destination, and how many items it has. That is the whole tile or a row at a time; false,
    /// with nothing called, if rows are not contiguous. Stops when `body` returns false.
    func forEachRun(_ size: Int, _ body: (Int, UnsafeMutableRawPointer, Int) -> Bool) -> (applies: Bool, all: Bool) {
        if unsafe Self.isContiguous(rows.destination, columns.destination, rows.count, columns.count, size) {
            return unsafe (true, body(0, destination, count))
        }
        guard unsafe columns.destination == size else { return (false, true) }
        for r in unsafe 0..<rows.count {
            let run = unsafe destination + r &* rows.destination
            if unsafe !body(r &* columns.count, run, columns.count) { return (true, false) }
        }
        return (true, true)
    }

    private static func isContiguous(_ row: Int, _ column: Int, _ rows: Int, _ columns: Int, _ size: Int) -> Bool {
        (column == size || columns == 1) && (row == size &* columns || rows == 1)
    }

    private static func packed(
        _ p: UnsafeRawPointer, _ row: Int, _ column: Int, _ rows: Int, _ columns: Int, _ size: Int, swapped: Bool,
        _ scratch: UnsafeMutableRawPointer, far: Bool = false
    ) -> UnsafeRawPointer {
        if unsafe isContiguous(row, column, rows, columns, size) {
            guard swapped else { return unsafe p }
            unsafe loops.swapContiguous(p, scratch, size, rows &* columns)
        } else {
            unsafe moveGrid(
                Grid(
                    source: p, sourceRow: row, sourceColumn: column, destination: scratch,
                    destinationRow: size &* columns, destinationColumn: size, rows: rows, columns: columns,
                    itemsize: size),
                far: far)
            if swapped { unsafe loops.swapContiguous(scratch, scratch, size, rows &* columns) }
        }
        return UnsafeRawPointer(scratch)
    }

    /// Puts contiguous native values, which are the caller's to change, into the destination.
    func store(_ values: UnsafeMutableRawPointer, _ size: Int, swapped: Bool) {
        if swapped { unsafe loops.swapContiguous(values, values, size, count) }
        unsafe moveGrid(
            Grid(
                source: UnsafeRawPointer(values), sourceRow: size &* columns.count, sourceColumn: size,
                destination: destination, destinationRow: rows.destination, destinationColumn: columns.destination,
                rows: rows.count, columns: columns.count, itemsize: size))
    }
}

/// Calls `body` with at least `count` bytes of scratch memory aligned to 16 bytes; a little of it is on the stack.
@inline(__always)
func withScratch<Failure: Error, Result>(
    _ count: Int, _ body: (UnsafeMutableRawPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    func run(_ scratch: UnsafeMutableRawBufferPointer) -> Swift.Result<Result, Failure> {
        do throws(Failure) { return unsafe .success(try body(scratch.baseAddress!)) } catch { return .failure(error) }
    }
    // Only a size that is known when compiling is taken from the stack without asking the system how much is left.
    let result =
        count <= 1024
        ? unsafe withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16, run)
        : unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16, run)
    return try result.get()
}
