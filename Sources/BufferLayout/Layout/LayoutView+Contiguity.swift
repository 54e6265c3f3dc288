// Contiguity as CPython defines it, and the strides that give it.
//
// Source: `PyBuffer_IsContiguous` and `PyBuffer_FillContiguousStrides` in Objects/abstract.c. An array without items is
// contiguous in both orders, the stride of an axis of length one is never looked at, and an array of one item is
// contiguous in both orders too. A pointer to follow makes an array not contiguous; suboffsets that are all negative
// mean nothing.

extension LayoutView {
    /// Whether the items follow each other without gaps in C order.
    ///
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var isCContiguous: Bool {
        var expected = itemsize
        var axis = shape.count
        while axis > 0 {
            axis -= 1
            let length = shape[axis]
            if length > 1 && strides[axis] != expected { return isEmpty && !isIndirect }
            let (product, overflow) = expected.multipliedReportingOverflow(by: length)
            if overflow { return isEmpty && !isIndirect }
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
            if length > 1 && strides[axis] != expected { return isEmpty && !isIndirect }
            let (product, overflow) = expected.multipliedReportingOverflow(by: length)
            if overflow { return isEmpty && !isIndirect }
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

/// Writes the strides of a contiguous array, as `PyBuffer_FillContiguousStrides` does.
///
/// - Parameters:
///   - strides: takes one stride in bytes an axis; its count equals that of `shape`.
///   - order: `.any` means C.
/// - Throws: `.invalid` if the counts differ, `.overflow`.
/// - Complexity: O(*ndim*), without allocation.
@inlinable
public func fillContiguousStrides(
    _ strides: inout MutableSpan<Int>, shape: Span<Int>, itemsize: Int, order: Order
) throws(LayoutError) {
    let ndim = shape.count
    guard strides.count == ndim else {
        throw LayoutError.count(of: "strides", strides.count, ndim: ndim)
    }
    var stride = itemsize
    for i in 0..<ndim {
        let axis = order == .fortran ? i : ndim - 1 - i
        strides[axis] = stride
        guard let next = stride.checkedTimes(shape[axis]) else {
            throw LayoutError.overflow("an array", shape: shape, itemsize: itemsize)
        }
        stride = next
    }
}
