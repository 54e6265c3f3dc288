// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast path to one item that is no scalar, at an index of small integers, by the plan of a format that has been
/// parsed. Everything else is left to the slow path, which parses the format, and raises the errors of the index.
enum FastRecords {
    /// The item that a subscript names, as a new reference, or a failure with an exception set; `nil` where the slow
    /// path is needed.
    @inline(__always)
    static func item(_ object: ObjectReference, _ key: ObjectReference) -> ObjectResult? {
        unsafe reading(object) { (record, plan) in
            guard let address = unsafe FastItems.address(of: key, in: record) else { return nil }
            return unsafe item(plan, at: address)
        }
    }

    /// The item at a position of the only axis, where that has no pointers; otherwise as ``item(_:_:)``.
    ///
    /// - Precondition: `index` is not negative.
    @inline(__always)
    static func item(_ object: ObjectReference, at index: Int) -> ObjectResult? {
        unsafe reading(object) { (record, plan) in
            guard unsafe record.pointee.ndim == 1 && record.pointee.suboffsets == nil,
                let shape = unsafe record.pointee.shape, unsafe index < shape[0],
                let strides = unsafe record.pointee.strides, let address = unsafe record.pointee.address
            else { return nil }
            return unsafe item(
                plan,
                at: BufferLayout.step(
                    from: UnsafeRawPointer(address), stride: strides[0], to: index, suboffset: -1))
        }
    }

    /// Runs `body` while an export is held, since making an object may run Python code.
    @inline(__always)
    private static func reading(
        _ object: ObjectReference, _ body: (UnsafeMutablePointer<SBRecord>, ItemPlan) -> ObjectResult?
    ) -> ObjectResult? {
        let record = unsafe sb_record(object.pointer)
        guard unsafe record.pointee.scalar == UInt8(SB_NO_SCALAR),
            unsafe sb_retain_export(record) != 0
        else { return nil }
        defer { unsafe sb_release_export(record) }
        // The export keeps the format in place, too.
        return ObjectFields(of: object).withItem { item in
            guard let plan = item.plan else { return nil }
            return unsafe body(record, plan)
        } ?? nil
    }

    @inline(__always)
    private static func item(_ plan: ItemPlan, at address: UnsafeRawPointer) -> ObjectResult {
        do throws(PythonError) {
            return try unsafe plan.object(at: address).intoResult()
        } catch {
            error.raise()
            return .failure
        }
    }

    /// Writes an item of Python's own types; `false` with nothing done where the slow path is needed.
    static func setItem(_ object: ObjectReference, _ key: ObjectReference, to value: ObjectReference) -> Bool {
        let record = unsafe sb_record(object.pointer)
        guard unsafe record.pointee.scalar == UInt8(SB_NO_SCALAR), unsafe sb_begin_read(record) != 0 else {
            return false
        }
        defer { unsafe sb_end_read(record) }
        // Checked inside of the read access, since another thread may freeze the memory before it.
        guard unsafe record.pointee.readonly == 0, let place = unsafe FastItems.address(of: key, in: record)
        else { return false }
        return ObjectFields(of: object).withItem { item in
            unsafe store(value, item, to: UnsafeMutableRawPointer(mutating: place))
        } ?? false
    }

    /// Writes an item once all of its values have been converted.
    @inline(__always)
    private static func store(
        _ value: ObjectReference, _ item: ItemFormat, to place: UnsafeMutableRawPointer
    ) -> Bool {
        let size = item.format.itemsize
        guard size <= imageSize, let plan = item.plan else { return false }
        return unsafe withUnsafeTemporaryAllocation(byteCount: imageSize, alignment: 16) { image in
            guard let image = image.baseAddress else { return false }
            // An item without values is all zeros.
            unsafe image.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            guard unsafe plan.store(value, to: image) else { return false }
            guard let runs = item.valueRuns else {
                unsafe place.copyMemory(from: image, byteCount: size)
                return true
            }
            guard item.hasPlainRuns else { return false }
            for run in runs { unsafe (place + run.offset).copyMemory(from: image + run.offset, byteCount: run.length) }
            return true
        }
    }

    /// Items up to this size have an image on the stack.
    private static let imageSize = 256
}
