// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast path of `memory[...] = buffer` for scalars of the same format and shape, and of one number for all items: no
/// view of the part, no copy of the layouts. What it does not take, and every error, is left to the slow path.
enum FastAssignment {
    /// The dimensions that a part may have here.
    private static var maximumDimensions: Int { 4 }

    /// Writes one of Python's own numbers to all items; `false`, with nothing written, where the slow path is needed.
    static func fill(_ memory: ObjectReference, with value: ObjectReference) -> Bool {
        let record = unsafe sb_record(memory.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe sb_begin_read(record) != 0 else {
            return false
        }
        defer { unsafe sb_end_read(record) }
        guard unsafe record.pointee.readonly == 0 && record.pointee.length < fillLimit && record.pointee.swapped == 0,
            let address = unsafe record.pointee.address
        else { return false }
        return unsafe fill(UnsafeMutableRawPointer(address), LayoutView(record), scalar, with: value)
    }

    /// Copies the items of a buffer of the same shape; `false`, with nothing written, where the slow path is needed.
    ///
    /// The slow path acquires the buffer once more, so only exporters are taken to which that makes no difference.
    ///
    /// - Parameters:
    ///   - exporter: any object.
    ///   - memory: any object; only arrays and views are written to here.
    ///   - types: those of this module.
    static func copy(from exporter: ObjectReference, to memory: ObjectReference, _ types: ViewTypes?) -> Bool {
        guard let types, types.areOf(memory),
            exporter.isExactBytes || exporter.isMemoryView || types.areOf(exporter)
        else { return false }
        let record = unsafe sb_record(memory.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe sb_retain_export(record) != 0 else {
            return false
        }
        defer { unsafe sb_release_export(record) }
        guard unsafe record.pointee.readonly == 0 && record.pointee.length < detachThreshold,
            let address = unsafe record.pointee.address, let facts = try? unsafe LayoutView(record).summary()
        else { return false }
        let target = UnsafeMutableRawPointer(address)
        if OwnMemory.contains(exporter, besides: memory),
            unsafe copyOwn(
                exporter, to: target, LayoutView(record), facts, scalar, swapped: record.pointee.swapped != 0)
        {
            return true
        }
        guard let buffer = try? PythonBuffer(exporter) else { return false }
        return unsafe copy(
            buffer, to: target, LayoutView(record), facts, scalar, swapped: record.pointee.swapped != 0)
    }

    /// Filling this many bytes takes longer than other threads are to wait.
    private static var fillLimit: Int { 64 << 10 }

    private static func fill(
        _ target: UnsafeMutableRawPointer, _ layout: borrowing LayoutView, _ scalar: Scalar,
        with value: ObjectReference
    ) -> Bool {
        var item: InlineArray<2, UInt64> = [0, 0]
        var span = item.mutableSpan
        return unsafe span.withUnsafeMutableBytes { item in
            let item = unsafe item.baseAddress.unsafelyUnwrapped
            guard unsafe scalar.write(exactly: value, at: item) else { return false }
            unsafe Kernels.fill(target, layout: layout, with: item)
            return true
        }
    }

    /// Writes the items of a buffer, or one of Python's own numbers, to a part of some memory; `false`, with nothing
    /// written, where the slow path is needed.
    ///
    /// - Parameter acquired: the buffer of `value`, where the slow path is to go on with it.
    /// - Throws: what acquiring the buffer throws: the part has been checked before, as on the slow path.
    static func assign(
        _ value: ObjectReference, to key: ObjectReference, of memory: ObjectReference,
        acquired: inout PythonBuffer?
    ) throws(PythonError) -> Bool {
        if assignRun(value, to: key, of: memory) { return true }
        let record = unsafe sb_record(memory.pointer)
        // Items are not for here, nor worth an export, which would keep another thread from resizing the memory.
        guard let scalar = unsafe Scalar(known: record.pointee.scalar),
            let selection = unsafe PlainSubscript(key, ndim: Int(record.pointee.ndim)), selection.ndim > 0,
            selection.ndim <= maximumDimensions, unsafe sb_retain_export(record) != 0
        else { return false }
        // Pinned: acquiring the buffer may run Python code.
        defer { unsafe sb_release_export(record) }
        guard unsafe record.pointee.readonly == 0 && record.pointee.suboffsets == nil,
            let address = unsafe record.pointee.address
        else { return false }
        var numbers = InlineArray<8, Int>(repeating: 0)
        var span = numbers.mutableSpan
        return try unsafe span.withUnsafeMutableBufferPointer { (numbers) throws(PythonError) in
            let part = unsafe PlainDimensions(
                at: numbers.baseAddress.unsafelyUnwrapped, ndim: selection.ndim, itemsize: record.pointee.itemsize)
            guard let offset = unsafe selection.select(from: LayoutView(record), into: part),
                let facts = try? unsafe LayoutView(part).summary(), facts.byteCount < detachThreshold
            else { return false }
            let target = unsafe UnsafeMutableRawPointer(address + offset)
            guard value.exportsBuffer else {
                return unsafe record.pointee.swapped == 0 && fill(target, LayoutView(part), scalar, with: value)
            }
            if value.isExactBytes {
                guard selection.ndim == 1, facts.isCContiguous, scalar.isByte,
                    unsafe sb_bytes_count(value.pointer) == facts.byteCount
                else { return false }
                unsafe target.copyMemory(from: sb_bytes_address(value.pointer), byteCount: facts.byteCount)
                return true
            }
            if OwnMemory.contains(value, besides: memory),
                unsafe copyOwn(value, to: target, LayoutView(part), facts, scalar, swapped: record.pointee.swapped != 0)
            {
                return true
            }
            let buffer = try PythonBuffer(value)
            let isCopied = unsafe copy(
                buffer, to: target, LayoutView(part), facts, scalar, swapped: record.pointee.swapped != 0)
            if !isCopied { acquired = consume buffer }
            return isCopied
        }
    }

    /// The same for items of one contiguous axis that follow each other, and those of another array or view: no part is
    /// described.
    private static func assignRun(_ value: ObjectReference, to key: ObjectReference, of memory: ObjectReference) -> Bool
    {
        guard OwnMemory.contains(value, besides: memory), key.isSlice else { return false }
        let isDone = try? MemoryObject(memory).withReadAccess { (target) throws(PythonError) -> Bool in
            guard let scalar = target.scalar, target.isContiguousAxis, !target.isReadOnly,
                target.length <= fastPathLimit, let range = PlainSubscript.range(key, of: target.count)
            else { return false }
            // Nothing waits for one of both while it changes the other.
            return try MemoryObject(value).withReadAccess { (source) in
                guard let theirs = source.scalar, theirs == scalar, source.isContiguousAxis,
                    source.count == range.count
                else { return false }
                let itemsize = scalar.type.size
                target.copyBytes(of: source, byteCount: range.count &* itemsize, to: range.lowerBound &* itemsize)
                return true
            }
        }
        return isDone ?? false
    }

    /// Copies the items of an array or a view over scalars of the same shape and format, both contiguous, without
    /// acquiring its buffer; `false` with nothing done where they are others.
    private static func copyOwn(
        _ exporter: ObjectReference, to target: UnsafeMutableRawPointer, _ layout: borrowing LayoutView,
        _ facts: LayoutSummary, _ scalar: Scalar, swapped: Bool
    ) -> Bool {
        guard facts.isCContiguous, facts.byteCount <= fastPathLimit else { return false }
        let isCopied = try? MemoryObject(exporter).withReadAccess { (source) in
            guard let theirs = source.scalar, theirs == (scalar, swapped), source.isCContiguous,
                source.layout.hasShape(of: layout)
            else { return false }
            // Both may overlap.
            unsafe target.copyMemory(from: source.address, byteCount: facts.byteCount)
            return true
        }
        return isCopied ?? false
    }

    /// Copies the items of a buffer over scalars of the same shape and format; `false` with nothing done where they are
    /// others.
    private static func copy(
        _ buffer: borrowing PythonBuffer, to target: UnsafeMutableRawPointer, _ layout: borrowing LayoutView,
        _ facts: LayoutSummary, _ scalar: Scalar, swapped: Bool
    ) -> Bool {
        let isCopied = try? unsafe BufferAnswer.reading(buffer.view, isShapeRequested: true) {
            (answer) throws(PythonError) in
            guard let theirs = answer.item.asScalar, answer.layout.hasShape(of: layout),
                theirs.type == scalar && theirs.swapped == swapped || theirs.type.isByte && scalar.isByte
            else { return false }
            guard facts.byteCount > 0, let source = unsafe UnsafeRawPointer(answer.address) else { return true }
            if facts.isCContiguous && answer.summary.isCContiguous {
                // Both may overlap.
                unsafe target.copyMemory(from: source, byteCount: facts.byteCount)
                return true
            }
            return try raisingKernelErrors { () throws(KernelError) in
                try unsafe Kernels.copy(from: source, layout: answer.layout, to: target, layout: layout)
                return true
            }
        }
        return isCopied ?? false
    }
}
