// SPDX-License-Identifier: Apache-2.0

// Other shapes for the same memory.

extension LayoutView {
    /// The same items in another shape, without a copy.
    ///
    /// Items keep their sequence in `order`. Axes are grouped: a run of old axes and a run of new axes with the same
    /// product; the new ones have strides if, and only if, the items of each group of old axes are evenly spaced. This is
    /// the reasoning of NumPy's `reshape`.
    ///
    /// - Parameters:
    ///   - newShape: at most one length is -1 and follows from the others.
    ///   - order: in which items are counted; `.any` as ``resolved(_:)`` says.
    /// - Throws: `.shapeMismatch` for another number of items; `.invalid` for negative lengths, two of -1, or too many
    ///   dimensions; `.wouldNeedCopy`; `.overflow`.
    /// - Complexity: O(*ndim* + `newShape.count`).
    public func reshaped(to newShape: Span<Int>, order: Order = .c) throws(LayoutError) -> Layout {
        try Layout.checkCount(newShape.count, limit: max(ndim, maximumDimensions))
        let items = try itemCount
        var result = LayoutBuilder(ndim: newShape.count, itemsize: itemsize, suboffsets: isIndirect)
        guard try result.setLengths(newShape, items: items) else { throw .reshape(shape, to: newShape, items: items) }

        if hasShape(of: result.view) { return try Layout(self) }
        if isIndirect { throw .reshapeNeedsCopy(self, to: newShape) }
        let order = resolved(order)
        if items == 0 || isContiguous(order) {
            try result.makeContiguous(order)
        } else {
            guard try fillStrides(of: &result, order: order) else { throw .reshapeNeedsCopy(self, to: newShape) }
        }
        return try Layout(result)
    }

    /// Whether both shapes are the same.
    @inlinable
    package func hasShape(of other: borrowing LayoutView) -> Bool {
        guard ndim == other.ndim else { return false }
        for axis in shape.indices where shape[axis] != other.shape[axis] { return false }
        return true
    }

    /// Finds strides for the lengths of `result`; false if there are none. There are items, and no pointers.
    private func fillStrides(of result: inout LayoutBuilder, order: Order) throws(LayoutError) -> Bool {
        // The strides of axes of length one do not matter.
        let old = LayoutBuilder(try squeezed().view)
        let newCount = result.ndim
        // `rank` counts from the slowest axis to the fastest, which is the last in C order and the first in Fortran.
        func oldAxis(_ rank: Int) -> Int { order == .fortran ? old.ndim - 1 - rank : rank }
        func newAxis(_ rank: Int) -> Int { order == .fortran ? newCount - 1 - rank : rank }

        var i = 0
        var j = 0
        while i < old.ndim {
            // One group: the shortest runs of old and of new axes, from here on, whose products are equal. The products
            // divide the number of items, so they fit, and neither run ends before they are equal.
            let (firstOld, firstNew) = (i, j)
            var oldProduct = old.length(oldAxis(i))
            var newProduct = result.length(newAxis(j))
            i += 1
            j += 1
            while oldProduct != newProduct {
                if newProduct < oldProduct {
                    newProduct *= result.length(newAxis(j))
                    j += 1
                } else {
                    oldProduct *= old.length(oldAxis(i))
                    i += 1
                }
            }
            for rank in firstOld..<i - 1 {
                let inner = oldAxis(rank + 1)
                guard old.stride(oldAxis(rank)) == old.stride(inner).checkedTimes(old.length(inner)) else {
                    return false
                }
            }
            var stride = old.stride(oldAxis(i - 1))
            for rank in (firstNew..<j).reversed() {
                result.setStride(newAxis(rank), stride)
                guard let next = stride.checkedTimes(result.length(newAxis(rank))) else { return false }
                stride = next
            }
        }
        // What remains of the new axes has length one.
        let last = j > 0 ? result.stride(newAxis(j - 1)) : itemsize
        for rank in j..<newCount { result.setStride(newAxis(rank), last) }
        return true
    }
}
