// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

// `array.remove(value)`: the item that is removed must be the one that was compared, though comparing may run Python code,
// and other threads, which change the array.

extension ArrayObject {
    /// `array.remove(value)`
    ///
    /// - Throws: `ValueError` if there is none.
    static func remove(_ value: ObjectReference, from array: ObjectReference) throws(PythonError) {
        let memory = MemoryObject(array)
        try memory.withReadAccess { (contents) throws(PythonError) in
            guard contents.ndim == 1 else { throw notResizable(contents.ndim) }
        }
        switch try SearchValue(value, in: memory) {
        case .number(let number): if try removeNumber(number, from: array) { return }
        case .object(let object): if try removeItem(equalTo: object, from: array) { return }
        // Bytes one after the other, or a part: neither is an item.
        default: break
        }
        throw PythonError(.value, "Array.remove(x): x not found")
    }

    /// Removes the first scalar that has a value; `false` if there is none.
    private static func removeNumber(
        _ number: ScalarValue, from array: ObjectReference
    ) throws(PythonError) -> Bool {
        let memory = MemoryObject(array)
        while case .position(let index)? = try memory.firstPlace(ofNumber: number) {
            let isRemoved = try unsafe removeItem(at: index, from: array) { (place, record) in
                unsafe number.isEqual(toScalarAt: place, of: record)
            }
            if isRemoved { return true }
        }
        return false
    }

    /// Removes the first item that `==` finds equal to an object; `false` if there is none.
    private static func removeItem(
        equalTo value: borrowing PythonObject, from array: ObjectReference
    ) throws(PythonError) -> Bool {
        let memory = MemoryObject(array)
        let item = try memory.item
        var index = 0
        while true {
            let copy = try memory.withReadAccess { (contents) throws(PythonError) -> EncodedItem? in
                guard index < contents.layout.shape[0] else { return nil }
                return try unsafe EncodedItem(copying: place(of: index, in: array), count: contents.itemsize)
            }
            guard let copy else { return false }
            let object = try unsafe item.format.object(at: copy.bytes.baseAddress!)
            guard try unsafe object.reference.isSameOrEqual(to: value.reference) else {
                index += 1
                continue
            }
            let isRemoved = try unsafe removeItem(at: index, from: array) { (place, _) in
                unsafe copy.isEqual(to: place)
            }
            if isRemoved { return true }
        }
    }

    /// Removes an item if it still meets a condition.
    private static func removeItem(
        at index: Int, from array: ObjectReference,
        where condition: (UnsafeRawPointer, UnsafePointer<SBRecord>) -> Bool
    ) throws(PythonError) -> Bool {
        try edit(array) { (fields) throws(PythonError) in
            let count = fields.count
            guard index < count, unsafe condition(place(of: index, in: array), sb_record(array.pointer)) else {
                return false
            }
            remove(index, of: count, from: array)
            try setCount(fields, count - 1)
            return true
        }
    }
}

extension ScalarValue {
    /// Whether one scalar in memory has this value.
    ///
    /// - Precondition: `address` is that of a scalar as the record describes it.
    fileprivate func isEqual(toScalarAt address: UnsafeRawPointer, of record: UnsafePointer<SBRecord>) -> Bool {
        guard let scalar = unsafe Scalar(known: record.pointee.scalar) else { return false }
        let layout = LayoutView(
            itemsize: scalar.size, shape: [1].span, strides: [scalar.size].span, suboffsets: Span())
        return unsafe withBytes { (bytes, type) in
            unsafe Kernels.firstIndex(
                of: bytes, scalar: type, in: address, layout: layout, scalar: scalar,
                swapped: record.pointee.swapped != 0) != nil
        }
    }
}
