// SPDX-License-Identifier: Apache-2.0

// The address of one item: `get_item_pointer` of the buffer protocol's documentation.

extension LayoutView {
    /// `index` along `axis`, counted from the end if negative as Python does.
    ///
    /// - Throws: `.indexOutOfRange`.
    @inlinable
    public func normalized(_ index: Int, axis: Int) throws(LayoutError) -> Int {
        let length = shape[axis]
        let position = index < 0 ? index &+ length : index
        if position < 0 || position >= length { throw LayoutError.index(index, axis: axis, length: length) }
        return position
    }

    /// The distance in bytes of an item from item `(0, ..., 0)`.
    ///
    /// - Parameter index: one integer an axis; negative ones count from the end.
    /// - Throws: `.indexOutOfRange`, `.tooManyIndices`, `.tooFewIndices`, `.overflow`, and `.indirect` if pointers
    ///   must be followed.
    /// - Complexity: O(*ndim*), without allocation.
    @inlinable
    public func offset(of index: Span<Int>) throws(LayoutError) -> Int {
        if index.count != shape.count { throw LayoutError.indexCount(index.count, ndim: shape.count) }
        if let axis = firstIndirectAxis {
            throw LayoutError.indirect("an offset", axis: axis, suboffset: suboffsets[axis])
        }
        var offset = 0
        for axis in shape.indices {
            let position = try normalized(index[axis], axis: axis)
            guard let next = offset.checkedPlus(position, times: strides[axis]) else {
                throw LayoutError.overflow("an offset", shape: shape, itemsize: itemsize)
            }
            offset = next
        }
        return offset
    }

    /// The address of an item, following pointers where suboffsets say so.
    ///
    /// - Parameters:
    ///   - index: one integer an axis; negative ones count from the end.
    ///   - base: the address of item `(0, ..., 0)`, or of the first pointer: `buf` of a `Py_buffer`.
    /// - Throws: `.indexOutOfRange`, `.tooManyIndices`, `.tooFewIndices`.
    /// - Precondition: this layout describes the memory at `base`, pointers included.
    /// - Complexity: O(*ndim*), without allocation.
    @unsafe @inlinable
    public func address(
        of index: Span<Int>, from base: UnsafeRawPointer
    ) throws(LayoutError) -> UnsafeRawPointer {
        if index.count != shape.count { throw LayoutError.indexCount(index.count, ndim: shape.count) }
        var address = unsafe base
        for axis in shape.indices {
            let position = try normalized(index[axis], axis: axis)
            unsafe address = step(from: address, axis: axis, to: position)
        }
        return unsafe address
    }

    /// The index of an item, one integer an axis, from its number in C order.
    ///
    /// - Precondition: `number` is at least zero and less than the number of items.
    package func index(ofItem number: Int) -> [Int] {
        var index = [Int](repeating: 0, count: ndim)
        var rest = number
        for axis in shape.indices.reversed() {
            index[axis] = rest % shape[axis]
            rest /= shape[axis]
        }
        return index
    }

    /// Bytes from position 0 of an axis to `position`.
    ///
    /// - Precondition: `axis` is one of the layout's, `position` from zero up to its length, and the layout is valid, so that
    ///   the product fits.
    @inlinable @inline(__always)
    package func distance(axis: Int, to position: Int) -> Int { position &* strides[axis] }

    /// The address reached from `address` by going to `position` along one axis, and following the pointer there if
    /// the axis has one.
    ///
    /// - Precondition: `axis` is one of the layout's, `position` from zero up to its length, and `address` that of
    ///   memory that this layout describes from `axis` on.
    @unsafe @inlinable @inline(__always)
    public func step(from address: UnsafeRawPointer, axis: Int, to position: Int) -> UnsafeRawPointer {
        unsafe BufferLayout.step(
            from: address, stride: strides[unchecked: axis], to: position,
            suboffset: suboffsets.isEmpty ? -1 : suboffsets[unchecked: axis])
    }

    /// The address of an item, following pointers where suboffsets say so, without checks.
    ///
    /// - Precondition: as for ``address(of:from:)``; and `index` holds one integer an axis, each from zero up to its
    ///   length.
    @unsafe @inlinable
    public func uncheckedAddress(of index: Span<Int>, from base: UnsafeRawPointer) -> UnsafeRawPointer {
        var address = unsafe base
        for axis in 0..<shape.count {
            unsafe address = step(from: address, axis: axis, to: index[unchecked: axis])
        }
        return unsafe address
    }
}

/// One step of an address along an axis, for dimensions outside of a ``LayoutView``; see ``LayoutView/step(from:axis:to:)``.
///
/// - Parameter suboffset: negative where the axis has no pointers.
@unsafe @inlinable @inline(__always)
package func step(
    from address: UnsafeRawPointer, stride: Int, to position: Int, suboffset: Int
) -> UnsafeRawPointer {
    // Inside the memory described, so neither the product nor the sum can leave the address space.
    let next = unsafe address + position &* stride
    return unsafe suboffset < 0 ? next : follow(next, suboffset: suboffset)
}

/// The address that is stored at `address`, plus `suboffset` bytes.
///
/// - Precondition: at `address` there is a pointer that is not null, to memory that has more than `suboffset` bytes.
@unsafe @inlinable @inline(__always)
package func follow(_ address: UnsafeRawPointer, suboffset: Int) -> UnsafeRawPointer {
    // Unaligned, since an exporter may keep its pointers in packed records.
    unsafe address.loadUnaligned(as: UnsafeRawPointer.self) + suboffset
}
