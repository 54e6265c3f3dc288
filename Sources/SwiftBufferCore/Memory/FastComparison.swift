// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast paths of `==`, and of searches for a number, among few scalars: without copies of layouts, and without
/// formats that are looked up. What they do not take, and every error, is left to the slow paths.
enum FastComparison {
    /// Whether contiguous scalars of some memory equal those of another array or view, or the bytes of a `bytes`;
    /// `nil` where the slow path is needed.
    static func areEqual(_ memory: ObjectReference, _ other: ObjectReference) -> Bool? {
        let isBytes = sb_is_exact_bytes(other) != 0
        guard isBytes || OwnMemory.contains(other, besides: memory) else { return nil }
        let isEqual = try? MemoryObject(memory).withReadAccess { (mine) throws(PythonError) -> Bool? in
            guard let scalar = mine.scalar, mine.isCContiguous, mine.length <= fastPathLimit else { return nil }
            if isBytes { return scalar.type == .uint8 && mine.ndim == 1 ? areEqual(mine, bytes: other) : nil }
            // Nothing waits for one of both while it changes the other.
            return try MemoryObject(other).withReadAccess { (theirs) in areEqual(mine, theirs, scalar) }
        }
        return isEqual ?? nil
    }

    @inline(__always)
    private static func areEqual(_ mine: borrowing MemoryObject.Contents, bytes: ObjectReference) -> Bool {
        let count = unsafe sb_bytes_count(bytes.pointer)
        return unsafe mine.count == count
            && Kernels.areSameBytes(mine.address, sb_bytes_address(bytes.pointer), count)
    }

    @inline(__always)
    private static func areEqual(
        _ mine: borrowing MemoryObject.Contents, _ theirs: borrowing MemoryObject.Contents,
        _ scalar: (type: Scalar, swapped: Bool)
    ) -> Bool? {
        guard let other = theirs.scalar, other == scalar, theirs.isCContiguous else { return nil }
        let count: Int
        if mine.ndim == 1 {
            count = mine.count
            guard theirs.ndim == 1, theirs.count == count else { return false }
        } else {
            guard theirs.layout.hasShape(of: mine.layout) else { return false }
            guard let items = try? mine.layout.itemCount else { return nil }
            count = items
        }
        if scalar.type.isInteger {
            return unsafe Kernels.areSameBytes(mine.address, theirs.address, count &* scalar.type.size)
        }
        if scalar.swapped { return nil }
        return unsafe Kernels.equalFew(mine.address, theirs.address, scalar: scalar.type, count: count)
    }

    /// Whether the scalars of some memory equal those of a buffer, item by item; `nil` where the slow path is needed.
    static func areEqual(_ memory: ObjectReference, _ buffer: borrowing PythonBuffer) -> Bool? {
        unsafe withScalars(memory) { (address, record, scalar, swapped) -> Bool? in
            let result = try? unsafe BufferAnswer.reading(buffer.view, isShapeRequested: true) {
                (answer) throws(PythonError) -> Bool? in
                guard let theirs = answer.item.asScalar, answer.summary.byteCount < detachThreshold else { return nil }
                guard unsafe answer.layout.hasShape(of: LayoutView(record)) else { return false }
                guard answer.summary.byteCount > 0, let other = unsafe UnsafeRawPointer(answer.address) else {
                    return true
                }
                if scalar == theirs.type, swapped == theirs.swapped, scalar.isInteger, answer.summary.isCContiguous,
                    let facts = try? unsafe LayoutView(record).summary(), facts.isCContiguous
                {
                    return unsafe Kernels.areSameBytes(address, other, facts.byteCount)
                }
                return unsafe Kernels.equal(
                    address, layout: LayoutView(record), scalar: scalar, swapped: swapped, other,
                    layout: answer.layout, scalar: theirs.type, swapped: theirs.swapped)
            }
            return result ?? nil
        }
    }

    /// The position of the first scalar that equals a number, in memory of one dimension; `.some(nil)` if there is none,
    /// `nil` where the slow path is needed.
    static func firstIndex(of value: ObjectReference, in memory: ObjectReference) -> Int?? {
        unsafe withAxis(memory, value) { (number, address, record, scalar, swapped) in
            unsafe number.withBytes { (bytes, type) in
                unsafe Kernels.firstIndex(
                    of: bytes, scalar: type, in: address, layout: LayoutView(record), scalar: scalar, swapped: swapped)
            }
        }
    }

    /// How many scalars equal a number, in memory of one dimension; `nil` where the slow path is needed.
    static func count(of value: ObjectReference, in memory: ObjectReference) -> Int? {
        unsafe withAxis(memory, value) { (number, address, record, scalar, swapped) in
            unsafe number.withBytes { (bytes, type) in
                unsafe Kernels.count(
                    of: bytes, scalar: type, in: address, layout: LayoutView(record), scalar: scalar, swapped: swapped)
            }
        }
    }

    /// The position at which a `bytes` begins in contiguous memory of bytes; `.some(nil)` if it does nowhere, `nil` where
    /// the slow path is needed.
    static func position(of bytes: ObjectReference, in memory: ObjectReference, backwards: Bool) -> Int?? {
        guard sb_is_exact_bytes(bytes) != 0 else { return nil }
        return unsafe withScalars(memory) { (address, record, scalar, _) -> Int?? in
            guard scalar.isByte, unsafe record.pointee.ndim == 1 && record.pointee.isCContiguous,
                let shape = unsafe record.pointee.shape, unsafe shape[0] <= fastPathLimit
            else { return nil }
            return unsafe .some(
                Kernels.firstIndex(
                    ofBytes: sb_bytes_address(bytes.pointer), count: sb_bytes_count(bytes.pointer), in: address,
                    count: shape[0], backwards: backwards))
        }
    }

    private static func withAxis<Result>(
        _ memory: ObjectReference, _ value: ObjectReference,
        _ body: (ScalarValue, UnsafeRawPointer, UnsafePointer<SBRecord>, Scalar, Bool) -> Result
    ) -> Result? {
        guard let number = ScalarValue(value) else { return nil }
        return unsafe withScalars(memory) { (address, record, scalar, swapped) -> Result? in
            guard unsafe record.pointee.ndim == 1, let shape = unsafe record.pointee.shape,
                unsafe shape[0] < detachThreshold / scalar.size
            else { return nil }
            return unsafe body(number, address, record, scalar, swapped)
        }
    }

    /// Runs `body` on memory of scalars that is directly addressed, pinned; `nil` for other memory.
    private static func withScalars<Result>(
        _ memory: ObjectReference,
        _ body: (UnsafeRawPointer, UnsafePointer<SBRecord>, Scalar, Bool) -> Result?
    ) -> Result? {
        let record = unsafe sb_record(memory.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe sb_retain_export(record) != 0 else {
            return nil
        }
        defer { unsafe sb_release_export(record) }
        guard unsafe record.pointee.suboffsets == nil, let address = unsafe record.pointee.address else { return nil }
        return unsafe body(UnsafeRawPointer(address), record, scalar, record.pointee.swapped != 0)
    }
}
