// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast path for adding numbers to an array of native scalars with one dimension and a block of its own, and for
/// removing them. Everything else is left to the slow path, which raises the errors: of outstanding exports, read-only
/// memory, other formats.
///
/// The array is changing meanwhile, so that nothing here may run Python code or wait for a lock.
enum FastGrowth {
    /// `array.append(number)`; `false` with nothing done where the slow path is needed.
    @inline(__always)
    static func append(_ number: ObjectReference, to array: ObjectReference) -> Bool {
        edit(array, otherwise: false) { (fields, scalar) in
            let length = fields.length
            guard makeRoom(for: scalar.size, in: fields), let block = unsafe fields.block,
                unsafe scalar.write(exactly: number, at: block + length)
            else { return false }
            add(1, of: scalar, to: fields)
            return true
        }
    }

    /// `array.insert(index, number)`; `false` with nothing done where the slow path is needed.
    static func insert(_ number: ObjectReference, into array: ObjectReference, at index: Int) -> Bool {
        edit(array, otherwise: false) { (fields, scalar) in
            // Room for the largest scalar that is stored here.
            var item: (UInt64, UInt64) = (0, 0)
            return unsafe withUnsafeMutableBytes(of: &item) { item in
                guard let encoded = item.baseAddress, unsafe scalar.write(exactly: number, at: encoded),
                    makeRoom(for: scalar.size, in: fields), let block = unsafe fields.block
                else { return false }
                let count = fields.count
                let position = index < 0 ? max(index &+ count, 0) : min(index, count)
                let place = unsafe block + position &* scalar.size
                unsafe (place + scalar.size).copyMemory(from: place, byteCount: (count &- position) &* scalar.size)
                unsafe place.copyMemory(from: encoded, byteCount: scalar.size)
                add(1, of: scalar, to: fields)
                return true
            }
        }
    }

    /// Adds items that `write` writes at an address; `false` with nothing added where the slow path is needed.
    ///
    /// - Parameter write: returns `false` to leave everything to the slow path.
    static func extend(
        _ array: ObjectReference, by count: Int, _ write: (UnsafeMutableRawPointer, Scalar) -> Bool
    ) -> Bool {
        edit(array, otherwise: false) { (fields, scalar) in
            let (added, overflow) = count.multipliedReportingOverflow(by: scalar.size)
            let length = fields.length
            guard !overflow, makeRoom(for: added, in: fields), let block = unsafe fields.block,
                unsafe write(block + length, scalar)
            else { return false }
            add(count, of: scalar, to: fields)
            return true
        }
    }

    /// `array.pop(index)` as a new reference, 0 beside an exception; `nil` with nothing done where the slow path is
    /// needed.
    @inline(__always)
    static func pop(from array: ObjectReference, at index: Int) -> ReferenceBits? {
        edit(array, otherwise: nil) { (fields, scalar) in
            let count = fields.count
            let position = index < 0 ? index &+ count : index
            guard position >= 0, position < count, let block = unsafe fields.block else { return nil }
            let place = unsafe block + position &* scalar.size
            let item = unsafe scalar.reference(at: place, swapped: false)
            if item != 0 { remove(position..<position &+ 1, of: scalar, from: fields) }
            return item
        }
    }

    /// `array.remove(number)`; `false` with nothing done where there is none, and where the slow path is needed.
    static func remove(_ value: ObjectReference, from array: ObjectReference) -> Bool {
        guard let number = ScalarValue(value) else { return false }
        return edit(array, otherwise: false) { (fields, scalar) in
            // Many items are searched without the GIL.
            guard let block = unsafe fields.block, fields.length < detachThreshold else {
                return false
            }
            let layout = unsafe LayoutView(sb_record(array.pointer))
            let found = unsafe number.withBytes { (bytes, type) in
                unsafe Kernels.firstIndex(of: bytes, scalar: type, in: block, layout: layout, scalar: scalar)
            }
            guard let found else { return false }
            remove(found..<found &+ 1, of: scalar, from: fields)
            return true
        }
    }

