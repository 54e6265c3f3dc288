// SPDX-License-Identifier: Apache-2.0

// A shape of which one length may be -1, which stands for the length that the number of items leaves.

extension Layout {
    /// A contiguous layout of `items` items, in a shape of which at most one length is -1 and follows from the others.
    ///
    /// - Throws: `.shapeMismatch` for a shape that has another number of items; `.invalid` for other negative lengths,
    ///   two of -1, or too many dimensions; `.overflow`.
    public init(shape: Span<Int>, items: Int, itemsize: Int, order: Order = .c) throws(LayoutError) {
        try Self.checkCount(shape.count, limit: maximumDimensions)
        var builder = LayoutBuilder(ndim: shape.count, itemsize: itemsize)
        guard try builder.setLengths(shape, items: items) else { throw .lengths(shape, items: items) }
        try builder.makeContiguous(order)
        try self.init(builder)
    }
}

extension LayoutBuilder {
    /// Sets the lengths of a shape of which at most one is -1 and follows from the others; see
    /// ``PlainDimensions/setLengths(_:items:)``.
    mutating func setLengths(_ shape: borrowing Span<Int>, items: Int) throws(LayoutError) -> Bool {
        let shape = copy shape
        let result = withPlainDimensions { (dimensions) -> Result<Bool, LayoutError> in
            do throws(LayoutError) { return .success(try dimensions.setLengths(shape, items: items)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
