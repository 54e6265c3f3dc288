internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What stands between the brackets of `memory[...]`, with every `__index__` called: Python code may have run.
enum Subscript {
    /// The name of a field of a structure.
    case field(String)
    /// Basic indexing: integers, slices, `None` and `...`.
    case axes([AxisIndex])

    /// - Throws: `TypeError` for anything else, `IndexError` for an integer beyond a machine word.
    init(_ key: ObjectPointer) throws(PythonError) {
        if unsafe sb_is_str(key) != 0 {
            self = .field(try unsafe stringValue(of: key))
        } else if unsafe sb_is_tuple(key) != 0 {
            let count = unsafe sb_tuple_count(key)
            var axes: [AxisIndex] = []
            axes.reserveCapacity(count)
            for index in 0..<count { axes.append(try unsafe Self.axis(sb_tuple_item(key, index))) }
            self = .axes(axes)
        } else {
            self = .axes([try unsafe Self.axis(key)])
        }
    }

    private static func axis(_ key: ObjectPointer) throws(PythonError) -> AxisIndex {
        if unsafe sb_is_slice(key) != 0 {
            var start = 0
            var stop = 0
            var step = 0
            // Bounds beyond a machine word are clamped, as in every slice.
            if unsafe PySlice_Unpack(key, &start, &stop, &step) < 0 { throw PythonError.pending() }
            return .slice(start: start, stop: stop, step: step)
        }
        if unsafe key == sb_none() { return .newAxis }
        if unsafe key == sb_ellipsis() { return .ellipsis }
        guard unsafe PyIndex_Check(key) != 0 else {
            throw PythonError(
                .type,
                "invalid index of type \(unsafe typeNameOf(key)): integers, slices, '...', None, tuples of these, and "
                    + "the name of a field on its own work")
        }
        return .integer(try unsafe intValue(of: key, overflow: .index))
    }

    /// The integers, if there is nothing else: the index of one item.
    var position: [Int]? {
        guard case .axes(let axes) = self else { return nil }
        var position: [Int] = []
        position.reserveCapacity(axes.count)
        for axis in axes {
            guard case .integer(let index) = axis else { return nil }
            position.append(index)
        }
        return position
    }
}
