// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The numbers of a Python `range`, all of which 64 bits hold: they are written without an object for each.
struct NumberRange {
    private let start: Int64
    private let step: Int64
    private let count: Int

    /// `nil` for any other object, and for larger numbers.
    init?(_ object: ObjectReference) {
        // No class is derived from range, so that no code of a user's runs.
        guard sb_is_range(object) != 0 else { return nil }
        count = unsafe PyObject_Size(object.pointer)
        guard count >= 0 else {
            // More than can be counted.
            PyErr_Clear()
            return nil
        }
        guard count > 0 else {
            (start, step) = (0, 0)
            return
        }
        // The items take less time than the attributes, which are looked up by name.
        guard let first = Self.number(0, of: object), let last = Self.number(count - 1, of: object),
            let second = count == 1 ? first : Self.number(1, of: object)
        else { return nil }
        let (step, isFar) = second.subtractingReportingOverflow(first)
        guard !isFar, !last.subtractingReportingOverflow(first).overflow else { return nil }
        start = first
        self.step = step
    }

    private static func number(_ index: Int, of range: ObjectReference) -> Int64? {
        guard let pointer = unsafe PySequence_GetItem(range.pointer, index) else {
            PyErr_Clear()
            return nil
        }
        let number = unsafe PythonObject(owning: pointer)
        let found = unsafe sb_exact_int64(number.reference)
        return found.isFound != 0 ? found.value : nil
    }

    /// An array of the numbers; `nil` where they do not fit, or another path is needed for the format.
    ///
    /// - Parameter item: the format; `nil` to infer it.
    func array(_ type: ObjectReference, item: ItemFormat?, isReadOnly: Bool) throws(PythonError) -> PythonObject? {
        let item = item ?? .of(count == 0 ? .float64 : .int64)
        guard let scalar = item.nativeScalar else { return nil }
        let array = try ArrayObject.make(
            type, shape: [count].span, item: item, order: .c, contents: .uninitialized, isReadOnly: isReadOnly)
        // The array has no other user yet.
        guard let block = unsafe ObjectFields(of: array.reference).block, unsafe write(scalar, to: block) else {
            return nil
        }
        return array
    }

    /// Adds the numbers to an array; `false` with nothing added where the slow path is needed.
    func extend(_ array: ObjectReference) -> Bool {
        unsafe FastGrowth.extend(array, by: count) { (place, scalar) in unsafe write(scalar, to: place) }
    }

    private func write(_ scalar: Scalar, to place: UnsafeMutableRawPointer) -> Bool {
        unsafe scalar.write(progressionFrom: start, step: step, count: count, at: place)
    }
}
