internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What stands between the brackets of `memory[...]`, with every `__index__` called: Python code may have run.
enum Subscript {
    /// The name of a field of a structure.
    case field(String)
    /// The names of some fields of a structure.
    case fields([String])
    /// Basic indexing: integers, slices, `None` and `...`.
    case axes([AxisIndex])
    /// Basic indexing of a field, or of some: `memory[1, 'x']` is `memory['x'][1]`.
    indirect case part(Subscript, of: Subscript)

    /// - Throws: `TypeError` for anything else, `IndexError` for an integer beyond a machine word.
    init(_ key: ObjectPointer) throws(PythonError) {
        if let fields = try unsafe Self.fields(key) {
            self = fields
        } else if unsafe sb_is_tuple(key) != 0 {
            var count = unsafe sb_tuple_count(key)
            // A field comes last, and something before it.
            let fields = count > 1 ? try unsafe Self.fields(sb_tuple_item(key, count - 1)) : nil
            if fields != nil { count -= 1 }
            var axes: [AxisIndex] = []
            axes.reserveCapacity(count)
            for index in 0..<count { axes.append(try unsafe Self.axis(sb_tuple_item(key, index))) }
            self = if let fields { .part(.axes(axes), of: fields) } else { .axes(axes) }
        } else {
            self = .axes([try unsafe Self.axis(key)])
        }
    }

    /// The field that a name means, or the fields that a list of names means; `nil` for any other object.
    private static func fields(_ key: ObjectPointer) throws(PythonError) -> Subscript? {
        if unsafe sb_is_str(key) != 0 { return .field(try unsafe stringValue(of: key)) }
        guard unsafe sb_is_list(key) != 0 else { return nil }
        let list = try unsafe PythonObject(result: PySequence_Tuple(key))
        let count = unsafe sb_tuple_count(list.pointer)
        var names: [String] = []
        for index in 0..<count {
            let name = unsafe sb_tuple_item(list.pointer, index)
            guard unsafe sb_is_str(name) != 0 else { return nil }
            names.append(try unsafe stringValue(of: name))
        }
        return names.isEmpty ? nil : .fields(names)
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
                "invalid index of type \(unsafe typeNameOf(key)): integers, slices, '...', None and tuples of these work, "
                    + "and the name of a field, or a list of names, on its own or as the last of a tuple")
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
