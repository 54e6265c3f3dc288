/// How items lie in memory that something else describes: shape, strides and suboffsets, borrowed.
///
/// The arithmetic of layouts is written once, over this type. Dimensions stored inside a Python object or a
/// `Py_buffer` are read in place, without allocation; ``Layout`` owns dimensions where new ones are built.
///
/// - `shape[i]` is the number of items along axis `i`, never negative.
/// - `strides[i]` is the distance in bytes from one item to the next along axis `i`.
/// - `suboffsets` is empty, or holds one entry an axis: where it is not negative, the address reached so far holds a
///   pointer, which is followed and then advanced by that many bytes (PEP 3118, "PIL-style").
public struct LayoutView: ~Escapable {
    public let itemsize: Int
    public let shape: Span<Int>
    public let strides: Span<Int>
    public let suboffsets: Span<Int>

    /// Borrows dimensions. `strides.count` equals `shape.count`; `suboffsets.count` is zero or equals it too.
    @inlinable
    @_lifetime(copy shape, copy strides, copy suboffsets)
    public init(itemsize: Int, shape: Span<Int>, strides: Span<Int>, suboffsets: Span<Int>) {
        precondition(strides.count == shape.count && (suboffsets.isEmpty || suboffsets.count == shape.count))
        self.itemsize = itemsize
        self.shape = shape
        self.strides = strides
        self.suboffsets = suboffsets
    }

    /// The number of dimensions.
    @inlinable public var ndim: Int { shape.count }
}
