// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast path from lists and tuples of Python's own numbers to native scalars: one pass, without temporary objects.
///
/// It runs no Python code. Everything else, and every error, is left to ``NestedSequence``, which has the same result
/// for what is read here.
enum NumberLists {
    /// An array of the numbers of nested lists and tuples, or of a range; `nil` where the slow path is needed.
    ///
    /// - Parameter item: the format; `nil` to infer it.
    /// - Throws: as ``ArrayObject/make(_:shape:item:order:contents:isReadOnly:)``.
    static func array(
        _ type: ObjectReference, of data: ObjectReference, item: ItemFormat?, order: Order, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        guard sb_is_exact_sequence(data) != 0 else {
            return try NumberRange(data)?.array(type, item: item, isReadOnly: isReadOnly)
        }
        var nest = NestShape()
        guard nest.measure(data), order != .fortran || nest.depth == 1 else { return nil }
        if let item {
            guard let scalar = item.nativeScalar else { return nil }
            return try array(
                type, of: data, nest, item, NumberFilling(scalar, infers: false), isReadOnly: isReadOnly)
        }
        // A later number may be of a wider type than the first, for which the bools have too little room.
        let array = try array(
            type, of: data, nest, .of(nest.scalar), NumberFilling(nest.scalar, infers: true), isReadOnly: isReadOnly)
        if nest.scalar != .bool { return array }
        if let array { return array }
        return try self.array(
            type, of: data, nest, .of(.int64), NumberFilling(.int64, infers: true), isReadOnly: isReadOnly)
    }

    private static func array(
        _ type: ObjectReference, of data: ObjectReference, _ nest: borrowing NestShape, _ item: ItemFormat,
        _ filling: consuming NumberFilling, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        let shape = nest.shape
        let array = try ArrayObject.make(
            type, shape: shape, item: item, order: .c, contents: .uninitialized, isReadOnly: isReadOnly)
        // The array has no other user yet.
        guard let block = unsafe ObjectFields(of: array.reference).block,
            unsafe filling.write(data, axis: 0, shape, to: block)
        else { return nil }
        if filling.infers { unsafe ArrayObject.setItem(.of(filling.scalar), ofNew: array.reference) }
        return array
    }

    /// `array.extend(values)` for numbers; `false` with nothing added where the slow path is needed.
    static func extend(_ array: ObjectReference, with values: ObjectReference) -> Bool {
        guard sb_is_exact_sequence(values) != 0 else { return NumberRange(values)?.extend(array) ?? false }
        // The list's lock is taken before the array changes, in which nothing may wait.
        return ObjectLock.holding(values) {
            let count = sb_sequence_count(values)
            // An empty list has no memory for items.
            guard let numbers = unsafe sb_sequence_items(values) else {
                return unsafe count == 0 && FastGrowth.extend(array, by: 0) { (_, _) in true }
            }
            return unsafe FastGrowth.extend(array, by: count) { (place, scalar) in
                unsafe scalar.write(exactly: numbers, count: count, at: place) == count
            }
        }
    }
}

/// The shape of nested lists and tuples, from the first value at each depth, and the type of the first number.
private struct NestShape: ~Copyable {
    private var lengths = InlineArray<8, Int>(repeating: 0)
    private(set) var depth = 0
    /// The type that Python's number is by itself; `d` for no number, as in NumPy.
    private(set) var scalar = Scalar.float64

    /// Looks at the first value at each depth; `false` for what nests deeper, and for objects that are no numbers of
    /// Python's own.
    mutating func measure(_ data: ObjectReference) -> Bool {
        guard sb_is_exact_sequence(data) != 0 else {
            guard let found = Self.type(of: data) else { return false }
            scalar = found
            return true
        }
        guard depth < lengths.count else { return false }
        let count = sb_sequence_count(data)
        lengths[depth] = count
        depth += 1
        if count == 0 { return true }
        guard let pointer = unsafe sb_sequence_item(data, 0) else { return false }
        let first = unsafe PythonObject(owning: pointer)
        return unsafe measure(first.reference)
    }

    var shape: Span<Int> {
        @_lifetime(borrow self)
        get { lengths.span.extracting(first: depth) }
    }

    private static func type(of number: ObjectReference) -> Scalar? {
        if number.isExactInt { return .int64 }
        if number.isExactFloat { return .float64 }
        if number.isBool { return .bool }
        if number.isExactComplex { return .complex128 }
        return nil
    }
}

/// The writing of the numbers of nested sequences, one after the other.
private struct NumberFilling: ~Copyable {
    private(set) var scalar: Scalar
    /// Whether the scalar is a guess, which a later number may widen.
    let infers: Bool
    /// The bytes that have been written.
    private var length = 0

    init(_ scalar: Scalar, infers: Bool) {
        self.scalar = scalar
        self.infers = infers
    }

    /// Writes the numbers of a sequence, and those that it nests; `false` for any but numbers that fit, and for
    /// sequences of other lengths.
    ///
    /// - Precondition: `start` is that of as many items as the shape has.
    mutating func write(
        _ sequence: ObjectReference, axis: Int, _ shape: Span<Int>, to start: UnsafeMutableRawPointer
    ) -> Bool {
        // To wait for an inner list's lock lets go of this one, so that another thread may change this list meanwhile.
        ObjectLock.holding(sequence) {
            guard sb_is_exact_sequence(sequence) != 0, sb_sequence_count(sequence) == shape[axis] else { return false }
            if axis == shape.count - 1 {
                return unsafe write(sb_sequence_items(sequence), count: shape[axis], to: start)
            }
            for index in 0..<shape[axis] {
                guard let pointer = unsafe sb_sequence_item(sequence, index) else { return false }
                let inner = unsafe PythonObject(owning: pointer)
                guard unsafe write(inner.reference, axis: axis + 1, shape, to: start) else { return false }
            }
            return true
        }
    }

    private mutating func write(
        _ numbers: UnsafePointer<ObjectPointer?>?, count: Int, to start: UnsafeMutableRawPointer
    ) -> Bool {
        guard let numbers = unsafe numbers else { return count == 0 }
        if infers && scalar == .bool {
            for index in 0..<count {
                guard let number = unsafe OptionalObjectReference(pointer: numbers[index]).object, number.isBool else {
                    return false
                }
            }
        }
        var done = unsafe scalar.write(exactly: numbers, count: count, at: start + length)
        if infers && scalar == .int64 && done < count,
            let number = unsafe OptionalObjectReference(pointer: numbers[done]).object, number.isExactFloat
        {
            unsafe widen(count: length / scalar.size + done, at: start)
            done += unsafe scalar.write(
                exactly: numbers + done, count: count - done, at: start + length + done * scalar.size)
        }
        length += done * scalar.size
        return done == count
    }

    /// Makes floats of the ints that have been written, which are as large.
    private mutating func widen(count: Int, at start: UnsafeMutableRawPointer) {
        for index in 0..<count {
            let place = unsafe start + index * MemoryLayout<Int64>.size
            unsafe place.storeBytes(of: Double(place.loadUnaligned(as: Int64.self)), as: Double.self)
        }
        scalar = .float64
    }
}
