/// How items lie in memory: shape, strides and suboffsets, owned.
///
/// New layouts are returned as this type; all arithmetic stands on its ``view``. A layout that exists has been
/// validated: lengths and itemsize are not negative, and the number of items and of bytes fit in an `Int`.
/// Two layouts are equal if they have the same itemsize, shape, strides and suboffsets.
///
/// Up to four dimensions (two with suboffsets) are held in place, without allocation.
public struct Layout: Sendable, Hashable {
    public let itemsize: Int
    /// The number of dimensions.
    public let ndim: Int
    @usableFromInline let hasSuboffsets: Bool
    /// Shape, then strides, then suboffsets if there are any.
    @usableFromInline var dimensions: Dimensions

    /// The layout, borrowed: everything that can be asked of it.
    @inlinable public var view: LayoutView {
        @_lifetime(borrow self)
        get {
            let all = dimensions.span
            return LayoutView(
                itemsize: itemsize,
                shape: all.extracting(0..<ndim),
                strides: all.extracting(ndim..<2 * ndim),
                suboffsets: all.extracting(2 * ndim..<(hasSuboffsets ? 3 * ndim : 2 * ndim)))
        }
    }

    /// An unvalidated layout with all dimensions zero and no suboffset that counts, to be filled in.
    @usableFromInline
    init(unfilled ndim: Int, itemsize: Int, suboffsets: Bool = false) {
        self.itemsize = itemsize
        self.ndim = ndim
        hasSuboffsets = suboffsets && ndim > 0
        dimensions = Dimensions(count: (hasSuboffsets ? 3 : 2) * ndim)
        if hasSuboffsets { for axis in 0..<ndim { setSuboffset(axis, -1) } }
    }

    @inlinable
    mutating func setLength(_ axis: Int, _ value: Int) { dimensions[axis] = value }
    @inlinable
    mutating func setStride(_ axis: Int, _ value: Int) { dimensions[ndim + axis] = value }
    @inlinable
    mutating func setSuboffset(_ axis: Int, _ value: Int) { dimensions[2 * ndim + axis] = value }

    @inlinable
    func length(_ axis: Int) -> Int { dimensions[axis] }
    @inlinable
    func stride(_ axis: Int) -> Int { dimensions[ndim + axis] }
    @inlinable
    func suboffset(_ axis: Int) -> Int { hasSuboffsets ? dimensions[2 * ndim + axis] : -1 }
}

extension Layout {
    /// A contiguous layout, with strides as `PyBuffer_FillContiguousStrides` makes them.
    ///
    /// - Parameter order: `.any` means C.
    /// - Throws: `.invalid` for a negative length or itemsize or too many dimensions, `.overflow`.
    public init(
        contiguous shape: Span<Int>, itemsize: Int, order: Order = .c,
        maximumDimensions: Int = BufferLayout.maximumDimensions
    ) throws(LayoutError) {
        try Self.check(shape, itemsize: itemsize, maximumDimensions: maximumDimensions)
        self.init(unfilled: shape.count, itemsize: itemsize)
        for axis in shape.indices { setLength(axis, shape[axis]) }
        try makeContiguous(order)
        _ = try view.byteCount
    }

    /// A contiguous layout, with strides as `PyBuffer_FillContiguousStrides` makes them.
    public init(shape: [Int], itemsize: Int, order: Order = .c) throws(LayoutError) {
        try self.init(contiguous: shape.span, itemsize: itemsize, order: order)
    }

    /// A layout with the given dimensions.
    ///
    /// - Parameters:
    ///   - strides: in bytes, one an axis; of any sign.
    ///   - suboffsets: empty, or one an axis, negative where no pointer is followed. If all are negative the layout
    ///     has none.
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
        try Self.check(shape, itemsize: itemsize, maximumDimensions: maximumDimensions)
        self.init(
            LayoutView(itemsize: itemsize, shape: shape, strides: strides, suboffsets: suboffsets))
        _ = try view.byteCount
        _ = try view.byteExtent
    }

    /// A layout with the given dimensions; see the initialiser that takes spans.
    public init(shape: [Int], strides: [Int], suboffsets: [Int] = [], itemsize: Int) throws(LayoutError) {
        try self.init(
            shape: shape.span, strides: strides.span, suboffsets: suboffsets.span, itemsize: itemsize)
    }

    /// A copy of a borrowed layout as it stands, unvalidated; without suboffsets if all of them are negative.
    @inlinable
    public init(_ view: borrowing LayoutView) {
        let indirect = view.isIndirect
        self.init(unfilled: view.ndim, itemsize: view.itemsize, suboffsets: indirect)
        for axis in view.shape.indices {
            setLength(axis, view.shape[axis])
            setStride(axis, view.strides[axis])
            if indirect { setSuboffset(axis, view.suboffsets[axis]) }
        }
    }

    /// The lengths of the axes, as an array.
    public var shape: [Int] { (0..<ndim).map { length($0) } }
    /// The strides in bytes, as an array.
    public var strides: [Int] { (0..<ndim).map { stride($0) } }
    /// The suboffsets as an array, empty if there are none.
    public var suboffsets: [Int] { hasSuboffsets ? (0..<ndim).map { suboffset($0) } : [] }

    /// Replaces the strides with contiguous ones for the lengths already set.
    mutating func makeContiguous(_ order: Order) throws(LayoutError) {
        var stride = itemsize
        for i in 0..<ndim {
            let axis = order == .fortran ? i : ndim - 1 - i
            setStride(axis, stride)
            guard let next = stride.checkedTimes(length(axis)) else {
                throw .overflow("an array", shape: view.shape, itemsize: itemsize)
            }
            stride = next
        }
    }

    private static func check(
        _ shape: borrowing Span<Int>, itemsize: Int, maximumDimensions: Int
    ) throws(LayoutError) {
        guard shape.count <= maximumDimensions else {
            throw .tooManyDimensions(shape.count, limit: maximumDimensions)
        }
        guard itemsize >= 0 else { throw .negativeItemsize(itemsize) }
        for axis in shape.indices where shape[axis] < 0 { throw .negativeLength(shape[axis], axis: axis) }
    }
}
