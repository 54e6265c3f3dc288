// A shape of which one length is left open.

extension Layout {
    /// A contiguous layout of `items` items, in a shape of which at most one length is -1 and follows from the others.
    ///
    /// - Throws: `.shapeMismatch` for a shape that has another number of items; `.invalid` for other negative lengths,
    ///   two of -1, or too many dimensions; `.overflow`.
    public init(shape: Span<Int>, items: Int, itemsize: Int, order: Order = .c) throws(LayoutError) {
        guard shape.count <= BufferLayout.maximumDimensions else {
            throw .tooManyDimensions(shape.count, limit: BufferLayout.maximumDimensions)
        }
        self.init(unfilled: shape.count, itemsize: itemsize)
        guard try fillLengths(shape, items: items) else { throw .lengths(shape, items: items) }
        try makeContiguous(order)
    }

    /// Takes the lengths of `shape`, of which at most one is -1 and follows from the others; whether they have `items`
    /// items together.
    ///
    /// - Throws: `.invalid` for other negative lengths, or two of -1.
    mutating func fillLengths(_ shape: borrowing Span<Int>, items: Int) throws(LayoutError) -> Bool {
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
