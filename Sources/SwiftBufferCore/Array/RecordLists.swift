// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path from a list of tuples to records, by the plan of their format: one pass, which runs no Python code.
/// Everything else, and every error, is left to ``NestedSequence``, which has the same result for what is read here.
enum RecordLists {
    /// An array of one dimension; `nil` where the slow path is needed.
    ///
    /// - Throws: as ``ArrayObject/make(_:shape:item:order:contents:isReadOnly:)``.
    static func array(
        _ type: ObjectReference, of data: ObjectReference, item: ItemFormat, isReadOnly: Bool
    ) throws(PythonError) -> PythonObject? {
        // A tuple would be one record itself.
        guard let plan = item.plan, plan.takesTuples, sb_is_exact_list(data) != 0 else { return nil }
        // In a list that is locked nothing changes while no Python code runs.
        return try ObjectLock.holding(data) { () throws(PythonError) in
            let count = sb_sequence_count(data)
            let array = try ArrayObject.make(
                type, shape: [count].span, item: item, order: .c, contents: .zeroed, isReadOnly: isReadOnly)
            if count == 0 { return array }
            guard let block = unsafe ObjectFields(of: array.reference).block,
                let values = unsafe sb_sequence_items(data)
            else { return nil }
            for index in 0..<count {
                guard let value = unsafe OptionalObjectReference(pointer: values[index]).object,
                    unsafe plan.store(value, to: block + index &* item.format.itemsize)
                else { return nil }
            }
            return array
        }
    }
}
