// SPDX-License-Identifier: Apache-2.0

// Basic indexing: integers, slices, new axes and an ellipsis, on any layout.

extension LayoutView {
    /// The part of the array that an index selects, without a copy.
    ///
    /// Follows NumPy's basic indexing: an integer drops its axis, a slice keeps it, axes that are not named are kept
    /// whole, an empty index selects everything. Behind pointers, constant offsets are added to the preceding suboffset (as
    /// `memoryview` does when it slices). An integer index on an indirect axis moves the pointer to the axis kept before
    /// it, or leaves it to be followed once, in ``Selection/dereferences``.
    ///
    /// - Throws: `.indexOutOfRange`; `.tooManyIndices`, also for two ellipses; `.invalid` for a step of zero or more
    ///   than 64 dimensions; `.overflow`; `.wouldNeedCopy` for the few selections of an array of pointers that
    ///   suboffsets cannot express (two pointers in a row without an axis between them, or a suboffset that would be
    ///   negative).
    /// - Complexity: O(*ndim* + number of indices).
    public func selecting(_ index: Span<AxisIndex>) throws(LayoutError) -> Selection {
        // Axes that the index names.
        var consumed = 0
        var dropped = 0
        var added = 0
        var ellipses = 0
        for i in index.indices {
            switch index[i] {
            case .integer:
                consumed += 1
                dropped += 1
            case .slice: consumed += 1
            case .newAxis: added += 1
            case .ellipsis: ellipses += 1
            }
        }
        guard ellipses <= 1 else { throw .ellipses() }
        guard consumed <= ndim else { throw .indexCount(consumed, ndim: ndim) }
        let resultCount = ndim - dropped + added
        try Layout.checkCount(resultCount, limit: max(ndim, maximumDimensions))

        try checkLengths()
        var builder = SelectionBuilder(ndim: resultCount, itemsize: itemsize, suboffsets: isIndirect)
        var axis = 0
        for i in index.indices {
            switch index[i] {
            case .integer(let position):
                try builder.dropAxis(self, axis, at: normalized(position, axis: axis))
                axis += 1
            case .slice(let start, let stop, let step):
                let range = try SliceRange(start: start, stop: stop, step: step, length: shape[axis])
                try builder.keepAxis(self, axis, range)
                axis += 1
            case .newAxis:
                builder.addNewAxis()
            case .ellipsis:
                for _ in consumed..<ndim {
                    try builder.keepAxis(self, axis, SliceRange(whole: shape[axis]))
                    axis += 1
                }
            }
        }
        while axis < ndim {
            try builder.keepAxis(self, axis, SliceRange(whole: shape[axis]))
            axis += 1
        }
        return try builder.finish()
    }

    /// The part of the array that an index selects; see the method that takes a span.
    public func selecting(_ index: AxisIndex...) throws(LayoutError) -> Selection {
        try selecting(index.span)
    }

    /// `count` positions of one axis, from `start` by steps of `step`; other axes are kept whole.
    ///
    /// - Throws: `.indexOutOfRange` if a position lies outside of the axis or there is no such axis; `.invalid` for a step of
    ///   zero; `.overflow`; `.wouldNeedCopy` if a suboffset would become negative.
    public func slicing(axis: Int, start: Int, step: Int, count: Int) throws(LayoutError) -> Selection {
        guard shape.indices.contains(axis) else { throw .axis(axis, ndim: ndim) }
        guard step != 0 else { throw .zeroStep() }
        let length = shape[axis]
        let fits =
            if count > 0, let last = start.checkedPlus(count - 1, times: step) {
                min(start, last) >= 0 && max(start, last) < length
            } else {
                count == 0
            }
        guard fits else { throw .slice(start: start, step: step, count: count, axis: axis, length: length) }
        var result = LayoutBuilder(self)
        var offset = 0
        if count > 0, start != 0 {
            guard let moved = start.checkedTimes(strides[axis]) else {
                throw .overflow("an offset", shape: shape, itemsize: itemsize)
            }
            offset = moved
        }
        guard let stride = strides[axis].checkedTimes(step) ?? (count < 2 ? strides[axis] : nil) else {
            throw .overflow("a stride", shape: shape, itemsize: itemsize)
        }
        result.setLength(axis, count)
        result.setStride(axis, stride)
        var owner = axis - 1
        while owner >= 0 && suboffset(owner) < 0 { owner -= 1 }
        guard owner >= 0 else { return Selection(layout: try Layout(result), offset: offset) }
        guard let suboffset = suboffset(owner).checkedPlus(offset) else {
            throw .overflow("a suboffset", shape: shape, itemsize: itemsize)
        }
        guard suboffset >= 0 else { throw .noIndirectResult("a slice") }
        result.setSuboffset(owner, suboffset)
        return Selection(layout: try Layout(result), offset: 0)
    }
}
