// SPDX-License-Identifier: Apache-2.0
internal import KernelInterface

/// A grid of items to transpose: item (i, j), at `source + i*sourceRow + j*itemsize`, goes to
/// `destination + j*destinationRow + i*itemsize`, for `i < rows` and `j < columns`. Each algorithm is an extension.
@unsafe
struct Transposition {
    var source: UnsafeRawPointer
    var sourceRow: Int
    var destination: UnsafeMutableRawPointer
    var destinationRow: Int
    var rows, columns: Int

    /// - Precondition: the rows of `grid` are the source's fastest axis, and its columns are the destination's.
    @inline(__always)
    init(_ grid: Grid) {
        unsafe source = unsafe grid.source
        unsafe sourceRow = unsafe grid.sourceColumn
        unsafe destination = unsafe grid.destination
        unsafe destinationRow = unsafe grid.destinationRow
        unsafe rows = unsafe grid.columns
        unsafe columns = unsafe grid.rows
    }

    /// The address of a source item.
    @inline(__always)
    func sourceItem(_ row: Int, _ column: Int, itemsize: Int) -> UnsafeRawPointer {
        unsafe source + (row &* sourceRow &+ column &* itemsize)
    }

    /// The address that a source item goes to.
    @inline(__always)
    func destinationItem(_ row: Int, _ column: Int, itemsize: Int) -> UnsafeMutableRawPointer {
        unsafe destination + (row &* itemsize &+ column &* destinationRow)
    }
}

/// The items that one step of a loop handles: so many rows and columns of the source.
struct TileSize {
    var itemsize: Int
    var rows, columns: Int

    @inline(__always)
    init(itemsize: Int, rows: Int, columns: Int) {
        self.itemsize = itemsize
        self.rows = rows
        self.columns = columns
    }

    /// Whether a grid of so many rows and columns has a whole tile.
    @inline(__always)
    func fits(rows: Int, columns: Int) -> Bool { rows >= self.rows && columns >= self.columns }
}
