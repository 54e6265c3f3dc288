internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path of `memory[...] = buffer` for scalars of the same format and shape: no view of the part, no copy of
/// the layouts. What it does not take, and every error, is left to the slow path.
enum FastAssignment {
    /// The dimensions that a part may have here.
    private static var maximumDimensions: Int { 4 }

    /// Writes the items of a buffer to a part of some memory; `false`, with nothing written, where the slow path is
    /// needed.
    ///
    /// - Parameter acquired: the buffer of `value`, where the slow path is to go on with it.
    /// - Throws: what acquiring the buffer throws: the part has been checked before, as on the slow path.
    static func assign(
        _ value: ObjectReference, to key: ObjectReference, of memory: ObjectReference,
        acquired: inout PythonBuffer?
    ) throws(PythonError) -> Bool {
        let record = unsafe sb_record(memory.pointer)
        guard let scalar = unsafe Scalar(known: record.pointee.scalar), unsafe sb_retain_export(record) != 0 else {
            return false
        }
        // Pinned: acquiring the buffer may run Python code.
        defer { unsafe sb_release_export(record) }
        guard unsafe record.pointee.readonly == 0 && record.pointee.suboffsets == nil,
            let address = unsafe record.pointee.address,
            let selection = unsafe PlainSubscript(key, ndim: Int(record.pointee.ndim)), selection.ndim > 0,
            selection.ndim <= maximumDimensions
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
            if value.isExactBytes {
                guard selection.ndim == 1, facts.isCContiguous, scalar.isByte,
                    unsafe sb_bytes_count(value.pointer) == facts.byteCount
                else { return false }
                unsafe target.copyMemory(from: sb_bytes_address(value.pointer), byteCount: facts.byteCount)
                return true
            }
            let buffer = try PythonBuffer(value)
            let isCopied = unsafe copy(
                buffer, to: target, LayoutView(part), facts, scalar, swapped: record.pointee.swapped != 0)
            if !isCopied { acquired = consume buffer }
            return isCopied
        }
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
