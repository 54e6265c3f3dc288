// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast path to one scalar at an index of small integers, as most subscripts are: no Python code, no error, no
/// allocation but the item's own. Everything else is left to the slow path, which raises the errors.
enum FastItems {
    /// The item that a subscript names, as a new reference, or what `otherwise` gives where the slow path is needed.
    @inline(__always)
    static func item(
        _ object: ObjectReference, _ key: ObjectReference, otherwise: () -> ReferenceBits
    ) -> ReferenceBits {
        let record = unsafe sb_record(object.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe sb_begin_read(record) != 0 else {
            return otherwise()
        }
        guard let address = unsafe address(of: key, in: record) else {
            unsafe sb_end_read(record)
            return otherwise()
        }
        defer { unsafe sb_end_read(record) }
        return unsafe scalar.reference(at: address, swapped: record.pointee.swapped != 0)
    }

    /// `memory.item(index)` along the only axis; `nil` where the slow path is needed.
    static func item(of memory: ObjectReference, at index: ObjectReference) -> ObjectResult? {
        guard sb_small_int(index) != sb_not_small(), unsafe sb_record(memory.pointer).pointee.ndim == 1 else {
            return nil
        }
        var isFast = true
        let item = item(memory, index) {
            isFast = false
            return 0
        }
        return isFast ? ObjectResult(bits: item) : FastRecords.item(memory, index)
    }

    /// The item at a position of the only axis of native scalars without pointers, or what `otherwise` gives.
    ///
    /// - Precondition: `index` is not negative.
    @inline(__always)
    static func item(
        _ object: ObjectReference, plain scalar: Scalar, at index: Int, otherwise: () -> ReferenceBits
    ) -> ReferenceBits {
        let record = unsafe sb_record(object.pointer)
        guard unsafe sb_begin_read(record) != 0 else { return otherwise() }
        // Where there is an axis there are a shape and strides; where it has items, there is memory.
        guard unsafe index < record.pointee.shape.unsafelyUnwrapped[0] else {
            unsafe sb_end_read(record)
            return otherwise()
        }
        defer { unsafe sb_end_read(record) }
        let address = unsafe BufferLayout.step(
            from: UnsafeRawPointer(record.pointee.address.unsafelyUnwrapped),
            stride: record.pointee.strides.unsafelyUnwrapped[0], to: index, suboffset: -1)
        return unsafe scalar.reference(at: address, swapped: false)
    }

    /// Writes an item; `false` with nothing done where the slow path is needed.
    @inline(__always)
    static func setItem(_ object: ObjectReference, _ key: ObjectReference, to value: ObjectReference) -> Bool {
        let record = unsafe sb_record(object.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe record.pointee.swapped == 0,
            unsafe sb_begin_read(record) != 0
        else { return false }
        defer { unsafe sb_end_read(record) }
        // Checked inside of the read access, since another thread may freeze the memory before it.
        guard unsafe record.pointee.readonly == 0, let address = unsafe address(of: key, in: record) else {
            return false
        }
        return unsafe scalar.write(exactly: value, at: UnsafeMutableRawPointer(mutating: address))
    }

    /// The address of the item that an int, or a tuple of ints, names.
    @inline(__always)
    static func address(
        of key: ObjectReference, in record: UnsafeMutablePointer<SBRecord>
    ) -> UnsafeRawPointer? {
        guard let base = unsafe record.pointee.address, let shape = unsafe record.pointee.shape else { return nil }
        let ndim = unsafe Int(record.pointee.ndim)
        var address = UnsafeRawPointer(base)
        let index = sb_small_int(key)
        if index != sb_not_small() {
            guard ndim == 1, let position = unsafe position(index, shape[0]) else { return nil }
            return unsafe step(from: address, in: record, axis: 0, to: position)
        }
        guard key.isTuple, key.tupleCount == ndim else { return nil }
        for axis in 0..<ndim {
            let index = unsafe sb_small_int(ObjectReference(pointer: key.tupleItem(axis).pointer))
            guard index != sb_not_small(), let position = unsafe position(index, shape[axis]) else { return nil }
            unsafe address = step(from: address, in: record, axis: axis, to: position)
        }
        return unsafe address
    }

    /// - Precondition: the record has the axis.
    @inline(__always)
    private static func step(
        from address: UnsafeRawPointer, in record: UnsafeMutablePointer<SBRecord>, axis: Int, to position: Int
    ) -> UnsafeRawPointer {
        unsafe BufferLayout.step(
            from: address, stride: record.pointee.strides![axis], to: position,
            suboffset: record.pointee.suboffsets.map { unsafe $0[axis] } ?? -1)
    }

    /// The non-negative form of an index that may count from the end; `nil` if it is out of range.
    @inline(__always)
    private static func position(_ index: Int, _ length: Int) -> Int? {
        let position = index < 0 ? index &+ length : index
        return position >= 0 && position < length ? position : nil
    }
}
