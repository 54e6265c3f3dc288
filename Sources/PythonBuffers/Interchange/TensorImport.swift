package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
package import InterchangeShims

/// A tensor that another library made, taken out of its capsule.
///
/// Source: "DLPack C API" and "Python Specification for DLPack".
package struct TensorImport {
    /// The memory from the first byte that an item touches to the last; the tensor's deleter is called when it ends.
    package let memory: BufferMemory
    /// Bytes from the start of the memory to item `(0, ..., 0)`.
    package let offset: Int
    package let layout: Layout
    package let scalar: Scalar

    /// Takes the tensor. The capsule is used up, also where this throws after its name was recognised; the deleter has
    /// been called then.
    ///
    /// Memory of a tensor without a version is read-only, since it cannot say whether it may be written.
    ///
    /// - Throws: `TypeError` for anything but a capsule; `BufferError` for one that was used before or has another
    ///   name, and for a tensor that is inconsistent or cannot be read here.
    package init(_ capsule: ObjectReference) throws(PythonError) {
        guard unsafe sb_is_capsule(capsule.pointer) != 0 else {
            throw PythonError(.type, "__dlpack__ must return a capsule, not \(typeNameOf(capsule))")
        }
        // Of two threads one gets the tensor.
        let taken = try ObjectLock.holding(capsule) { () throws(PythonError) in try TakenTensor(from: capsule) }
        try taken.checkVersion()
        try self.init(taken)
    }

    /// Takes a versioned tensor without a capsule. Where this throws, it still belongs to the caller.
    ///
    /// - Precondition: `tensor` is what another library made, and has not been ended.
    @unsafe
    package init(owning tensor: UnsafeMutablePointer<SBVersionedTensor>) throws(PythonError) {
        let taken = unsafe TakenTensor(tensor)
        do throws(PythonError) {
            try taken.checkVersion()
            try self.init(taken)
        } catch {
            taken.leave()
            throw error
        }
    }

    /// Whether tensors on a kind of device are read here.
    package static func canRead(deviceOfKind kind: Int) -> Bool {
        guard let kind = Int32(exactly: kind) else { return false }
        return SBTensorDevice(kind: kind, number: 0).isReadable
    }

    private init(_ taken: TakenTensor) throws(PythonError) {
        let reading = try PythonError.bufferError { () throws(InterchangeError) in try TensorReading(taken.tensor) }
        // The producer keeps the memory until its deleter is called.
        memory = unsafe BufferMemory(
            adopting: reading.address, byteCount: reading.byteCount, isReadOnly: taken.isReadOnly,
            release: { taken.end() })
        offset = reading.offset
        layout = reading.layout
        scalar = reading.scalar
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

/// A tensor that belongs to this library: its deleter is called once, when it is not needed any more.
@safe
private final class TakenTensor {
    @safe private enum Owned {
        case legacy(UnsafeMutablePointer<SBLegacyTensor>)
        case versioned(UnsafeMutablePointer<SBVersionedTensor>)
    }

    private let owned: Owned
    private var hasEnded = false

    /// - Precondition: other threads do not use the capsule meanwhile.
    init(from capsule: ObjectReference) throws(PythonError) {
        let capsule = unsafe capsule.pointer
        if unsafe PyCapsule_IsValid(capsule, cString("dltensor_versioned")) != 0 {
            let tensor = unsafe PyCapsule_GetPointer(capsule, cString("dltensor_versioned"))
            if unsafe PyCapsule_SetName(capsule, cString("used_dltensor_versioned")) < 0 { throw .pending() }
            // A valid capsule has a pointer.
            unsafe owned = .versioned(tensor!.assumingMemoryBound(to: SBVersionedTensor.self))
        } else if unsafe PyCapsule_IsValid(capsule, cString("dltensor")) != 0 {
            let tensor = unsafe PyCapsule_GetPointer(capsule, cString("dltensor"))
            if unsafe PyCapsule_SetName(capsule, cString("used_dltensor")) < 0 { throw .pending() }
            unsafe owned = .legacy(tensor!.assumingMemoryBound(to: SBLegacyTensor.self))
        } else {
            throw unsafe Self.unknownName(capsule)
        }
    }

    init(_ tensor: UnsafeMutablePointer<SBVersionedTensor>) {
        unsafe owned = .versioned(tensor)
    }

    deinit { end() }

    /// Gives the tensor back: its deleter is not called.
    func leave() { hasEnded = true }

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

    /// - Throws: `BufferError` for a version whose fields are not known.
    func checkVersion() throws(PythonError) {
        guard case .versioned(let tensor) = owned else { return }
        let major = unsafe tensor.pointee.major
        guard major == UInt32(SB_TENSOR_MAJOR) else {
            throw PythonError(
                .buffer,
                "the tensor is of DLPack \(major).\(unsafe tensor.pointee.minor), but only 1.x and the structure "
                    + "before it can be read")
        }
    }

    var tensor: SBTensor {
        switch owned {
        case .legacy(let tensor): unsafe tensor.pointee.tensor
        case .versioned(let tensor): unsafe tensor.pointee.tensor
        }
    }

    var isReadOnly: Bool {
        switch owned {
        case .legacy: true
        case .versioned(let tensor): unsafe tensor.pointee.flags & UInt64(SB_TENSOR_READ_ONLY) != 0
        }
    }

    /// Calls the deleter, unless it has been called.
    ///
    /// - Precondition: the thread is attached: a deleter may be written in Python.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        // The memory may end while an exception is being raised.
        PythonError.settingPendingAside {
            switch owned {
            case .legacy(let tensor): unsafe tensor.pointee.deleter?(tensor)
            case .versioned(let tensor): unsafe tensor.pointee.deleter?(tensor)
            }
            if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
        }
    }
}
