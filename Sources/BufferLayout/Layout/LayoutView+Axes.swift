// SPDX-License-Identifier: Apache-2.0

// Orders and numbers of axes: transposing, squeezing, broadcasting.

extension LayoutView {
    /// The same items with the axes in another order: axis `i` of the result is axis `axes[i]` of this layout.
    ///
    /// Where pointers are followed, axes on different sides of a pointer cannot be exchanged; those between two pointers
    /// can.
    ///
    /// - Parameter axes: each axis once; negative ones count from the end.
    /// - Throws: `.invalid` if `axes` is not an ordering of the axes; `.wouldNeedCopy`.
    /// - Complexity: O(*ndim*) without suboffsets, O(*ndim*²) with.
    public func transposed(_ axes: Span<Int>) throws(LayoutError) -> Layout {
        guard axes.count == ndim else { throw .axes(axes, ndim: ndim) }
        let indirect = isIndirect
        var result = LayoutBuilder(ndim: ndim, itemsize: itemsize, suboffsets: indirect)
        // Lengths are marks at first: -1 for an axis not yet named.
        for i in 0..<ndim { result.setLength(i, -1) }
        for i in 0..<ndim {
            let axis = axes[i] < 0 ? axes[i] &+ ndim : axes[i]
            guard shape.indices.contains(axis), result.length(axis) < 0 else { throw .axes(axes, ndim: ndim) }
            result.setLength(axis, 0)
        }
        var stage = 0
        for i in 0..<ndim {
            let axis = axes[i] < 0 ? axes[i] + ndim : axes[i]
            result.setLength(i, shape[axis])
            result.setStride(i, strides[axis])
            guard indirect else { continue }
            // The stage of an axis is the number of pointers followed before it: it must not decrease, and the
            // pointer that ends a stage stands at the last of its axes.
            let own = self.stage(of: axis)
            guard own.number >= stage else { throw .noIndirectResult("this order of the axes") }
            stage = own.number
            let next = i + 1 < ndim ? self.stage(of: axes[i + 1] < 0 ? axes[i + 1] + ndim : axes[i + 1]).number : -1
            if next != stage { result.setSuboffset(i, own.suboffset) }
        }
        return try Layout(result)
    }

    /// The same items with the axes in the opposite order.
    ///
    /// - Throws: `.wouldNeedCopy` where pointers are followed between two axes.
    public func transposed() throws(LayoutError) -> Layout {
        if isIndirect {
            let axes = (0..<ndim).map { ndim - 1 - $0 }
            return try transposed(axes.span)
        }
        var result = LayoutBuilder(ndim: ndim, itemsize: itemsize)
        for axis in shape.indices {
            result.setLength(ndim - 1 - axis, shape[axis])
            result.setStride(ndim - 1 - axis, strides[axis])
        }
        return try Layout(result)
    }

    /// The same items with two axes exchanged.
    ///
    /// - Parameters: negative axes count from the end.
    /// - Throws: `.indexOutOfRange` for an axis that does not exist; `.wouldNeedCopy`.
    public func swapped(_ first: Int, _ second: Int) throws(LayoutError) -> Layout {
        var axes = (0..<ndim).map { $0 }
        let (a, b) = (first < 0 ? first &+ ndim : first, second < 0 ? second &+ ndim : second)
        guard axes.indices.contains(a) else { throw .axis(first, ndim: ndim) }
        guard axes.indices.contains(b) else { throw .axis(second, ndim: ndim) }
        axes.swapAt(a, b)
        return try transposed(axes.span)
    }

    /// The number of pointers followed before the stride of `axis` is added, and the suboffset of the pointer that is
    /// followed next at or after it (negative if there is none).
    private func stage(of axis: Int) -> (number: Int, suboffset: Int) {
        var number = 0
        for earlier in 0..<axis where suboffset(earlier) >= 0 { number += 1 }
        for later in axis..<ndim where suboffset(later) >= 0 { return (number, suboffset(later)) }
        return (number, -1)
    }

    /// The same items without axes of length one.
    ///
    /// - Parameter axes: those to drop, negative ones counted from the end; if empty, every axis of length one.
    /// - Throws: `.indexOutOfRange` for an axis that does not exist, `.invalid` for one of another length; `.wouldNeedCopy`
    ///   if a pointer is followed at one of them: index it with zero instead.
    public func squeezed(_ axes: Span<Int> = Span()) throws(LayoutError) -> Layout {
        for i in axes.indices {
            let axis = axes[i] < 0 ? axes[i] &+ ndim : axes[i]
            guard shape.indices.contains(axis) else { throw .axis(axes[i], ndim: ndim) }
            guard shape[axis] == 1 else { throw .notUnit(axis: axis, length: shape[axis]) }
        }
        func isDropped(_ axis: Int) -> Bool {
            guard !axes.isEmpty else { return shape[axis] == 1 }
            for i in axes.indices where axes[i] == axis || axes[i] == axis - ndim { return true }
            return false
        }
        var kept = 0
        for axis in shape.indices where !isDropped(axis) { kept += 1 }
        var result = LayoutBuilder(ndim: kept, itemsize: itemsize, suboffsets: isIndirect)
        var i = 0
        for axis in shape.indices {
            if isDropped(axis) {
                guard suboffset(axis) < 0 else { throw .noIndirectResult("squeezing axis \(axis)") }
                continue
            }
            result.setLength(i, shape[axis])
            result.setStride(i, strides[axis])
            if suboffset(axis) >= 0 { result.setSuboffset(i, suboffset(axis)) }
            i += 1
        }
        return try Layout(result)
    }

    /// The same items, repeated to fill `target` by NumPy's rules: shapes are aligned at the last axis, an axis of
    /// length one is repeated with stride zero, missing axes are added in front with stride zero.
    ///
    /// - Throws: `.shapeMismatch`; `.invalid` for a negative length or too many dimensions; `.overflow` if the number
    ///   of bytes does not fit.
    public func broadcast(to target: Span<Int>) throws(LayoutError) -> Layout {
        try Layout.checkCount(target.count, limit: max(ndim, maximumDimensions))
        guard target.count >= ndim else { throw .broadcast(shape, to: target) }
        let added = target.count - ndim
        var result = LayoutBuilder(ndim: target.count, itemsize: itemsize, suboffsets: isIndirect)
        for i in target.indices {
            guard target[i] >= 0 else { throw .negativeLength(target[i], axis: i) }
            result.setLength(i, target[i])
            guard i >= added else { continue }
            let axis = i - added
            if shape[axis] == target[i] {
                result.setStride(i, strides[axis])
            } else if shape[axis] != 1 {
                throw .broadcast(shape, to: target)
            }
            if suboffset(axis) >= 0 { result.setSuboffset(i, suboffset(axis)) }
        }
        return try Layout(result)
    }
}

/// The shape that two shapes broadcast to, by NumPy's rules.
///
/// - Throws: `.shapeMismatch`.
public func broadcastShape(_ first: Span<Int>, _ second: Span<Int>) throws(LayoutError) -> [Int] {
    let ndim = max(first.count, second.count)
    var result = [Int](repeating: 1, count: ndim)
    for i in 0..<ndim {
        let a = i < first.count ? first[first.count - 1 - i] : 1
        let b = i < second.count ? second[second.count - 1 - i] : 1
        guard a == b || a == 1 || b == 1 else { throw .broadcast(first, with: second) }
        result[ndim - 1 - i] = a == 1 ? b : a
    }
    return result
}
