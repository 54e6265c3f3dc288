// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
package import InterchangeShims

/// Tensors that other libraries made, as exporters of their memory, which call the tensor's deleter when they end.
///
/// Memory of a tensor without a version is read-only, since it cannot say whether it may be written.
///
/// Source: "DLPack C API" and "Python Specification for DLPack".
package enum TensorImport {
    /// Takes the tensor out of a capsule, which is used up, also where this throws after its name was recognised; the
    /// deleter has been called then.
    ///
    /// - Parameter type: made of ``ForeignExporter/type``.
    /// - Throws: `TypeError` for anything but a capsule; `BufferError` for one that was used before or has another
    ///   name, and for a tensor that is inconsistent or cannot be read here; `MemoryError`.
    package static func exporter(_ capsule: ObjectReference, type: ObjectReference) throws(PythonError) -> PythonObject
    {
        guard unsafe sb_is_capsule(capsule.pointer) != 0 else {
            throw PythonError(.type, "__dlpack__ must return a capsule, not \(typeNameOf(capsule))")
        }
        // Of two threads one gets the tensor.
        let taken = try ObjectLock.holding(capsule) { () throws(PythonError) in try TakenTensor(from: capsule) }
        do throws(PythonError) {
            return try taken.exporter(type)
        } catch {
            taken.end()
            throw error
        }
    }

    /// Takes a versioned tensor without a capsule. Where this throws, it still belongs to the caller.
    ///
    /// - Precondition: `tensor` is what another library made, and has not been ended.
    @unsafe
    package static func exporter(
        owning tensor: UnsafeMutablePointer<SBVersionedTensor>, type: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try unsafe TakenTensor.versioned(tensor).exporter(type)
    }

    /// Whether tensors on a kind of device are read here.
    package static func canRead(deviceOfKind kind: Int) -> Bool {
        guard let kind = Int32(exactly: kind) else { return false }
        return SBTensorDevice(kind: kind, number: 0).isReadable
    }
}

extension PythonError {
    /// What a structure of another library says, or a `BufferError` with the reason why it cannot be read.
    static func bufferError<Reading>(
        _ body: () throws(InterchangeError) -> Reading
    ) throws(PythonError) -> Reading {
        do throws(InterchangeError) {
            return try body()
        } catch {
            throw PythonError(.buffer, error.message)
        }
    }
}

/// A tensor that another library made. Its deleter is to be called once, when it is not needed any more.
@safe
private enum TakenTensor {
    case legacy(UnsafeMutablePointer<SBLegacyTensor>)
    case versioned(UnsafeMutablePointer<SBVersionedTensor>)

    /// - Precondition: other threads do not use the capsule meanwhile.
    init(from capsule: ObjectReference) throws(PythonError) {
        let capsule = unsafe capsule.pointer
        if unsafe PyCapsule_IsValid(capsule, cString("dltensor_versioned")) != 0 {
            let tensor = unsafe PyCapsule_GetPointer(capsule, cString("dltensor_versioned"))
            if unsafe PyCapsule_SetName(capsule, cString("used_dltensor_versioned")) < 0 { throw .pending() }
            // A valid capsule has a pointer.
            self = unsafe .versioned(tensor!.assumingMemoryBound(to: SBVersionedTensor.self))
        } else if unsafe PyCapsule_IsValid(capsule, cString("dltensor")) != 0 {
            let tensor = unsafe PyCapsule_GetPointer(capsule, cString("dltensor"))
            if unsafe PyCapsule_SetName(capsule, cString("used_dltensor")) < 0 { throw .pending() }
            self = unsafe .legacy(tensor!.assumingMemoryBound(to: SBLegacyTensor.self))
        } else {
            throw unsafe Self.unknownName(capsule)
        }
    }

