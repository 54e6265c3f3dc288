// SPDX-License-Identifier: Apache-2.0
public import BufferLayout

extension Kernels {
    /// The C-order index of the first item that does not equal the one with the same index, or nil; as
    /// ``equal(_:layout:scalar:swapped:_:layout:scalar:swapped:)``.
    ///
    /// - Precondition: as there.
    /// - Complexity: linear in the number of items up to the first difference.
    public static func firstDifference(
        _ a: UnsafeRawPointer, layout aLayout: borrowing LayoutView, scalar aType: Scalar,
        swapped aSwapped: Bool = false,
        _ b: UnsafeRawPointer, layout bLayout: borrowing LayoutView, scalar bType: Scalar,
        swapped bSwapped: Bool = false
    ) -> Int? {
        if aLayout.hasNoItems { return nil }
        var search = unsafe DifferenceSearch(
            a: a, aType: aType, aSwapped: aSwapped, b: b, bType: bType, bSwapped: bSwapped, shape: [])
        for axis in 0..<aLayout.ndim { unsafe search.shape.append(aLayout.shape[axis]) }
        return unsafe search.run(aLayout, bLayout)
    }
}

/// The search for the first difference: through blocks of the outermost axis, then by bisection of a block, then along the
/// next axis inside of what was found.
@unsafe
private struct DifferenceSearch {
    /// The addresses reached so far.
    var a: UnsafeRawPointer
    let aType: Scalar
    let aSwapped: Bool
    var b: UnsafeRawPointer
    let bType: Scalar
    let bSwapped: Bool
    /// The lengths of all axes, which change for the axis that is being searched.
    var shape: [Int]

    mutating func run(_ aLayout: borrowing LayoutView, _ bLayout: borrowing LayoutView) -> Int? {
        var index = 0
        var isKnown = false
        for axis in 0..<aLayout.ndim {
            let length = aLayout.shape[axis]
            var position = 0
            // An axis of length 1 is searched with the axes inside of it.
            if length > 1 {
                guard let found = unsafe firstPosition(axis: axis, aLayout, bLayout) else { return nil }
                position = found
                isKnown = true
            }
            unsafe a = unsafe aLayout.step(from: a, axis: axis, to: position)
            unsafe b = unsafe bLayout.step(from: b, axis: axis, to: position)
            index = index &* length &+ position
        }
        if isKnown { return index }
        return unsafe isEqual(axis: aLayout.ndim, 0..<1, aLayout, bLayout) ? nil : index
    }

    /// The first position along an axis whose part holds a difference.
    private mutating func firstPosition(
        axis: Int, _ aLayout: borrowing LayoutView, _ bLayout: borrowing LayoutView
    ) -> Int? {
        let length = aLayout.shape[axis]
        var inner = 1
        for next in axis &+ 1..<aLayout.ndim { inner &*= aLayout.shape[next] }
        let block = max(1, (1 << 14) / inner)
        var start = 0
        while unsafe start < length && isEqual(axis: axis, start..<min(start &+ block, length), aLayout, bLayout) {
            start &+= block
        }
        guard start < length else { return nil }
        var count = min(block, length &- start)
        while count > 1 {
            let half = count / 2
            if unsafe isEqual(axis: axis, start..<start &+ half, aLayout, bLayout) {
                start &+= half
                count &-= half
            } else {
                count = half
            }
        }
        return start
    }

    /// Whether the parts at some positions of an axis are equal; of the whole arrays, if `axis` is the number of axes.
    private mutating func isEqual(
        axis: Int, _ positions: Range<Int>, _ aLayout: borrowing LayoutView, _ bLayout: borrowing LayoutView
    ) -> Bool {
        let ndim = aLayout.ndim
        let start = positions.lowerBound
        if axis < ndim { unsafe shape[axis] = positions.count }
        let offset = axis < ndim ? (start &* aLayout.strides[axis], start &* bLayout.strides[axis]) : (0, 0)
        let aPart = unsafe aLayout.inner(axis, shape.span)
        let bPart = unsafe bLayout.inner(axis, shape.span)
        return unsafe Kernels.equal(
            a + offset.0, layout: aPart, scalar: aType, swapped: aSwapped, b + offset.1, layout: bPart, scalar: bType,
            swapped: bSwapped)
    }
}

extension LayoutView {
    /// The axes from one on, with other lengths.
    @_lifetime(copy self, copy shape)
    fileprivate func inner(_ axis: Int, _ shape: Span<Int>) -> LayoutView {
        LayoutView(
            itemsize: itemsize, shape: shape.extracting(droppingFirst: axis),
            strides: strides.extracting(droppingFirst: axis),
            suboffsets: suboffsets.isEmpty ? suboffsets : suboffsets.extracting(droppingFirst: axis))
    }
}
