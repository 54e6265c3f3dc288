// SPDX-License-Identifier: Apache-2.0

// Layouts of any shape and strides over the memory of another one.

extension LayoutView {
    /// A layout of any shape and strides over the memory that this one touches.
    ///
    /// - Parameters:
    ///   - newShape: the number of items along each axis.
    ///   - newStrides: in bytes, of any sign; items may overlap.
    ///   - offset: bytes from item `(0, ..., 0)` of this layout to that of the new one.
    /// - Throws: `.outsideMemory` if an item would lie outside of ``byteExtent``; `.indirect` if pointers are followed;
    ///   `.invalid` and `.overflow` as for ``Layout``'s initialiser.
    public func strided(
        shape newShape: Span<Int>, strides newStrides: Span<Int>, offset: Int = 0
    ) throws(LayoutError) -> Layout {
        let result = try Layout(shape: newShape, strides: newStrides, itemsize: itemsize)
        try checkHolds(result.view, at: offset)
        return result
    }

    /// Checks that all items of another layout lie in the memory that this one touches, from the lowest byte of its items
    /// to the highest.
    ///
    /// - Parameter offset: bytes from item `(0, ..., 0)` of this layout to that of the other.
    /// - Throws: `.outsideMemory`, also where there are no items and the offset lies outside; `.indirect` if pointers are
    ///   followed; `.overflow`.
    package func checkHolds(_ other: borrowing LayoutView, at offset: Int) throws(LayoutError) {
        if let axis = firstIndirectAxis {
            throw LayoutError(
                .indirect, "axis \(axis) holds pointers, whose targets no strides reach; use copy() first")
        }
        let memory = try byteExtent ?? 0..<0
        let extent = try other.byteExtent ?? 0..<0
        guard let low = extent.lowerBound.checkedPlus(offset), let high = extent.upperBound.checkedPlus(offset),
            memory.lowerBound <= low && high <= memory.upperBound
        else { throw .outside(extent, offset: offset, memory: memory, view: other) }
    }
}