    /// `del array[key]` for a small int, or a slice of such whose items follow each other; `false` with nothing done
    /// where the slow path is needed.
    static func delete(_ key: ObjectReference, from array: ObjectReference) -> Bool {
        edit(array, otherwise: false) { (fields, scalar) in
            guard let removed = PlainSubscript.range(key, of: fields.count) else { return false }
            if !removed.isEmpty { remove(removed, of: scalar, from: fields) }
            return true
        }
    }

    /// `array.clear()`; `false` with nothing done where the slow path is needed.
    static func clear(_ array: ObjectReference) -> Bool {
        edit(array, otherwise: false) { (fields, scalar) in
            remove(0..<fields.count, of: scalar, from: fields)
            return true
        }
    }

    /// `array *= times` for a small int; `false` with nothing done where the slow path is needed.
    static func multiply(_ array: ObjectReference, by times: ObjectReference) -> Bool {
        let times = sb_small_int(times)
        guard times != sb_not_small() else { return false }
        return edit(array, otherwise: false) { (fields, scalar) in
            let (length, count) = (fields.length, fields.count)
            guard times > 0 else {
                remove(0..<count, of: scalar, from: fields)
                return true
            }
            let (total, overflow) = length.multipliedReportingOverflow(by: times)
            guard !overflow, makeRoom(for: total &- length, in: fields), let block = unsafe fields.block else {
                return false
            }
            unsafe ArrayObject.repeatBytes(at: block, length, upTo: total)
            add(count &* (times &- 1), of: scalar, to: fields)
            return true
        }
    }

    /// Runs `body` while the items may be changed; returns `otherwise` where they may not, or are no native scalars.
    @inline(__always)
    private static func edit<Result>(
        _ array: ObjectReference, otherwise: Result, _ body: (ObjectFields, Scalar) -> Result
    ) -> Result {
        let record = unsafe sb_record(array.pointer)
        guard unsafe sb_stop_exports(record, sb_changing()) != 0 else { return otherwise }
        defer { unsafe sb_resume_exports(record) }
        let fields = ObjectFields(of: array)
        guard unsafe record.pointee.ndim == 1 && record.pointee.readonly == 0 && record.pointee.swapped == 0,
            let scalar = unsafe Scalar(known: record.pointee.scalar),
            // Adopted memory may grow in its own way, and may run Python code when it ends; a view's belongs to another.
            !fields.isAdopted && fields.owner == nil
        else { return otherwise }
        return body(fields, scalar)
    }

    /// Makes room for more bytes in the array's own block.
    @inline(__always)
    private static func makeRoom(for added: Int, in fields: ObjectFields) -> Bool {
        let (length, overflow) = fields.length.addingReportingOverflow(added)
        if overflow { return false }
        return length <= fields.capacity || ArrayObject.grow(fields, to: length)
    }

    /// Counts items that have been written behind the others.
    @inline(__always)
    private static func add(_ count: Int, of scalar: Scalar, to fields: ObjectFields) {
        fields.length &+= count &* scalar.size
        fields.count &+= count
    }

    /// Closes the gap that items leave.
    @inline(__always)
    private static func remove(_ gap: Range<Int>, of scalar: Scalar, from fields: ObjectFields) {
        let rest = fields.count &- gap.upperBound
        let count = gap.lowerBound &+ rest
        if rest > 0, let block = unsafe fields.block {
            unsafe (block + gap.lowerBound &* scalar.size).copyMemory(
                from: block + gap.upperBound &* scalar.size, byteCount: rest &* scalar.size)
        }
        let length = count &* scalar.size
        guard ArrayObject.keepsBlock(fields, for: length) else {
            // Fewer items than there are cannot be refused.
            try? ArrayObject.setCount(fields, count)
            return
        }
        fields.length = length
        fields.count = count
    }
}
