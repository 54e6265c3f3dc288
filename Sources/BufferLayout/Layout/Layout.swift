// SPDX-License-Identifier: Apache-2.0

/// How items lie in memory: shape, strides and suboffsets, owned.
///
/// New layouts are returned as this type; all arithmetic stands on its ``view``. A layout that exists is valid: lengths
/// and itemsize are not negative, and the number of bytes and the distance of every item from the first fit in an `Int`.
/// (Behind a pointer distances are not checked.) Two layouts are equal if they have the same itemsize, shape, strides and
/// suboffsets.
///
/// Up to four dimensions (two with suboffsets) are stored without allocation.
public struct Layout: Sendable, Hashable {
    /// The bytes of one item.
    public let itemsize: Int
    /// The number of dimensions.
    public let ndim: Int
    @usableFromInline let hasSuboffsets: Bool
    /// Shape, then strides, then suboffsets if there are any.
    @usableFromInline let dimensions: Dimensions
    /// The number of bytes and the contiguity.
    public let summary: LayoutSummary

    /// The layout, borrowed: everything that can be asked of it.
    @inlinable public var view: LayoutView {
        @_lifetime(borrow self)
        get { LayoutView(itemsize: itemsize, ndim: ndim, hasSuboffsets: hasSuboffsets, dimensions) }
    }

    /// Takes the dimensions of a builder.
    ///
    /// - Throws: `.overflow`; `.invalid` for a negative length or itemsize.
    init(_ builder: consuming LayoutBuilder) throws(LayoutError) {
        summary = try builder.view.summary()
        itemsize = builder.itemsize
        ndim = builder.ndim
        hasSuboffsets = builder.hasSuboffsets
        dimensions = builder.dimensions
    }
}

extension Layout {
    /// A contiguous layout, with strides as `PyBuffer_FillContiguousStrides` makes them.
    ///
    /// - Parameters:
    ///   - shape: the number of items along each axis.
    ///   - itemsize: the bytes of one item.
    ///   - order: `.any` means C.
    ///   - maximumDimensions: how many dimensions there may be.
    /// - Throws: `.invalid` for a negative length or itemsize or too many dimensions, `.overflow`.
    public init(
        contiguous shape: Span<Int>, itemsize: Int, order: Order = .c,
        maximumDimensions: Int = BufferLayout.maximumDimensions
    ) throws(LayoutError) {
        try Self.checkCount(shape.count, limit: maximumDimensions)
        let ndim = shape.count
        var dimensions = Dimensions(count: 2 * ndim)
        let areFitting = unsafe dimensions.withUnsafeMutablePointer { numbers in
            let plain = unsafe PlainDimensions(at: numbers, ndim: ndim, itemsize: itemsize)
            plain.setShape(shape)
            return plain.setContiguousStrides(order)
        }
        let view = LayoutView(itemsize: itemsize, ndim: ndim, hasSuboffsets: false, dimensions)
        if !areFitting {
            try view.checkLengths()
            throw .overflow("an array", shape: shape, itemsize: itemsize)
        }
        summary = try view.summary()
        self.itemsize = itemsize
        self.ndim = ndim
        hasSuboffsets = false
        self.dimensions = dimensions
    }

    /// A contiguous layout, with strides as `PyBuffer_FillContiguousStrides` makes them.
    public init(shape: [Int], itemsize: Int, order: Order = .c) throws(LayoutError) {
        try self.init(contiguous: shape.span, itemsize: itemsize, order: order)
    }

    /// A layout with the given dimensions.
    ///
    /// - Parameters:
    ///   - shape: the number of items along each axis.
    ///   - strides: in bytes, one an axis; of any sign.
    ///   - suboffsets: empty, or one an axis, negative where no pointer is followed. If all are negative the layout
    ///     has none.
    ///   - itemsize: the bytes of one item.
    ///   - maximumDimensions: how many dimensions there may be.
    /// - Throws: `.invalid` for a negative length or itemsize, for numbers of dimensions that differ or are too many;
    ///   `.overflow` where the number of bytes, or the distance of an item from the first, does not fit in an `Int`.
    public init(
        shape: Span<Int>, strides: Span<Int>, suboffsets: Span<Int> = Span(), itemsize: Int,
        maximumDimensions: Int = BufferLayout.maximumDimensions
    ) throws(LayoutError) {
        let ndim = shape.count
        guard strides.count == ndim else { throw .count(of: "strides", strides.count, ndim: ndim) }
        guard suboffsets.isEmpty || suboffsets.count == ndim else {
            throw .count(of: "suboffsets", suboffsets.count, ndim: ndim)
        }
        try Self.checkCount(ndim, limit: maximumDimensions)
        try self.init(LayoutView(itemsize: itemsize, shape: shape, strides: strides, suboffsets: suboffsets))
    }

    /// A layout with the given dimensions; see the initialiser that takes spans.
    public init(shape: [Int], strides: [Int], suboffsets: [Int] = [], itemsize: Int) throws(LayoutError) {
        try self.init(
            shape: shape.span, strides: strides.span, suboffsets: suboffsets.span, itemsize: itemsize)
    }

    /// A copy of a borrowed layout, of any number of dimensions; without suboffsets if all of them are negative.
    ///
    /// - Throws: `.invalid` for a negative length or itemsize; `.overflow`.
    public init(_ view: borrowing LayoutView) throws(LayoutError) {
        summary = try view.summary()
        itemsize = view.itemsize
        ndim = view.ndim
        hasSuboffsets = view.isIndirect
        dimensions = Dimensions(view)
    }

    /// The lengths of the axes, as an array.
    public var shape: [Int] { view.shapeArray }
    /// The strides in bytes, as an array.
    public var strides: [Int] { view.stridesArray }
    /// The suboffsets as an array, empty if there are none.
    public var suboffsets: [Int] { view.suboffsetsArray }

    static func checkCount(_ count: Int, limit: Int) throws(LayoutError) {
        guard count <= limit else { throw .tooManyDimensions(count, limit: limit) }
    }
}

extension LayoutView {
    /// The lengths of the axes, as an array.
    public var shapeArray: [Int] { Self.array(shape) }
    /// The strides in bytes, as an array.
    public var stridesArray: [Int] { Self.array(strides) }
    /// The suboffsets as an array, empty if no pointer is followed.
    public var suboffsetsArray: [Int] { isIndirect ? Self.array(suboffsets) : [] }

    private static func array(_ span: Span<Int>) -> [Int] { (0..<span.count).map { span[$0] } }
}
