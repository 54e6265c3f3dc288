/// A grid of items to transpose: item (i, j), at `source + i*sourceRow + j*itemsize`, goes to
/// `destination + j*destinationRow + i*itemsize`, for `i < rows` and `j < columns`. Each way to do it is an extension.
@unsafe
struct Transposition {
    var source: UnsafeRawPointer
    var sourceRow: Int
    var destination: UnsafeMutableRawPointer
    var destinationRow: Int
    var rows, columns: Int
}
