// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The values of nested sequences in C order, and their shape and format.
///
/// Sequences are copied into tuples first: converting a value may run Python code that changes them.
@safe
struct NestedSequence: ~Copyable {
    private var shape: [Int] = []
    /// Borrowed from ``owners``.
    private var values: [ObjectReference] = []
    private var owners: [OwnedObject] = []
    private let item: ItemFormat

    /// - Parameter item: the format; `nil` to infer it from the values.
    /// - Throws: `ValueError` where sequences at one depth differ in length, `TypeError` for values without a
    ///   format that are not numbers.
    init(_ data: ObjectReference, _ item: ItemFormat?) throws(PythonError) {
        var shape: [Int] = []
        var values: [ObjectReference] = []
        var owners: [OwnedObject] = []
        let leaf = LeafRule(item?.format)
        try Self.measure(data, leaf, &shape)
        try Self.flatten(data, depth: 0, shape, readsItems: item == nil, &values, &owners)
        self.item = if let item { item } else { try Self.inferredFormat(of: values) }
        self.shape = shape
        self.values = values
        self.owners = owners
    }

    func array(_ type: ObjectReference, order: Order, isReadOnly: Bool) throws(PythonError) -> PythonObject {
        let array = try ArrayObject.make(
            type, shape: shape.span, item: item, order: order, contents: .zeroed, isReadOnly: isReadOnly)
        // The array has no other user yet, so its memory stays while values are converted.
        try unsafe MemoryObject(array.reference).withExportPinned { (contents) throws(PythonError) in
            let base = unsafe UnsafeRawPointer(contents.address)
            var next = 0
            try unsafe fill(axis: 0, at: base, contents.layout, &next)
        }
        return array
    }

    private func fill(
        axis: Int, at address: UnsafeRawPointer, _ layout: borrowing LayoutView, _ next: inout Int
    ) throws(PythonError) {
        guard axis < layout.ndim else {
            try unsafe item.encode(values[next], to: UnsafeMutableRawPointer(mutating: address))
            next += 1
            return
        }
        for index in 0..<layout.shape[axis] {
            try unsafe fill(axis: axis + 1, at: layout.step(from: address, axis: axis, to: index), layout, &next)
        }
    }

    /// The shape, from the first value at each depth.
    private static func measure(
        _ data: ObjectReference, _ leaf: LeafRule, _ shape: inout [Int]
    ) throws(PythonError) {
        var current = PythonObject(borrowing: data)
        while unsafe leaf.isSequence(current.reference) {
            guard shape.count <= maximumDimensions + leaf.depth else {
                throw PythonError(.value, "sequences nested deeper than \(maximumDimensions) dimensions")
            }
            let count = unsafe PySequence_Size(current.pointer)
            if count < 0 { throw PythonError.pending() }
            shape.append(count)
            if count == 0 { break }
            current = try unsafe PythonObject(result: PySequence_GetItem(current.pointer, 0))
        }
        // The innermost sequences are values themselves where the format has sub-arrays; but an empty one has no values.
        if shape == [0] { return }
        // So is the item of a buffer without dimensions, though it is not a sequence.
        var held = 0
        if leaf.depth > 0, let item = try unsafe SingleItem(current.reference) { held = LeafRule(item.format).depth }
        shape.removeLast(min(max(leaf.depth - held, 0), shape.count))
    }

    /// - Parameter readsItems: whether buffers without dimensions become the values that they hold. With a format they
    ///   are items themselves.
    private static func flatten(
        _ data: ObjectReference, depth: Int, _ shape: [Int], readsItems: Bool, _ values: inout [ObjectReference],
        _ owners: inout [OwnedObject]
    ) throws(PythonError) {
        guard depth < shape.count else {
            if readsItems, let value = try SingleItem(data)?.object() {
                unsafe values.append(value.reference)
                owners.append(OwnedObject(value))
            } else {
                values.append(data)
                if depth == 0 { owners.append(OwnedObject(PythonObject(borrowing: data))) }
            }
            return
        }
        guard LeafRule(nil).isSequence(data) else { throw ragged(data, depth, shape) }
        let tuple = try data.asTuple()
        guard tuple.tupleCount == shape[depth] else { throw ragged(data, depth, shape) }
        for index in 0..<shape[depth] {
            try unsafe flatten(
                tuple.tupleItem(index), depth: depth + 1, shape, readsItems: readsItems, &values, &owners)
        }
        owners.append(OwnedObject(tuple))
    }

