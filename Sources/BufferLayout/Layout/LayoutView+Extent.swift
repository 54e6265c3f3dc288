// SPDX-License-Identifier: Apache-2.0

// How many items and bytes there are, and which bytes they touch.

extension LayoutView {
    /// Whether there are no items: a length is zero.
    @inlinable public var hasNoItems: Bool {
        for axis in shape.indices where shape[axis] == 0 { return true }
        return false
    }

    /// Whether there are no bytes: there are no items, or the itemsize is zero.
    @inlinable public var hasNoBytes: Bool { itemsize == 0 || hasNoItems }

    /// Checks that neither the itemsize nor a length is negative.
    ///
    /// - Throws: `.invalid`.
    @usableFromInline
    func checkLengths() throws(LayoutError) {
        if itemsize < 0 { throw LayoutError.negativeItemsize(itemsize) }
        for axis in shape.indices where shape[axis] < 0 { throw LayoutError.negativeLength(shape[axis], axis: axis) }
    }

    /// The number of items, the product of the shape. An array with a length of zero has none, however long its other
    /// axes.
    ///
    /// - Throws: `.overflow`; `.invalid` for a negative length.
    @inlinable public var itemCount: Int {
        get throws(LayoutError) {
            var count = 1
            var overflow = false
            for axis in shape.indices {
                let length = shape[axis]
                if length < 0 { throw LayoutError.negativeLength(length, axis: axis) }
                let (product, carry) = count.multipliedReportingOverflow(by: length)
                overflow = overflow || carry
                count = product
            }
            if overflow {
                for axis in shape.indices where shape[axis] == 0 { return 0 }
            }
            if overflow { throw LayoutError.overflow("the number of items", shape: shape, itemsize: itemsize) }
            return count
        }
    }

    /// The bytes that the items take together, `itemCount * itemsize`: `len` of a `Py_buffer`.
    ///
    /// - Throws: `.overflow`.
    @inlinable public var byteCount: Int {
        get throws(LayoutError) {
            guard let bytes = try itemCount.checkedTimes(itemsize) else {
                throw LayoutError.overflow("an array", shape: shape, itemsize: itemsize)
            }
            return bytes
        }
    }

    /// The bytes that items touch, relative to the address of item `(0, ..., 0)`: from the lowest to one past the
    /// highest. `nil` if there are no items.
    ///
    /// Where pointers are followed, it is the block in which the first of them lie: the axes up to and including the
    /// first indirect one count, and each thing touched is a pointer.
    ///
    /// - Throws: `.overflow`, also where the number of these bytes is no `Int`; `.invalid` for a negative length.
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable public var byteExtent: Range<Int>? {
        get throws(LayoutError) {
            for axis in shape.indices where shape[axis] <= 0 {
                if shape[axis] == 0 { return nil }
                throw LayoutError.negativeLength(shape[axis], axis: axis)
            }
            let indirect = firstIndirectAxis
            let end = if let indirect { indirect + 1 } else { shape.count }
            var low = 0
            var high = indirect == nil ? itemsize : MemoryLayout<UInt>.size
            for axis in 0..<end {
                let stride = strides[axis]
                let sum =
                    stride < 0
                    ? low.checkedPlus(shape[axis] &- 1, times: stride)
                    : high.checkedPlus(shape[axis] &- 1, times: stride)
                guard let sum else {
                    throw LayoutError.overflow("the extent of an array", shape: shape, itemsize: itemsize)
                }
                if stride < 0 { low = sum } else { high = sum }
            }
            // Also where both ends can be said, the bytes between them may be more than can be counted.
            guard low <= high, !high.subtractingReportingOverflow(low).overflow else {
                throw LayoutError.overflow("the extent of an array", shape: shape, itemsize: itemsize)
            }
            return low..<high
        }
    }

    /// Checks that every item lies inside of a block of memory.
    ///
    /// - Parameter memory: the block's bytes, relative to the address of item `(0, ..., 0)`.
    /// - Throws: `.outsideMemory`, `.overflow`. An array without items fits everywhere.
    public func checkFits(in memory: Range<Int>) throws(LayoutError) {
        guard let extent = try byteExtent else { return }
        guard memory.lowerBound <= extent.lowerBound && extent.upperBound <= memory.upperBound else {
            throw .outside(extent, memory: memory, view: self)
        }
    }

    /// Checks that every item lies inside of a block of `byteCount` bytes, in which item `(0, ..., 0)` starts at
    /// `offset`.
    ///
    /// - Throws: `.outsideMemory`, `.overflow`, `.invalid` for a negative `byteCount`.
    public func checkFits(offset: Int, byteCount: Int) throws(LayoutError) {
        guard byteCount >= 0 else { throw .negativeByteCount(byteCount) }
        guard let low = 0.checkedMinus(offset), let high = byteCount.checkedMinus(offset) else {
            throw .overflow("an offset", shape: shape, itemsize: itemsize)
        }
        try checkFits(in: low..<high)
    }
}
