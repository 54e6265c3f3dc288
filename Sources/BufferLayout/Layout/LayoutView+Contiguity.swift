// SPDX-License-Identifier: Apache-2.0

// Contiguity as CPython defines it, and the strides that give it.
//
// Source: `PyBuffer_IsContiguous` and `PyBuffer_FillContiguousStrides` in Objects/abstract.c. An array without items is
// contiguous in both orders, and so is an array of one item; the stride of an axis of length one does not matter. An array
// with a pointer to follow is not contiguous; suboffsets that are all negative do not matter.

/// The size and the contiguity of a layout, which an exporter needs.
public struct LayoutSummary: Sendable, Hashable {
    /// The product of shape and itemsize.
    public let byteCount: Int
    /// Whether the items follow each other without gaps, the last index varying fastest.
    public let isCContiguous: Bool
    /// Whether the items follow each other without gaps, the first index varying fastest.
    public let isFContiguous: Bool

    @inlinable
    init(byteCount: Int, isCContiguous: Bool, isFContiguous: Bool) {
        self.byteCount = byteCount
        self.isCContiguous = isCContiguous
        self.isFContiguous = isFContiguous
    }

    /// Whether the items follow each other without gaps in `order`; `.any` means either order.
    package func isContiguous(_ order: Order) -> Bool {
        switch order {
        case .c: isCContiguous
        case .fortran: isFContiguous
        case .any: isCContiguous || isFContiguous
        }
    }

    /// The summary of a single contiguous axis, which most memory is; `nil` for every other layout: call
    /// ``LayoutView/summary()``.
    @inlinable @inline(__always)
    package init?(contiguousAxis length: Int, stride: Int, itemsize: Int) {
        guard length > 0, stride == itemsize || length == 1 else { return nil }
        self.init(packedAxis: length, itemsize: itemsize)
    }

    /// The summary of a single axis whose items, of which there may be none, follow each other; `nil` where the bytes
    /// cannot be counted, and for items without bytes.
    @inlinable @inline(__always)
    package init?(packedAxis length: Int, itemsize: Int) {
        guard length >= 0, itemsize > 0 else { return nil }
        let (size, overflow) = length.multipliedReportingOverflow(by: itemsize)
        if overflow { return nil }
        self.init(byteCount: size, isCContiguous: true, isFContiguous: true)
    }
}

extension LayoutView {
    /// Validates the layout, and computes size and contiguity in the same pass.
    ///
    /// - Throws: `.invalid` for a negative length or itemsize; `.overflow` where the number of bytes, or the distance of an item
    ///   from the first, does not fit in an `Int`.
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable
    public func summary() throws(LayoutError) -> LayoutSummary {
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
            // The number and the distances of items without bytes must fit too.
            if itemsize == 0 { _ = try (itemCount, byteExtent) }
            return LayoutSummary(byteCount: 0, isCContiguous: !isIndirect, isFContiguous: !isIndirect)
        }
        if overflows { throw LayoutError.overflow("an array", shape: shape, itemsize: itemsize) }
        if isIndirect {
            _ = try byteExtent
            return LayoutSummary(byteCount: size, isCContiguous: false, isFContiguous: false)
        }
        let isF = isC && shape.count < 2 || isFContiguous
        // The extent of a contiguous layout is its number of bytes.
        if !isC && !isF { _ = try byteExtent }
        return LayoutSummary(byteCount: size, isCContiguous: isC, isFContiguous: isF)
    }

    /// Whether the items follow each other without gaps in C order.
    ///
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var isCContiguous: Bool { hasContiguousStrides(.c) }

    /// Whether the items follow each other without gaps in Fortran order.
    ///
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var isFContiguous: Bool { hasContiguousStrides(.fortran) }

    @inlinable @inline(__always)
    func hasContiguousStrides(_ order: Order) -> Bool {
        var expected = itemsize
        for i in 0..<shape.count {
            let axis = order == .fortran ? i : shape.count - 1 - i
            let length = shape[axis]
            if length > 1 && strides[axis] != expected { return hasNoBytes && !isIndirect }
            let (product, overflow) = expected.multipliedReportingOverflow(by: length)
            if overflow { return hasNoBytes && !isIndirect }
            expected = product
        }
        return !isIndirect
    }

    /// Whether the items follow each other without gaps in `order`; `.any` means either order.
    @inlinable
    public func isContiguous(_ order: Order) -> Bool {
        switch order {
        case .c: isCContiguous
        case .fortran: isFContiguous
        case .any: isCContiguous || isFContiguous
        }
    }

    /// `order`, or, for `.any`, the order in which a copy of this array is laid out: Fortran if it is
    /// Fortran-contiguous and not C-contiguous, otherwise C.
    @inlinable
    public func resolved(_ order: Order) -> Order {
        guard order == .any else { return order }
        return isFContiguous && !isCContiguous ? .fortran : .c
    }

    /// A contiguous layout of the same shape and itemsize.
    ///
    /// - Throws: `.overflow`; `.invalid` for a negative length or itemsize.
    public func contiguous(_ order: Order) throws(LayoutError) -> Layout {
        var result = LayoutBuilder(ndim: ndim, itemsize: itemsize)
        result.setShape(shape)
        try result.makeContiguous(resolved(order))
        return try Layout(result)
    }
}