    private static func ragged(_ data: ObjectReference, _ depth: Int, _ shape: [Int]) -> PythonError {
        let other = describe(data)
        return PythonError(
            .value,
            "sequences of different lengths: at depth \(depth) one has \(shape[depth]) values, another is \(other)")
    }

    private static func describe(_ data: ObjectReference) -> String {
        guard LeafRule(nil).isSequence(data) else { return "a single \(typeNameOf(data))" }
        let count = unsafe PySequence_Size(data.pointer)
        if count < 0 { PyErr_Clear() }
        return "a \(typeNameOf(data)) of \(count)"
    }
}

extension NestedSequence {
    /// Whether an object is a sequence of items of a format, and not one item.
    static func isSequence(_ object: ObjectReference, of format: Format) -> Bool {
        let leaf = LeafRule(format)
        return leaf.depth == 0 && leaf.isSequence(object)
    }

    /// The narrowest of `?`, `q`, `Q`, `d` and `Zd` that holds every value.
    ///
    /// - Throws: `TypeError` for a value that is no number.
    static func inferredFormat(of values: [ObjectReference]) throws(PythonError) -> ItemFormat {
        // An array of no values is one of floats, as in NumPy.
        var kind = values.isEmpty ? NumberKind.float : .bool
        var isBeyondSigned = false
        for position in values.indices {
            let value = values[position]
            let own = try NumberKind(value)
            if own == .integer && !isBeyondSigned {
                let index = try unsafe PythonObject(result: PyNumber_Index(value.pointer))
                var overflow: CInt = 0
                if unsafe PyLong_AsLongLongAndOverflow(index.pointer, &overflow) == -1, unsafe PyErr_Occurred() != nil {
                    throw PythonError.pending()
                }
                isBeyondSigned = overflow > 0
            }
            kind = max(kind, own)
        }
        switch kind {
        case .bool: return .of(.bool)
        case .integer: return .of(isBeyondSigned ? .uint64 : .int64)
        case .float: return .of(.float64)
        case .complex: return .of(.complex128)
        }
    }

    static func inferredFormat(of value: ObjectReference) throws(PythonError) -> ItemFormat {
        if let item = try SingleItem(value)?.object() { return try unsafe inferredFormat(of: [item.reference]) }
        return try inferredFormat(of: [value])
    }

    private enum NumberKind: Int, Comparable {
        case bool, integer, float, complex

        init(_ value: ObjectReference) throws(PythonError) {
            if value.isBool {
                self = .bool
            } else if value.isIndex {
                self = .integer
            } else if value.isFloat {
                self = .float
            } else if value.isComplex {
                self = .complex
            } else if LeafRule(nil).isSequence(value) {
                throw PythonError(
                    .value,
                    "sequences of different depths: a \(typeNameOf(value)) stands beside single values")
            } else if value.hasAttribute("__float__") {
                self = .float
            } else if value.hasAttribute("__complex__") {
                self = .complex
            } else if let error = PythonError.bufferMethodError(of: value) {
                throw error
            } else {
                throw PythonError(
                    .type,
                    "no format holds a \(typeNameOf(value)) by itself: numbers, bools, and buffers work, or give "
                        + "a format")
            }
        }

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }
}

/// Which objects are sequences of values, and which are single values, for a format.
private struct LeafRule {
    /// How many nested sequences are one value: the dimensions of a sub-array.
    let depth: Int
    /// A tuple is one value, as for a structure.
    let takesTuples: Bool

    init(_ format: Format?) {
        guard let format else {
            depth = 0
            takesTuples = false
            return
        }
        let isSingle = format.valueCount == 1 && format.fields.count == 1 && format.fields[0].name == nil
        if isSingle, case .array(let shape, _) = format.fields[0].type {
            depth = shape.count
            takesTuples = false
        } else {
            depth = 0
            if isSingle, case .structure = format.fields[0].type { takesTuples = true } else { takesTuples = !isSingle }
        }
    }

    func isSequence(_ object: ObjectReference) -> Bool {
        if object.isList { return true }
        if object.isTuple { return !takesTuples }
        return object.isSequence && !object.isString && !object.isBytes
            && !object.isByteArray && !Self.hasNoDimensions(object)
    }
}

extension LeafRule {
    /// Whether an object exports a buffer without dimensions: some that do pass for sequences.
    private static func hasNoDimensions(_ object: ObjectReference) -> Bool {
        guard object.exportsBuffer, let buffer = try? PythonBuffer(object) else {
            return false
        }
        return buffer.ndim == 0
    }
}

/// A reference that can be stored in a Swift array.
private final class OwnedObject {
    private let object: PythonObject

    init(_ object: consuming PythonObject) {
        self.object = object
    }
}
