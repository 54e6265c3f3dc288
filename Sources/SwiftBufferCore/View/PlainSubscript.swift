// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// A subscript of small integers, slices of such, `...` and `None`, applied to a layout without pointers: the fast path
/// of ``Subscript`` and ``LayoutView/selecting(_:)``. No Python code, no error, no allocation; what it does not take is
/// left to the slow path, which raises the errors.
@safe
struct PlainSubscript {
    private let key: ObjectReference
    private let isTuple: Bool
    private let count: Int
    /// The axes that the entries name.
    private let named: Int
    /// The number of dimensions of what is selected.
    let ndim: Int

    /// - Parameter ndim: the number of dimensions of the layout that the subscript is applied to.
    @inline(__always)
    init?(_ key: ObjectReference, ndim: Int) {
        self.key = key
        isTuple = key.isTuple
        count = isTuple ? key.tupleCount : 1
        var named = 0
        var dropped = 0
        var added = 0
        var ellipses = 0
        for index in 0..<count {
            let entry = isTuple ? key.tupleItem(index) : key
            if sb_small_int(entry) != sb_not_small() {
                named += 1
                dropped += 1
            } else if entry.isSlice {
                named += 1
            } else if entry.isEllipsis {
                ellipses += 1
            } else if entry.isNone {
                added += 1
            } else {
                return nil
            }
        }
        guard named <= ndim && ellipses <= 1 else { return nil }
        self.named = named
        self.ndim = ndim - dropped + added
    }

    /// Writes the dimensions of what is selected.
    ///
    /// - Returns: how many bytes behind the first item of `layout` it begins; `nil` for an index that is out of range,
    ///   a slice that needs Python code, and numbers that do not fit.
    /// - Precondition: `layout` is valid, has the number of dimensions given before, and no pointers.
    @inline(__always)
    func select(from layout: borrowing LayoutView, into target: PlainDimensions) -> Int? {
        var offset = 0
        var axis = 0
        var next = 0
        for index in 0..<count {
            let entry = isTuple ? key.tupleItem(index) : key
            let position = sb_small_int(entry)
            if position != sb_not_small() {
                let length = layout.shape[axis]
                let position = position < 0 ? position &+ length : position
                guard position >= 0 && position < length else { return nil }
                offset &+= layout.distance(axis: axis, to: position)
                axis += 1
            } else if entry.isEllipsis {
                for _ in named..<layout.ndim {
                    target.setAxis(next, length: layout.shape[axis], stride: layout.strides[axis])
                    next += 1
                    axis += 1
                }
            } else if entry.isNone {
                target.setAxis(next, length: 1, stride: 0)
                next += 1
            } else {
                let slice = sb_small_slice(entry)
                guard slice.step != 0,
                    let range = try? SliceRange(
                        start: slice.start, stop: slice.stop, step: slice.step, length: layout.shape[axis])
                else { return nil }
                let (stride, overflow) = layout.strides[axis].multipliedReportingOverflow(by: range.step)
                if overflow { return nil }
                // Without items too, as in memoryview.
                offset &+= layout.distance(axis: axis, to: range.start)
                target.setAxis(next, length: range.count, stride: stride)
                next += 1
                axis += 1
            }
        }
        while axis < layout.ndim {
            target.setAxis(next, length: layout.shape[axis], stride: layout.strides[axis])
            next += 1
            axis += 1
        }
        return offset
    }

    /// The items that a small int, or a slice of such with a step of 1, names among so many; `nil` for any other key, and
    /// for an index that is out of range.
    @inline(__always)
    static func range(_ key: ObjectReference, of count: Int) -> Range<Int>? {
        let index = sb_small_int(key)
        if index != sb_not_small() {
            let position = index < 0 ? index &+ count : index
            return position >= 0 && position < count ? position..<position &+ 1 : nil
        }
        let slice = sb_small_slice(key)
        guard slice.step == 1,
            let range = try? SliceRange(start: slice.start, stop: slice.stop, step: 1, length: count)
        else { return nil }
        return range.start..<range.start &+ range.count
    }
}
