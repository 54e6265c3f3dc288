// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

// Items as Python objects, by a plan.

extension ItemPlan {
    /// The item at `address`, as ``Format/object(at:)`` gives it.
    ///
    /// - Throws: what a value's type says cannot be read; `MemoryError`.
    /// - Precondition: `address` is that of an item, whose bytes stay while Python code may run.
    package func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        let count = unsafe body.pointee.valueCount
        let result: ObjectPointer?
        let values: UnsafeMutablePointer<ObjectPointer?>?
        switch unsafe body.pointee.container {
        case .record:
            let type = if let known = unsafe recordType { unsafe known } else { try unsafe findRecordType() }
            // The values are still to be set, and the collector does not know the record yet.
            unsafe result = sb_new_untracked_record(type, count)
            unsafe values = result.map { unsafe sb_tuple_items($0) }
        case .tuple:
            unsafe result = PyTuple_New(count)
            unsafe values = result.map { unsafe sb_tuple_items($0) }
        case .list:
            unsafe result = sb_new_list(count)
            unsafe values = result.flatMap { unsafe sb_list_items($0) }
        case .none:
            let step = unsafe body.pointee.steps
            return try unsafe PythonObject(owning: value(step, at: address + step.pointee.offset, 0))
        }
        guard let result = unsafe result else { throw PythonError.pending() }
        // A list without items has no memory for them.
        guard let values = unsafe values else { return unsafe PythonObject(owning: result) }
        var position = 0
        do throws(PythonError) {
            for number in unsafe 0..<body.pointee.stepCount {
                let step = unsafe body.pointee.steps + number
                var place = unsafe address + step.pointee.offset
                let end = unsafe position &+ step.pointee.repeats
                while position < end {
                    unsafe values[position] = try value(step, at: place, position)
                    unsafe place += step.pointee.size
                    position &+= 1
                }
            }
        } catch {
            while position < count {
                unsafe values[position] = nil
                position &+= 1
            }
            unsafe sb_decref(result)
            throw error
        }
        // The collector needs to know only records that can be part of a cycle, as it knows only such tuples.
        if unsafe body.pointee.container == .record && body.pointee.holdsLists { unsafe PyObject_GC_Track(result) }
        return unsafe PythonObject(owning: result)
    }

    /// A new reference to one value.
    @inline(__always)
    private func value(
        _ step: UnsafeMutablePointer<Step>, at place: UnsafeRawPointer, _ position: Int
    ) throws(PythonError) -> ObjectPointer {
        guard unsafe step.pointee.kind == .scalar else { return try unsafe otherValue(step, at: place, position) }
        guard let value = unsafe step.pointee.scalar.object(at: place, swapped: step.pointee.swapped) else {
            throw PythonError.pending()
        }
        return unsafe value
    }

    @inline(never)
    private func otherValue(
        _ step: UnsafeMutablePointer<Step>, at place: UnsafeRawPointer, _ position: Int
    ) throws(PythonError) -> ObjectPointer {
        if unsafe step.pointee.kind == .bytes {
            let bytes = unsafe place.assumingMemoryBound(to: CChar.self)
            guard let value = unsafe PyBytes_FromStringAndSize(bytes, step.pointee.size) else {
                throw PythonError.pending()
            }
            return unsafe value
        }
        do throws(PythonError) {
            if let plan = unsafe step.pointee.plan { return try unsafe plan.object(at: place).intoPointer() }
            return try unsafe field(step).type.object(at: place).intoPointer()
        } catch {
            // A value of a list, or an item by itself, has no place in a structure.
            let container = unsafe body.pointee.container
            throw container == .list || container == .none ? error : unsafe error.unreadable(field(step), position)
        }
    }

    private func field(_ step: UnsafeMutablePointer<Step>) -> Field {
        unsafe body.pointee.fields[step - body.pointee.steps]
    }
}
