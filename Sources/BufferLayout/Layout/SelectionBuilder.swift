// SPDX-License-Identifier: Apache-2.0

/// Builds what an index selects, axis by axis.
///
/// An address is computed in stages: strides are added, then a pointer is followed and its suboffset added, then strides
/// again. The constant offset of an index (`start * stride`) belongs to its own stage, and so to the constant with which
/// the stage begins: the base offset, or the suboffset of the last indirect axis before. `stage` is that constant; it is
/// stored when the next stage begins.
struct SelectionBuilder: ~Copyable {
    /// Lengths, strides and suboffsets of the axes so far.
    private var result: LayoutBuilder
    /// Axes of `result` filled in.
    private var count = 0
    /// The last axis of `result` in the current stage, to which a pointer can be attached, or `nil`.
    private var attachable: Int?
    /// Whether `result` has an axis other than new ones.
    private var hasKeptAxis = false
    /// Where the constant of the current stage belongs: an axis of `result`, or `nil` for the base.
    private var owner: Int?
    private var stage = 0
    private var offset: Int?
    private var dereferences: [Int] = []
    /// Whether a suboffset would be negative, which means that no pointer is followed.
    private var isInexpressible = false

    init(ndim: Int, itemsize: Int, suboffsets: Bool) {
        result = LayoutBuilder(ndim: ndim, itemsize: itemsize, suboffsets: suboffsets)
    }

    mutating func addNewAxis() {
        result.setLength(count, 1)
        count += 1
    }

    /// Keeps an axis, sliced.
    mutating func keepAxis(
        _ view: borrowing LayoutView, _ axis: Int, _ range: SliceRange
    ) throws(LayoutError) {
        let stride = view.strides[axis]
        if range.count > 0 {
            try add(range.start, times: stride, view)
        } else {
            // memoryview moves the address of empty slices too. Nothing is read there, so it need not fit.
            stage = stage.checkedPlus(range.start, times: stride) ?? stage
        }
        result.setLength(count, range.count)
        // With fewer than two items the stride is never used, and need not fit.
        guard let scaled = stride.checkedTimes(range.step) ?? (range.count < 2 ? stride : nil) else {
            throw .overflow("a stride", shape: view.shape, itemsize: view.itemsize)
        }
        result.setStride(count, scaled)
        hasKeptAxis = true
        attachable = count
        let suboffset = view.suboffset(axis)
        if suboffset >= 0 { try beginStage(owner: count, suboffset: suboffset) }
        count += 1
    }

    /// Drops an axis at one position.
    mutating func dropAxis(
        _ view: borrowing LayoutView, _ axis: Int, at position: Int
    ) throws(LayoutError) {
        try add(position, times: view.strides[axis], view)
        let suboffset = view.suboffset(axis)
        guard suboffset >= 0 else { return }
        if !hasKeptAxis {
            try beginStage(owner: nil, suboffset: suboffset)
        } else if let attachable {
            // The pointer is followed after the strides of this stage, so at the last axis left of it.
            try beginStage(owner: attachable, suboffset: suboffset)
        } else {
            throw .noIndirectResult("an index")
        }
    }

    consuming func finish() throws(LayoutError) -> Selection {
        try endStage()
        for axis in 0..<count where result.length(axis) == 0 {
            // Nothing is ever read, and no pointer followed.
            return Selection(layout: try Layout(result), offset: offset ?? 0)
        }
        if isInexpressible { throw .noIndirectResult("an index") }
        return Selection(layout: try Layout(result), offset: offset ?? 0, dereferences: dereferences)
    }

    private mutating func add(
        _ position: Int, times stride: Int, _ view: borrowing LayoutView
    ) throws(LayoutError) {
        guard let sum = stage.checkedPlus(position, times: stride) else {
            throw .overflow("an offset", shape: view.shape, itemsize: view.itemsize)
        }
        stage = sum
    }

    private mutating func beginStage(owner newOwner: Int?, suboffset: Int) throws(LayoutError) {
        try endStage()
        owner = newOwner
        stage = suboffset
        attachable = nil
    }

    private mutating func endStage() throws(LayoutError) {
        if let owner {
            isInexpressible = isInexpressible || stage < 0
            result.setSuboffset(owner, max(stage, 0))
        } else if offset == nil {
            offset = stage
        } else {
            dereferences.append(stage)
        }
    }
}
