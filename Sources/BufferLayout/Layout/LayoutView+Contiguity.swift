// Contiguity as CPython defines it, and the strides that give it.
//
// Source: `PyBuffer_IsContiguous` and `PyBuffer_FillContiguousStrides` in Objects/abstract.c. An array without items is
// contiguous in both orders, the stride of an axis of length one is never looked at, and an array of one item is
// contiguous in both orders too. A pointer to follow makes an array not contiguous; suboffsets that are all negative
// mean nothing.

/// What whoever exports memory must know of its layout.
public struct LayoutFacts: Sendable, Hashable {
    /// The product of shape and itemsize.
    public let byteCount: Int
    public let isCContiguous: Bool
    public let isFContiguous: Bool

    @inlinable
    init(byteCount: Int, isCContiguous: Bool, isFContiguous: Bool) {
        self.byteCount = byteCount
        self.isCContiguous = isCContiguous
        self.isFContiguous = isFContiguous
    }

    /// The facts of a single axis whose items follow each other, which most memory is; `nil` of anything that needs a
    /// closer look, ``LayoutView/facts()``.
    @inlinable @inline(__always)
    public init?(contiguousAxis length: Int, stride: Int, itemsize: Int) {
        guard length > 0, itemsize > 0, stride == itemsize || length == 1 else { return nil }
        let (size, overflow) = length.multipliedReportingOverflow(by: itemsize)
        if overflow { return nil }
        self.init(byteCount: size, isCContiguous: true, isFContiguous: true)
    }
}

extension LayoutView {
    /// Size and contiguity together, and the assurance that every item's distance from the first fits in an `Int`.
    ///
    /// - Throws: `.overflow`; `.invalid` for a negative length or itemsize, as somebody else may have filled in.
    /// - Complexity: O(*ndim*), without allocation, and cheaper than to ask one by one.
    @inlinable
    public func facts() throws(LayoutError) -> LayoutFacts {
        var size = itemsize
        // Negative if the itemsize or a length is.
        var sign = itemsize
        var isC = true
        var isEmpty = itemsize == 0
        var overflows = false
        var axis = shape.count
        while axis > 0 {
            axis -= 1
            // `axis` counts down from the number of both.
            let length = unsafe shape[unchecked: axis]
            unsafe isC = isC && (length < 2 || strides[unchecked: axis] == size)
            isEmpty = isEmpty || length == 0
            sign |= length
            let (product, overflow) = size.multipliedReportingOverflow(by: length)
            overflows = overflows || overflow
            size = product
        }
        if sign < 0 { try checkLengths() }
        if isEmpty {
            // Items without bytes have a number and places all the same, which must fit.
            if itemsize == 0 { _ = try (itemCount, byteExtent) }
            return LayoutFacts(byteCount: 0, isCContiguous: !isIndirect, isFContiguous: !isIndirect)
        }
        if overflows { throw LayoutError.overflow("an array", shape: shape, itemsize: itemsize) }
        if isIndirect {
            _ = try byteExtent
            return LayoutFacts(byteCount: size, isCContiguous: false, isFContiguous: false)
        }
        let isF = isC && shape.count < 2 || isFContiguous
        // What has no gaps ends where its bytes do.
        if !isC && !isF { _ = try byteExtent }
        return LayoutFacts(byteCount: size, isCContiguous: isC, isFContiguous: isF)
    }

    /// Whether the items follow each other without gaps in C order.
    ///
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var isCContiguous: Bool {
        var expected = itemsize
        var axis = shape.count
        while axis > 0 {
            axis -= 1
            let length = shape[axis]
            if length > 1 && strides[axis] != expected { return hasNoBytes && !isIndirect }
            let (product, overflow) = expected.multipliedReportingOverflow(by: length)
            if overflow { return hasNoBytes && !isIndirect }
            expected = product
        }
        return !isIndirect
    }

    /// Whether the items follow each other without gaps in Fortran order.
    ///
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var isFContiguous: Bool {
        var expected = itemsize
        for axis in shape.indices {
            let length = shape[axis]
            if length > 1 && strides[axis] != expected { return hasNoBytes && !isIndirect }
            let (product, overflow) = expected.multipliedReportingOverflow(by: length)
            if overflow { return hasNoBytes && !isIndirect }
            expected = product
        }
        return !isIndirect
    }

    /// Whether the items follow each other without gaps in `order`; `.any` asks for either order.
    @inlinable
    public func isContiguous(_ order: Order) -> Bool {
        switch order {
        case .c: isCContiguous
        case .fortran: isFContiguous
        case .any: isCContiguous || isFContiguous
        }
    }

    /// `order`, or, where that is `.any`, the order in which a copy of this array is laid out: Fortran if it is
    /// Fortran-contiguous and not C-contiguous, otherwise C.
    @inlinable
    public func resolved(_ order: Order) -> Order {
        guard order == .any else { return order }
        return isFContiguous && !isCContiguous ? .fortran : .c
    }

    /// A contiguous layout of the same shape and itemsize.
    ///
    /// - Throws: `.overflow`.
    public func contiguous(_ order: Order) throws(LayoutError) -> Layout {
        var result = Layout(unfilled: ndim, itemsize: itemsize)
        for axis in shape.indices { result.setLength(axis, shape[axis]) }
        try result.makeContiguous(resolved(order))
        return result
    }
}
