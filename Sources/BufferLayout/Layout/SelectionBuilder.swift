/// Builds what an index selects, axis by axis.
///
/// An address is reached in stages: strides are added up, then a pointer is followed and a constant is added, then
/// strides again. A constant that an index brings (`start * stride`) commutes with the strides of its own stage and
/// with no other, so it belongs to the constant that opens the stage: the base offset, or the suboffset of the last
/// indirect axis before. `stage` is that constant; it is stored when the next stage begins.
struct SelectionBuilder: ~Copyable {
    /// Lengths, strides and suboffsets of the axes so far.
    private var result: Layout
    /// Axes of `result` filled in.
    private var count = 0
    /// The last axis of `result` whose stage is the present one and to which a pointer can be attached, or `nil`.
    private var attachable: Int?
    /// Whether some axis of `result`, new ones aside, depends on an index yet to come.
    private var hasKeptAxis = false
    /// Where the constant of the present stage belongs: an axis of `result`, or `nil` for the base.
    private var owner: Int?
    private var stage = 0
    private var offset: Int?
    private var dereferences: [Int] = []
    /// Whether a suboffset would be negative, which would mean that no pointer is followed.
    private var isInexpressible = false

    init(ndim: Int, itemsize: Int, suboffsets: Bool) {
        result = Layout(unfilled: ndim, itemsize: itemsize, suboffsets: suboffsets)
    }

    mutating func addNewAxis() {
        result.setLength(count, 1)
        count += 1
    }

    /// Keeps an axis, sliced.
    mutating func keep(
        _ view: borrowing LayoutView, axis: Int, _ range: SliceRange
    ) throws(LayoutError) {
        let stride = view.strides[axis]
        if range.count > 0 {
            try add(range.start, times: stride, view)
        } else {
            // The address moves as for items that are there, as memoryview has it; nothing is read, so it need not fit.
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
    mutating func take(
        _ view: borrowing LayoutView, axis: Int, at position: Int
    ) throws(LayoutError) {
        try add(position, times: view.strides[axis], view)
        let suboffset = view.suboffset(axis)
        guard suboffset >= 0 else { return }
        if !hasKeptAxis {
            try beginStage(owner: nil, suboffset: suboffset)
        } else if let attachable {
            // The pointer is followed after the strides of this stage, so at the last axis that remains of them.
            try beginStage(owner: attachable, suboffset: suboffset)
        } else {
            throw .noIndirectResult("an index")
        }
    }

    consuming func finish() throws(LayoutError) -> Selection {
        try endStage()
        for axis in 0..<count where result.length(axis) == 0 {
            // Nothing is ever read: no pointer need be there.
            return Selection(layout: result, offset: offset ?? 0)
        }
        if isInexpressible { throw .noIndirectResult("an index") }
        return Selection(layout: result, offset: offset ?? 0, dereferences: dereferences)
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
