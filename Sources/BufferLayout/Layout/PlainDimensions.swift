// SPDX-License-Identifier: Apache-2.0

/// The shape and the strides of a layout without pointers at the place where they stay: inside of a Python object, on
/// the stack, or in a ``LayoutBuilder``.
@safe @usableFromInline @frozen
package struct PlainDimensions {
    @usableFromInline package let ndim: Int
    @usableFromInline package let itemsize: Int
    @usableFromInline let numbers: UnsafeMutablePointer<Int>

    /// - Precondition: there is room for the lengths of `ndim` axes, and their strides behind them, for as long as this
    ///   value is used.
    @unsafe @inlinable @inline(__always)
    package init(at numbers: UnsafeMutablePointer<Int>, ndim: Int, itemsize: Int) {
        self.ndim = ndim
        self.itemsize = itemsize
        unsafe self.numbers = numbers
    }

    @inlinable @inline(__always)
    package func setAxis(_ axis: Int, length: Int, stride: Int) {
        assert(axis >= 0 && axis < ndim)
        unsafe (numbers + axis).initialize(to: length)
        unsafe (numbers + ndim + axis).initialize(to: stride)
    }

    /// Sets the lengths of all axes.
    ///
    /// - Precondition: as many dimensions.
    @inlinable @inline(__always)
    package func setShape(_ shape: borrowing Span<Int>) {
        for axis in 0..<ndim { unsafe (numbers + axis).initialize(to: shape[axis]) }
    }

    /// Sets shape and strides to those of another layout.
    ///
    /// - Precondition: as many dimensions.
    @inlinable @inline(__always)
    package func setAll(_ view: borrowing LayoutView) {
        for axis in 0..<ndim { setAxis(axis, length: view.shape[axis], stride: view.strides[axis]) }
    }

    /// Sets shape and strides to those of another layout, the axes in the opposite order.
    ///
    /// - Precondition: as many dimensions.
    @inlinable @inline(__always)
    package func setReversed(_ view: borrowing LayoutView) {
        for axis in 0..<ndim {
            setAxis(ndim &- 1 &- axis, length: view.shape[axis], stride: view.strides[axis])
        }
    }

    /// Sets the strides of a contiguous array with the lengths set before, as `PyBuffer_FillContiguousStrides` does.
    ///
    /// - Parameter order: `.any` means C.
    /// - Returns: false if a stride does not fit.
    @inlinable @inline(__always)
    package func setContiguousStrides(_ order: Order) -> Bool {
        var stride = itemsize
        for i in 0..<ndim {
            let axis = order == .fortran ? i : ndim &- 1 &- i
            unsafe (numbers + ndim + axis).initialize(to: stride)
            guard let next = unsafe stride.checkedTimes(numbers[axis]) else { return false }
            stride = next
        }
        return true
    }

    /// Sets the lengths of a shape of which at most one is -1 and follows from the others. Returns whether there are
    /// `items` items then.
    ///
    /// - Precondition: as many dimensions.
    /// - Throws: `.invalid` for other negative lengths, or two of -1.
    @inlinable
    package func setLengths(_ shape: borrowing Span<Int>, items: Int) throws(LayoutError) -> Bool {
        var wildcard: Int?
        var product = 1
        var overflow = false
        var isEmpty = false
        for i in 0..<ndim {
            let length = shape[i]
            if length == -1 {
                guard wildcard == nil else { throw LayoutError.wildcards(shape) }
                wildcard = i
                continue
            }
            guard length >= 0 else { throw LayoutError.negativeLength(length, axis: i) }
            unsafe (numbers + i).initialize(to: length)
            let (next, carry) = product.multipliedReportingOverflow(by: length)
            overflow = overflow || carry
            isEmpty = isEmpty || length == 0
            product = next
        }
        if isEmpty {
            product = 0
            overflow = false
        }
        guard let wildcard else { return !overflow && product == items }
        guard !overflow, product > 0, items % product == 0 else { return false }
        unsafe (numbers + wildcard).initialize(to: items / product)
        return true
    }
}

extension LayoutView {
    /// The layout that some dimensions describe.
    ///
    /// - Precondition: all of them have been set, and stay in place, unchanged, for as long as the view is used.
    @unsafe @inlinable @inline(__always)
    @_lifetime(immortal)
    package init(_ dimensions: PlainDimensions) {
        unsafe self.init(
            itemsize: dimensions.itemsize, ndim: dimensions.ndim, shape: dimensions.numbers,
            strides: dimensions.numbers + dimensions.ndim, suboffsets: nil)
    }
}
