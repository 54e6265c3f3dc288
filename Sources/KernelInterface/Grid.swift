// SPDX-License-Identifier: Apache-2.0

/// Items in rows and columns, and where each of them goes: item (r, c) from `source + r*sourceRow + c*sourceColumn` to
/// `destination + r*destinationRow + c*destinationColumn`. Strides are in bytes and may be negative.
///
/// A loop that takes a grid documents the strides that it supports. `itemsize` is the bytes of one item.
@unsafe
package struct Grid {
    package var source: UnsafeRawPointer
    package var sourceRow, sourceColumn: Int
    package var destination: UnsafeMutableRawPointer
    package var destinationRow, destinationColumn: Int
    package var rows, columns: Int
    package var itemsize: Int

    /// - Precondition: every item lies in memory that may be read, and its place in memory that may be written.
    @inlinable @inline(__always)
    package init(
        source: UnsafeRawPointer, sourceRow: Int, sourceColumn: Int,
        destination: UnsafeMutableRawPointer, destinationRow: Int, destinationColumn: Int,
        rows: Int, columns: Int, itemsize: Int
    ) {
        unsafe self.source = source
        unsafe self.sourceRow = sourceRow
        unsafe self.sourceColumn = sourceColumn
        unsafe self.destination = destination
        unsafe self.destinationRow = destinationRow
        unsafe self.destinationColumn = destinationColumn
        unsafe self.rows = rows
        unsafe self.columns = columns
        unsafe self.itemsize = itemsize
    }

    /// One row of it.
    @inlinable @inline(__always)
    package func row(_ r: Int) -> Grid {
        var row = unsafe self
        unsafe row.source += r &* sourceRow
        unsafe row.destination += r &* destinationRow
        unsafe row.rows = 1
        return unsafe row
    }

    /// The same items with rows and columns exchanged.
    @inlinable @inline(__always)
    package var transposed: Grid {
        unsafe Grid(
            source: source, sourceRow: sourceColumn, sourceColumn: sourceRow,
            destination: destination, destinationRow: destinationColumn, destinationColumn: destinationRow,
            rows: columns, columns: rows, itemsize: itemsize)
    }

    /// The same items with the rows in reverse order on both sides.
    @inlinable @inline(__always)
    package var withRowsReversed: Grid {
        var reversed = unsafe self
        unsafe reversed.source += (rows &- 1) &* sourceRow
        unsafe reversed.destination += (rows &- 1) &* destinationRow
        unsafe reversed.sourceRow = 0 &- sourceRow
        unsafe reversed.destinationRow = 0 &- destinationRow
        return unsafe reversed
    }
}

/// Two grids of numbers to compare, one of them transposed: number (i, j) at `a + i*aRow + j*itemsize` with the one at
/// `b + j*bRow + i*itemsize`, for `i < rows` and `j < columns`. Row strides are in bytes.
@unsafe
package struct TransposedPair {
    package var a: UnsafeRawPointer
    package var aRow: Int
    package var b: UnsafeRawPointer
    package var bRow: Int
    package var rows, columns: Int
    package var itemsize: Int

    /// - Precondition: every number lies in memory that may be read.
    @inlinable @inline(__always)
    package init(
        a: UnsafeRawPointer, aRow: Int, b: UnsafeRawPointer, bRow: Int, rows: Int, columns: Int, itemsize: Int
    ) {
        unsafe self.a = a
        unsafe self.aRow = aRow
        unsafe self.b = b
        unsafe self.bRow = bRow
        unsafe self.rows = rows
        unsafe self.columns = columns
        unsafe self.itemsize = itemsize
    }
}
