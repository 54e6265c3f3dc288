// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// A parsed subscript, `memory[...]`. Parsing calls every `__index__`, so Python code may have run.
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
    init(_ key: ObjectReference) throws(PythonError) {
        if let fields = try Self.fields(key) {
            self = fields
        } else if key.isTuple {
            var count = key.tupleCount
            // A field name is the last of several entries.
            let fields =
                count > 1 ? try unsafe Self.fields(ObjectReference(pointer: key.tupleItem(count - 1).pointer)) : nil
            if fields != nil { count -= 1 }
            var axes: [AxisIndex] = []
            axes.reserveCapacity(count)
            for index in 0..<count {
                axes.append(try unsafe Self.axis(ObjectReference(pointer: key.tupleItem(index).pointer)))
            }
            self = if let fields { .part(.axes(axes), of: fields) } else { .axes(axes) }
        } else {
            self = .axes([try Self.axis(key)])
        }
    }

    /// The field that a name means, or the fields that a list of names means; `nil` for any other object.
    private static func fields(_ key: ObjectReference) throws(PythonError) -> Subscript? {
        if key.isString { return .field(try stringValue(of: key)) }
        guard key.isList else { return nil }
        let list = try key.asTuple()
        let count = list.tupleCount
        var names: [String] = []
        for index in 0..<count {
            let name = unsafe list.tupleItem(index)
            guard name.isString else { return nil }
            names.append(try stringValue(of: name))
        }
        return names.isEmpty ? nil : .fields(names)
    }

    private static func axis(_ key: ObjectReference) throws(PythonError) -> AxisIndex {
        if key.isSlice {
            let bounds = try key.sliceBounds()
            return .slice(start: bounds.start, stop: bounds.stop, step: bounds.step)
        }
        if key.isNone { return .newAxis }
        if key.isEllipsis { return .ellipsis }
        guard key.isIndex else {
            throw PythonError(
                .type,
                "invalid index of type \(typeNameOf(key)): integers, slices, '...', None and tuples of these work, "
                    + "and the name of a field, or a list of names, on its own or as the last of a tuple")
        }
        return .integer(try intValue(of: key, overflow: .index))
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
