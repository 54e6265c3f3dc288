// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

// Python objects as items, by a plan.

extension ItemPlan {
    /// Writes an item made of Python's own types: tuples, numbers and bytes, and lists for sub-arrays.
    ///
    /// No Python code runs, and no exception is set. Padding stays as it is.
    ///
    /// - Returns: `false` for anything else, and for values that do not fit: ``Format/encode(_:to:)`` converts them or
    ///   raises the error. Any bytes of the item may have been written by then.
    /// - Precondition: `address` is that of an item's writable bytes.
    package func store(_ object: ObjectReference, to address: UnsafeMutableRawPointer) -> Bool {
        let container = unsafe body.pointee.container
        if container == .none {
            let step = unsafe body.pointee.steps
            return unsafe store(object, step, to: address + step.pointee.offset)
        }
        guard unsafe !body.pointee.hasOverlaps else { return false }
        let values: UnsafeMutablePointer<ObjectPointer?>
        if sb_is_exact_tuple(object) != 0 {
            unsafe values = sb_tuple_items(object.pointer)
        } else if container == .list {
            guard sb_is_steady_list(object) != 0, let items = unsafe sb_list_items(object.pointer) else { return false }
            unsafe values = items
        } else {
            guard isRecord(object) else { return false }
            unsafe values = sb_tuple_items(object.pointer)
        }
        guard unsafe sb_item_count(object.pointer) == body.pointee.valueCount else { return false }
        var position = 0
        for number in unsafe 0..<body.pointee.stepCount {
            let step = unsafe body.pointee.steps + number
            var place = unsafe address + step.pointee.offset
            let end = unsafe position &+ step.pointee.repeats
            while position < end {
                guard let value = unsafe values[position],
                    unsafe store(ObjectReference(pointer: value), step, to: place)
                else { return false }
                unsafe place += step.pointee.size
                position &+= 1
            }
        }
        return true
    }

    /// Whether an object is a record of this plan's own class, which is iterated over as a tuple is.
    private func isRecord(_ object: ObjectReference) -> Bool {
        guard unsafe body.pointee.container == .record, let type = unsafe recordType else { return false }
        return unsafe sb_is_plain_record(object, type) != 0
    }

    @inline(__always)
    private func store(
        _ value: ObjectReference, _ step: UnsafeMutablePointer<Step>, to place: UnsafeMutableRawPointer
    ) -> Bool {
        guard unsafe step.pointee.kind == .scalar else { return unsafe storeOther(value, step, to: place) }
        return unsafe step.pointee.scalar.storePlain(value, to: place, swapped: step.pointee.swapped)
    }

    @inline(never)
    private func storeOther(
        _ value: ObjectReference, _ step: UnsafeMutablePointer<Step>, to place: UnsafeMutableRawPointer
    ) -> Bool {
        if let plan = unsafe step.pointee.plan { return unsafe plan.store(value, to: place) }
        let size = unsafe step.pointee.size
        guard unsafe step.pointee.kind == .bytes, sb_is_exact_bytes(value) != 0 else { return false }
        let count = unsafe sb_bytes_count(value.pointer)
        guard count <= size else { return false }
        unsafe place.copyMemory(from: sb_bytes_address(value.pointer), byteCount: count)
        unsafe (place + count).initializeMemory(as: UInt8.self, repeating: 0, count: size - count)
        return true
    }
}

extension Scalar {
    /// Writes a number of Python's own types, which this scalar holds as it is or rounded.
    ///
    /// No Python code runs, and no exception is set.
    ///
    /// - Returns: `false` with nothing written for any other object, and for numbers that do not fit.
    /// - Precondition: `address` is that of ``size`` writable bytes.
    @inline(__always)
    func storePlain(_ value: ObjectReference, to address: UnsafeMutableRawPointer, swapped: Bool) -> Bool {
        switch self {
        case .int8: return unsafe storePlain(value, Int8.self, to: address, false)
        case .uint8: return unsafe storePlain(value, UInt8.self, to: address, false)
        case .int16: return unsafe storePlain(value, Int16.self, to: address, swapped)
        case .uint16: return unsafe storePlain(value, UInt16.self, to: address, swapped)
        case .int32: return unsafe storePlain(value, Int32.self, to: address, swapped)
        case .uint32: return unsafe storePlain(value, UInt32.self, to: address, swapped)
        case .int64: return unsafe storePlain(value, Int64.self, to: address, swapped)
        case .uint64: return unsafe storePlain(value, UInt64.self, to: address, swapped)
        case .float32:
            guard let number = plainDouble(value) else { return false }
            let narrow = Float(number)
            if narrow.isInfinite && number.isFinite { return false }
            let bits = narrow.bitPattern
            unsafe address.storeBytes(of: swapped ? bits.byteSwapped : bits, as: UInt32.self)
            return true
        case .float64:
            guard let number = plainDouble(value) else { return false }
            let bits = number.bitPattern
            unsafe address.storeBytes(of: swapped ? bits.byteSwapped : bits, as: UInt64.self)
            return true
        case .bool:
            guard value.isBool else { return false }
            unsafe address.storeBytes(of: value.pointer == sb_true() ? 1 : 0, as: UInt8.self)
            return true
        case .char, .float16, .longDouble, .complex64, .complex128, .complexLongDouble, .int24, .uint24, .complex32,
            .bfloat16, .float8E3M4, .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2,
            .float8E5M2FNUZ, .float8E8M0FNU:
            return false
        }
    }

    @inline(__always)
    private func storePlain<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ value: ObjectReference, _: Integer.Type, to address: UnsafeMutableRawPointer, _ swapped: Bool
    ) -> Bool {
        let word = sb_int_word(value)
        guard word.is_valid != 0, let narrow = Integer(exactly: word.value) else { return false }
        unsafe address.storeBytes(of: swapped ? narrow.byteSwapped : narrow, as: Integer.self)
        return true
    }

    /// The value of an exact float, or of a small int.
    @inline(__always)
    private func plainDouble(_ value: ObjectReference) -> Double? {
        if value.isExactFloat { return unsafe sb_float_value(value.pointer) }
        let number = sb_small_int(value)
        return number == sb_not_small() ? nil : Double(number)
    }
}
