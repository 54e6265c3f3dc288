// SPDX-License-Identifier: Apache-2.0

// Strides in items, as DLPack has them, instead of bytes.

extension LayoutView {
    /// The stride of an axis in items; `nil` where it is not a multiple of the itemsize. Of an axis with fewer than two
    /// items, whose stride does not matter, it is 0 then.
    public func strideInItems(_ axis: Int) -> Int? {
        let stride = strides[axis]
        // Most are, and few have to be divided for it.
        if stride == itemsize && itemsize > 0 { return 1 }
        if itemsize > 0 && stride.isMultiple(of: itemsize) { return stride / itemsize }
        return shape[axis] < 2 || hasNoItems ? 0 : nil
    }
}

extension Layout {
    /// A layout with strides in items.
    ///
    /// - Throws: as for ``init(shape:strides:suboffsets:itemsize:)-swift.init``: `.overflow` too where a stride in bytes
    ///   does not fit in an `Int`.
    public init(shape: [Int], stridesInItems strides: [Int], itemsize: Int) throws(LayoutError) {
        var bytes: [Int] = []
        bytes.reserveCapacity(strides.count)
        for stride in strides {
            guard let stride = stride.checkedTimes(itemsize) else {
                throw .overflow("a stride", shape: shape.span, itemsize: itemsize)
            }
            bytes.append(stride)
        }
        try self.init(shape: shape, strides: bytes, itemsize: itemsize)
    }
}