    private static func unknownName(_ capsule: ObjectPointer) -> PythonError {
        let name = unsafe PyCapsule_GetName(capsule).map { unsafe String(cString: $0) }
        PyErr_Clear()
        guard let name else { return PythonError(.buffer, "a capsule without a name is no tensor of DLPack") }
        guard name == "used_dltensor" || name == "used_dltensor_versioned" else {
            return PythonError(
                .buffer, "a capsule named '\(name)' is no tensor of DLPack: 'dltensor' and 'dltensor_versioned' are")
        }
        return PythonError(.buffer, "the capsule was used before: each can be consumed once, ask for a new one")
    }

    /// Calls the deleter, which may be written in Python.
    func end() {
        PythonError.settingPendingAside {
            switch self {
            case .legacy(let tensor): unsafe tensor.pointee.deleter?(tensor)
            case .versioned(let tensor): unsafe tensor.pointee.deleter?(tensor)
            }
            if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
        }
    }

    /// An exporter of the memory, which calls the deleter when it ends.
    ///
    /// - Throws: `BufferError` for what cannot be read, `MemoryError`. The deleter is not called then.
    func exporter(_ type: ObjectReference) throws(PythonError) -> PythonObject {
        switch self {
        case .legacy(let tensor):
            let object = try unsafe Self.exporter(sb_legacy_contents(tensor), isReadOnly: true, type)
            unsafe ForeignExporter.keep(tensor, in: object) { structure in
                let tensor = unsafe structure.assumingMemoryBound(to: SBLegacyTensor.self)
                unsafe tensor.pointee.deleter?(tensor)
            }
            return object
        case .versioned(let tensor):
            let major = unsafe tensor.pointee.major
            guard major == UInt32(SB_TENSOR_MAJOR) else {
                // Nothing but the version may be read.
                throw PythonError(
                    .buffer,
                    "the tensor is of DLPack \(major).\(unsafe tensor.pointee.minor), but only 1.x and the structure "
                        + "before it can be read")
            }
            let isReadOnly = unsafe tensor.pointee.flags & UInt64(SB_TENSOR_READ_ONLY) != 0
            let object = try unsafe Self.exporter(sb_versioned_contents(tensor), isReadOnly: isReadOnly, type)
            unsafe ForeignExporter.keep(tensor, in: object) { structure in
                let tensor = unsafe structure.assumingMemoryBound(to: SBVersionedTensor.self)
                unsafe tensor.pointee.deleter?(tensor)
            }
            return object
        }
    }

    private static func exporter(
        _ tensor: UnsafePointer<SBTensor>, isReadOnly: Bool, _ type: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let (scalar, ndim) = try unsafe items(of: tensor)
        let object = try ForeignExporter.make(of: type, ndim: ndim)
        // The object has the room.
        let dimensions = unsafe PlainDimensions(
            at: ForeignExporter.dimensions(of: object), ndim: ndim, itemsize: scalar.size)
        guard unsafe TensorReading.store(tensor, at: dimensions) else {
            _ = try PythonError.bufferError { () throws(InterchangeError) in try unsafe TensorReading(tensor.pointee) }
            throw PythonError(.buffer, "the tensor is inconsistent: a stride is beyond all addresses")
        }
        let layout = unsafe LayoutView(dimensions)
        do throws(InterchangeError) {
            let (address, facts) = try unsafe TensorReading.items(of: tensor, layout, scalar)
            unsafe ForeignExporter.describe(
                object, address: address, layout: layout, facts: facts,
                item: ExportedItem(format: cString(scalar.code), scalar: (scalar, false)), isReadOnly: isReadOnly)
        } catch {
            throw PythonError(.buffer, error.message)
        }
        return object
    }

    private static func items(
        of tensor: UnsafePointer<SBTensor>
    ) throws(PythonError) -> (scalar: Scalar, ndim: Int) {
        do throws(InterchangeError) {
            return try unsafe (TensorReading.scalar(of: tensor), TensorReading.dimensionCount(of: tensor))
        } catch {
            throw PythonError(.buffer, error.message)
        }
    }
}
