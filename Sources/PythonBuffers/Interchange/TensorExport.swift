// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
package import InterchangeShims

/// How a tensor is handed out by DLPack.
package enum TensorVersion {
    /// In a capsule named "dltensor", whose consumers write to whatever they get.
    case legacy
    /// In a capsule named "dltensor_versioned", with flags that say whether they may.
    case versioned

    fileprivate var capsuleName: StaticString {
        switch self {
        case .legacy: "dltensor"
        case .versioned: "dltensor_versioned"
        }
    }
}

/// Tensors of ours on their way to a consumer: the memory of an exporter, whose buffer is held until the consumer calls
/// the deleter.
///
/// Source: "DLPack C API" and "Python Specification for DLPack".
package enum TensorExport {
    /// A capsule with the memory of an exporter.
    ///
    /// - Parameters:
    ///   - scalar: what the items are, in native byte order.
    ///   - interpreter: what ``interpreterEntry()`` returned in this interpreter.
    ///   - isCopied: whether the memory is a copy made for the consumer.
    /// - Throws: `BufferError` for memory that DLPack cannot describe, and what acquiring the buffer raises.
    package static func capsule(
        of exporter: ObjectReference, as scalar: Scalar, _ version: TensorVersion, interpreter: ObjectReference,
        isCopied: Bool
    ) throws(PythonError) -> PythonObject {
        let block = try unsafe filled(exporter, as: scalar, version, interpreter: interpreter, isCopied: isCopied)
        let made: ObjectPointer?
        switch version {
        case .legacy:
            unsafe made = PyCapsule_New(sb_legacy_tensor(block), cString(version.capsuleName)) { capsule in
                guard let legacy = unsafe TensorExport.unconsumed(capsule, .legacy) else { return }
                let tensor = unsafe legacy.assumingMemoryBound(to: SBLegacyTensor.self)
                unsafe tensor.pointee.deleter?(tensor)
            }
        case .versioned:
            unsafe made = PyCapsule_New(sb_versioned_tensor(block), cString(version.capsuleName)) { capsule in
                guard let versioned = unsafe TensorExport.unconsumed(capsule, .versioned) else { return }
                let tensor = unsafe versioned.assumingMemoryBound(to: SBVersionedTensor.self)
                unsafe tensor.pointee.deleter?(tensor)
            }
        }
        guard let capsule = unsafe made else {
            let error = PythonError.pending()
            unsafe end(block)
            throw error
        }
        return unsafe PythonObject(owning: capsule)
    }

    /// A versioned tensor without a capsule, which belongs to the caller: it calls the deleter.
    ///
    /// - Throws: as for ``capsule(of:as:_:interpreter:isCopied:)``.
    @unsafe
    package static func tensor(
        of exporter: ObjectReference, as scalar: Scalar, interpreter: ObjectReference
    ) throws(PythonError) -> UnsafeMutablePointer<SBVersionedTensor> {
        try unsafe sb_versioned_tensor(
            filled(exporter, as: scalar, .versioned, interpreter: interpreter, isCopied: false))
    }

    /// A block that has its buffer and describes it.
    private static func filled(
        _ exporter: ObjectReference, as scalar: Scalar, _ version: TensorVersion, interpreter: ObjectReference,
        isCopied: Bool
    ) throws(PythonError) -> UnsafeMutablePointer<SBExportedTensor> {
        guard let block = unsafe sb_new_tensor() else { throw .outOfMemory() }
        if unsafe fill(block, of: exporter, as: scalar, version, interpreter: interpreter, isCopied: isCopied) {
            return unsafe block
        }
        let memory = unsafe sb_tensor_memory(block)
        do throws(PythonError) {
            try unsafe OutsideExport.acquire(memory, of: exporter, interpreter: interpreter)
        } catch {
            unsafe sb_free_tensor(block)
            throw error
        }
        do throws(PythonError) {
            let view = unsafe sb_outside_buffer(memory)
            try unsafe BufferAnswer.reading(view, isShapeRequested: true) { (answer) throws(PythonError) in
                guard version == .versioned || !answer.isReadOnly else {
                    throw PythonError(
                        .buffer,
                        "the memory is read-only, which a consumer of DLPack before 1.0 cannot know; "
                            + "__dlpack__(max_version=(1, 0)) can say so, and copy=True makes a writable copy")
                }
                try unsafe describe(answer, as: scalar, version, in: block)
                unsafe complete(block, version, isReadOnly: answer.isReadOnly, isCopied: isCopied)
            }
            return unsafe block
        } catch {
            unsafe end(block)
            throw error
        }
    }

    /// The fast path of ``filled(_:as:_:interpreter:isCopied:)``, for exporters of this library with a few plain axes: reads
    /// the export record, which is known to be right, without a request for a buffer.
    ///
    /// - Returns: false, with nothing done, for all else, which the slow path describes or refuses.
    private static func fill(
        _ block: UnsafeMutablePointer<SBExportedTensor>, of exporter: ObjectReference, as scalar: Scalar,
        _ version: TensorVersion, interpreter: ObjectReference, isCopied: Bool
    ) -> Bool {
        // Exports that are traced are requested.
        guard unsafe sb_has_getbuffer(sb_type(exporter.pointer), exportBuffer) != 0, let type = SBTensorType(scalar)
        else { return false }
        let record = unsafe sb_record(exporter.pointer)
        // The description stays as it is from here on.
        guard unsafe sb_retain_export(record) != 0 else { return false }
        let (ndim, itemsize) = unsafe (Int(record.pointee.ndim), record.pointee.itemsize)
        let isReadOnly = unsafe record.pointee.readonly != 0
        let address = unsafe UnsafeMutableRawPointer(record.pointee.address)
        let shift = itemsize.trailingZeroBitCount
        guard ndim <= 4, itemsize == 1 << shift, version == .versioned || !isReadOnly,
            unsafe record.pointee.length > 0 && record.pointee.suboffsets == nil
                && UInt(bitPattern: address) & UInt(scalar.alignment - 1) == 0,
            // There is room for so few in the block.
            let numbers = unsafe sb_tensor_numbers(block, ndim)
        else {
            unsafe sb_release_export(record)
            return false
        }
        if let shape = unsafe record.pointee.shape, let strides = unsafe record.pointee.strides {
            for axis in 0..<ndim {
                let stride = unsafe strides[axis]
                guard stride & (itemsize - 1) == 0 else {
                    unsafe sb_release_export(record)
                    return false
                }
                unsafe numbers[axis] = Int64(shape[axis])
                unsafe numbers[ndim + axis] = Int64(stride >> shift)
            }
        }
        let tensor = unsafe version == .legacy ? sb_legacy_description(block) : sb_versioned_description(block)
        unsafe sb_fill_tensor(tensor, address, ndim, type, numbers)
        unsafe OutsideExport.adopt(sb_tensor_memory(block), of: exporter, interpreter: interpreter)
        unsafe complete(block, version, isReadOnly: isReadOnly, isCopied: isCopied)
        return true
    }

    /// What ``capsule(of:as:_:interpreter:isCopied:)`` takes, to be kept in the state of a module.
    ///
    /// - Throws: `MemoryError`, `RuntimeError` while the interpreter ends.
    package static func interpreterEntry() throws(PythonError) -> PythonObject { try InterpreterEntry.current() }

    /// Writes the description of memory, as a consumer reads it, to `block`.
    private static func describe(
        _ answer: borrowing BufferAnswer, as scalar: Scalar, _ version: TensorVersion,
        in block: UnsafeMutablePointer<SBExportedTensor>
    ) throws(PythonError) {
        let layout = answer.layout
        guard let type = SBTensorType(scalar) else {
            throw PythonError(
                .buffer,
                "DLPack has no type for items of format '\(scalar.code)'; cast() or astype() gives them one that it has"
            )
        }
        if let axis = layout.firstIndirectAxis {
            throw PythonError(
                .buffer,
                "DLPack cannot follow the pointers of axis \(axis) (suboffset \(layout.suboffset(axis))); copy=True "
                    + "copies the items")
        }
        let address = layout.hasNoItems ? nil : unsafe answer.address
        guard UInt(bitPattern: address) & UInt(scalar.alignment - 1) == 0 else {
            throw PythonError(
                .buffer,
                "the items start at an address that is no multiple of \(scalar.alignment), which consumers of DLPack "
                    + "may not read; copy=True copies them")
        }
        let ndim = layout.ndim
        guard let numbers = unsafe sb_tensor_numbers(block, ndim) else { throw .outOfMemory() }
        for axis in 0..<ndim {
            guard let stride = layout.strideInItems(axis) else {
                throw PythonError(
                    .buffer,
                    "DLPack counts strides in items, but the stride of axis \(axis), \(layout.strides[axis]) bytes, is "
                        + "no multiple of \(layout.itemsize); copy=True copies the items")
            }
            unsafe numbers[axis] = Int64(layout.shape[axis])
            unsafe numbers[ndim + axis] = Int64(stride)
        }
        let tensor = unsafe version == .legacy ? sb_legacy_description(block) : sb_versioned_description(block)
        unsafe sb_fill_tensor(tensor, address, ndim, type, numbers)
    }

    /// Completes a block, whose deleter ends it.
    private static func complete(
        _ block: UnsafeMutablePointer<SBExportedTensor>, _ version: TensorVersion, isReadOnly: Bool, isCopied: Bool
    ) {
        switch version {
        case .legacy:
            unsafe sb_fill_legacy(block) { tensor in
                if let context = unsafe tensor.pointee.context { unsafe TensorExport.end(context) }
            }
        case .versioned:
            let flags = UInt64((isReadOnly ? SB_TENSOR_READ_ONLY : 0) | (isCopied ? SB_TENSOR_COPIED : 0))
            unsafe sb_fill_versioned(block, flags) { tensor in
                if let context = unsafe tensor.pointee.context { unsafe TensorExport.end(context) }
            }
        }
    }

    /// The tensor in a capsule that no consumer has taken.
    private static func unconsumed(_ capsule: ObjectPointer?, _ version: TensorVersion) -> UnsafeMutableRawPointer? {
        let name = unsafe cString(version.capsuleName)
        // It has the very name that it was given, unless somebody has renamed it, and perhaps back.
        guard unsafe PyCapsule_GetName(capsule) == name || PyCapsule_IsValid(capsule, name) != 0 else { return nil }
        return unsafe PyCapsule_GetPointer(capsule, name)
    }

    /// What both deleters do, on whichever thread: releases the buffer, unless its interpreter has ended, and frees the
    /// block.
    private static func end(_ context: UnsafeMutableRawPointer) {
        let block = unsafe context.assumingMemoryBound(to: SBExportedTensor.self)
        unsafe OutsideExport.release(sb_tensor_memory(block))
        unsafe sb_free_tensor(block)
    }
}
