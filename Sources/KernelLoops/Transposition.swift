internal import KernelInterface

/// A grid of items to transpose: item (i, j), at `source + i*sourceRow + j*itemsize`, goes to
/// `destination + j*destinationRow + i*itemsize`, for `i < rows` and `j < columns`. Each way to do it is an extension.
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
}
