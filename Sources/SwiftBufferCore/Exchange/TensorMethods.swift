// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPythonShims
internal import InterchangeShims
internal import PythonBuffers

/// DLPack's methods of `Array` and `View`.
enum TensorMethods {
    static let definitions: [MethodDefinition] =
        [
            dlpack.method {
                if let version = versionAlone($1, $2, $3) {
                    let memory = $0
                    return returningObject { () throws(PythonError) in try capsule(memory, version, isCopy: false) }
                }
                return dlpack.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    guard call.optional(0) == nil else {
                        throw PythonError(.buffer, "memory of the CPU has no streams: stream must be None")
                    }
                    let version = try version(call.optional(1))
                    try checkDevice(call.optional(2))
                    let isCopy = try call.optional(3)?.truth() ?? false
                    return try capsule(call.receiver, version, isCopy: isCopy)
                }
            },
            dlpackDevice.method {
                dlpackDevice.call($0, $1, $2, $3) { (_) throws(PythonError) in
                    try PythonObject(pair: PythonObject(Int(SB_DEVICE_CPU)), PythonObject(0))
                }
            },
        ]

    /// The version of a call that asks for nothing else, as consumers do; `nil` for any other call.
    private static func versionAlone(
        _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> TensorVersion? {
        guard count == 0 else { return nil }
        guard let keywords = keywords.object else { return .legacy }
        var version = TensorVersion.legacy
        for index in 0..<keywords.tupleCount {
            let (name, value) = (keywords.tupleItem(index), FastArguments.argument(index, arguments))
            if name.isText("max_version") && value.isTuple && value.tupleCount == 2 {
                let major = sb_small_int(value.tupleItem(0))
                guard major != sb_not_small() else { return nil }
                version = major >= Int(SB_TENSOR_MAJOR) ? .versioned : .legacy
            } else if !value.isNone || !(name.isText("dl_device") || name.isText("copy") || name.isText("stream")) {
                return nil
            }
        }
        return version
    }

    private static func capsule(
        _ memory: ObjectReference, _ version: TensorVersion, isCopy: Bool
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(ofModuleOf: memory.type)
        let entry = try types.interpreterEntry()
        let (scalar, swapped) = try scalar(of: memory)
        guard isCopy || !swapped else {
            throw otherByteOrder
        }
        guard isCopy else {
            return try unsafe TensorExport.capsule(
                of: memory, as: scalar, version, interpreter: entry.reference, isCopied: false)
        }
        let copy = try ArrayObject.copy(
            types.array, of: memory, as: swapped ? .of(scalar) : nil, order: .any, isReadOnly: false)
        return try unsafe TensorExport.capsule(
            of: copy.reference, as: scalar, version, interpreter: entry.reference, isCopied: true)
    }

    static var otherByteOrder: PythonError {
        PythonError(
            .buffer,
            "DLPack has numbers in the byte order of this machine alone; copy=True, byteswap() or astype() converts "
                + "them")
    }

    /// What the items are.
    ///
    /// - Throws: `BufferError` for anything but one number.
    static func scalar(of memory: ObjectReference) throws(PythonError) -> (Scalar, swapped: Bool) {
        let known = try MemoryObject(memory).withReadAccess { (contents) in contents.scalar }
        if let (scalar, swapped) = known { return (scalar, swapped) }
        return try MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
            let item = try contents.storedItem
            if item.unreadable == nil, let (scalar, swapped) = item.format.scalar { return (scalar, swapped) }
            throw PythonError(
                .buffer,
                "DLPack has no type for items of format '\(contents.formatText)': an item must be one number; fields "
                    + "of records are views of their own, as in memory['name']")
        }
    }

    /// The newest structure that a consumer reads.
    private static func version(_ maximum: ObjectReference?) throws(PythonError) -> TensorVersion {
        guard let maximum else { return .legacy }
        guard maximum.isTuple, maximum.tupleCount == 2 else {
            throw PythonError(
                .type, "max_version must be a tuple (major, minor) or None, not \(try maximum.representation())")
        }
        return try intValue(of: maximum.tupleItem(0)) >= Int(SB_TENSOR_MAJOR) ? .versioned : .legacy
    }

    private static func checkDevice(_ device: ObjectReference?) throws(PythonError) {
        guard let device else { return }
        guard device.isTuple, device.tupleCount == 2 else {
            throw PythonError(
                .type, "dl_device must be a tuple (type, number) or None, not \(try device.representation())")
        }
        let (kind, number) = try (intValue(of: device.tupleItem(0)), intValue(of: device.tupleItem(1)))
        guard kind == Int(SB_DEVICE_CPU), number == 0 else {
            throw PythonError(
                .buffer, "the memory is on device (1, 0), the CPU, and cannot be handed out on (\(kind), \(number))")
        }
    }
}

extension ViewTypes {
    /// The way back into this interpreter, for exports that other libraries end; made at the first use.
    func interpreterEntry() throws(PythonError) -> PythonObject {
        try kept(.interpreterEntry) { () throws(PythonError) in try TensorExport.interpreterEntry() }
    }
}

private let dlpack = Callable(
    "__dlpack__", "*, stream=None, max_version=None, dl_device=None, copy=None",
    """
    Return a capsule by which other libraries use the same memory: for numpy.from_dlpack(memory) and its kin.

    With max_version (1, 0) or later the capsule is versioned and says whether the memory is read-only; without,
    consumers write to what they get. copy=True hands out a copy, in native byte order; copy=False and None never copy.
    stream must be None, and dl_device None or (1, 0), the CPU.

    The memory does not move until the consumer has ended its tensor, as with any export. O(1) without copying.

    Raises BufferError for items that are not one number, in another byte order or misaligned, for strides that are no
    whole number of items, pointers to follow (PEP 3118's suboffsets), read-only memory without a version, and another
    device.

    >>> array = swiftbuffer.array([1.5, 2.5])
    >>> view = swiftbuffer.from_dlpack(array)
    >>> view.address == array.address
    True
    >>> array.append(3.5)
    Traceback (most recent call last):
        ...
    BufferError: Existing exports of data: object cannot be re-sized (1 export outstanding)

    Source: the Python array API standard, 2024.12; DLPack 1.3.
    """)
private let dlpackDevice = Callable(
    "__dlpack_device__", "",
    """
    Return (1, 0): the memory is the CPU's.

    >>> swiftbuffer.zeros(3).__dlpack_device__()
    (1, 0)
    """)
