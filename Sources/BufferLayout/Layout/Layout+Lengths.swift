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
    /// Sets the lengths of a shape of which at most one is -1 and follows from the others. Returns whether there are `items`
    /// items then.
    ///
    /// - Throws: `.invalid` for other negative lengths, or two of -1.
    mutating func setLengths(_ shape: borrowing Span<Int>, items: Int) throws(LayoutError) -> Bool {
        var wildcard: Int?
        var product = 1
        var overflow = false
        for i in shape.indices {
            if shape[i] == -1 {
                guard wildcard == nil else { throw .wildcards(shape) }
                wildcard = i
                continue
            }
            guard shape[i] >= 0 else { throw .negativeLength(shape[i], axis: i) }
            setLength(i, shape[i])
            let (next, carry) = product.multipliedReportingOverflow(by: shape[i])
            overflow = shape[i] != 0 && (overflow || carry)
            product = next
        }
        for i in shape.indices where shape[i] == 0 {
            product = 0
            overflow = false
        }
        guard let wildcard else { return !overflow && product == items }
        guard !overflow, product > 0, items % product == 0 else { return false }
        setLength(wildcard, items / product)
        return true
    }
}
