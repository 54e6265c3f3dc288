// SPDX-License-Identifier: Apache-2.0

/// The dimensions of a layout that is being built, filled in axis by axis and in any order. ``Layout`` takes them when all
/// are set, and validates them.
struct LayoutBuilder {
    let itemsize: Int
    let ndim: Int
    let hasSuboffsets: Bool
    /// Shape, then strides, then suboffsets if there are any.
    private(set) var dimensions: Dimensions

    /// All lengths and strides are zero, and no pointer is followed.
    init(ndim: Int, itemsize: Int, suboffsets: Bool = false) {
        self.itemsize = itemsize
        self.ndim = ndim
        hasSuboffsets = suboffsets && ndim > 0
        dimensions = Dimensions(count: (hasSuboffsets ? 3 : 2) * ndim)
        if hasSuboffsets { for axis in 0..<ndim { setSuboffset(axis, -1) } }
    }

    /// A copy; without suboffsets if all of them are negative.
    init(_ view: borrowing LayoutView) {
        itemsize = view.itemsize
        ndim = view.ndim
        hasSuboffsets = view.isIndirect
        dimensions = Dimensions(view)
    }

    /// The dimensions as they are.
    var view: LayoutView {
        @_lifetime(borrow self)
        get { LayoutView(itemsize: itemsize, ndim: ndim, hasSuboffsets: hasSuboffsets, dimensions) }
    }

    mutating func setLength(_ axis: Int, _ value: Int) { dimensions[axis] = value }
    mutating func setStride(_ axis: Int, _ value: Int) { dimensions[ndim + axis] = value }
    mutating func setSuboffset(_ axis: Int, _ value: Int) { dimensions[2 * ndim + axis] = value }

    func length(_ axis: Int) -> Int { dimensions[axis] }
    func stride(_ axis: Int) -> Int { dimensions[ndim + axis] }

    /// Runs `body` on the shape and the strides in place.
    mutating func withPlainDimensions<Result>(_ body: (PlainDimensions) -> Result) -> Result {
        let (ndim, itemsize) = (ndim, itemsize)
        return unsafe dimensions.withUnsafeMutablePointer {
            unsafe body(PlainDimensions(at: $0, ndim: ndim, itemsize: itemsize))
        }
    }

    mutating func setShape(_ shape: borrowing Span<Int>) {
        for axis in shape.indices { setLength(axis, shape[axis]) }
    }

    /// Sets the strides of a contiguous array with the lengths set before, as `PyBuffer_FillContiguousStrides` does.
    ///
    /// - Parameter order: `.any` means C.
    /// - Throws: `.overflow`.
    mutating func makeContiguous(_ order: Order) throws(LayoutError) {
        guard withPlainDimensions({ $0.setContiguousStrides(order) }) else {
            throw .overflow("an array", shape: view.shape, itemsize: itemsize)
        }
    }
}

extension LayoutView {
    /// Borrows the dimensions of a layout: shape, then strides, then suboffsets if there are any.
    @inlinable
    @_lifetime(borrow dimensions)
    init(itemsize: Int, ndim: Int, hasSuboffsets: Bool, _ dimensions: borrowing Dimensions) {
        let all = dimensions.span
        self.init(
            itemsize: itemsize, shape: all.extracting(0..<ndim), strides: all.extracting(ndim..<2 * ndim),
            suboffsets: all.extracting(2 * ndim..<(hasSuboffsets ? 3 * ndim : 2 * ndim)))
    }
}
