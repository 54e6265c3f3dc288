// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import InterchangeShims
internal import PythonBuffers

/// `swiftbuffer.from_dlpack`.
enum TensorFunctions {
    static let fromDLPack: MethodDefinition =
        fromTensor.method {
            if let producer = FastArguments.only($1, $2, $3) {
                let module = $0
                return returningObject { () throws(PythonError) in
                    try view(of: producer, isForCPU: false, isCopy: nil, for: module)
                }
            }
            return fromTensor.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let isCopy: Bool? = if let copy = call.optional(2) { try copy.truth() } else { nil }
                return try view(of: call[0], isForCPU: isForCPU(call), isCopy: isCopy, for: call.receiver)
            }
        }

    /// A view of what a producer hands out, or of the tensor in a capsule.
    private static func view(
        of producer: ObjectReference, isForCPU: Bool, isCopy: Bool?, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: module)
        if producer.isCapsule {
            let view = try view(of: producer, types, for: module)
            return isCopy == true ? try copied(view, types) : view
        }
        let names = try ExchangeNames(types)
        // What exports buffers has memory that the CPU reads. Its tensor says where it is all the same.
        if !isForCPU && !producer.exportsBuffer { try checkDevice(of: producer, names) }
        let capsule: PythonObject
        do throws(PythonError) {
            capsule =
                if isForCPU || isCopy != nil {
                    try PythonObject(borrowing: producer).attribute("__dlpack__").call(
                        keywords: keywords(names, isForCPU: isForCPU, isCopy: isCopy))
                } else {
                    try producer.call(method: names[.dlpack], names.version, names: names.versionNames)
                }
        } catch {
            if error.matches(.attribute), !producer.hasAttribute("__dlpack__") {
                throw PythonError(
                    .type,
                    "from_dlpack() takes an object with a __dlpack__ method, or a capsule, not \(typeNameOf(producer))")
            }
            // Producers of before 2024 have none of these parameters. They never copy.
            guard error.matches(.type), !isForCPU else { throw error }
            let capsule = try producer.call(method: names[.dlpack])
            let view = try unsafe view(of: capsule.reference, types, for: module)
            return isCopy == true ? try copied(view, types) : view
        }
        return try unsafe view(of: capsule.reference, types, for: module)
    }

    /// The arguments of `__dlpack__` where there are more than the version.
    private static func keywords(
        _ names: borrowing ExchangeNames, isForCPU: Bool, isCopy: Bool?
    ) throws(PythonError) -> PythonObject {
        let keywords = try PythonObject(emptyDictionary: ())
        try keywords.setValue(PythonObject(borrowing: names.version), at: PythonObject("max_version"))
        if isForCPU {
            try keywords.setValue(
                PythonObject(pair: number(SB_DEVICE_CPU), number(0)), at: PythonObject("dl_device"))
        }
        if let isCopy { try keywords.setValue(PythonObject(isCopy), at: PythonObject("copy")) }
        return keywords
    }

    private static func number<Number: BinaryInteger>(_ value: Number) throws(PythonError) -> PythonObject {
        try PythonObject(Int(value))
    }

    /// Whether the memory is asked for on the CPU.
    private static func isForCPU(_ call: borrowing Arguments) throws(PythonError) -> Bool {
        guard let device = call.optional(1) else { return false }
        if device.isString, try stringValue(of: device) == "cpu" { return true }
        if device.isTuple, device.tupleCount == 2, device.tupleItem(0).isInt, device.tupleItem(1).isInt,
            try intValue(of: device.tupleItem(0)) == Int(SB_DEVICE_CPU), try intValue(of: device.tupleItem(1)) == 0
        {
            return true
        }
        throw PythonError(
            .value,
            "device must be 'cpu', (1, 0) or None, not \(try device.representation()): memory is read on the CPU")
    }

    /// - Throws: `BufferError` where the CPU does not read the producer's memory.
    private static func checkDevice(
        of producer: ObjectReference, _ names: borrowing ExchangeNames
    ) throws(PythonError) {
        guard let method = try PythonObject(borrowing: producer).attributeIfAny(names[.dlpackDevice]) else { return }
        let device = try method.call()
        guard device.isTuple, device.tupleCount == 2 else {
            throw PythonError(
                .type, "__dlpack_device__ must return a tuple (type, number), not \(try device.representation())")
        }
        let (kind, number) = try unsafe (intValue(of: device.tupleItem(0)), intValue(of: device.tupleItem(1)))
        guard TensorImport.canRead(deviceOfKind: kind) else {
            throw PythonError(
                .buffer,
                "the memory is on device (\(kind), \(number)), which the CPU does not read; device='cpu' asks its "
                    + "library to copy it to the CPU")
        }
    }

    /// A view that keeps the tensor of a capsule.
    private static func view(
        of capsule: ObjectReference, _ types: ViewTypes, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let exporter = try TensorImport.exporter(
            capsule, type: moduleObject(CoreState.foreignMemoryType.rawValue, of: module))
        return try unsafe ViewObject.make(types, of: exporter.reference)
    }

    /// A view of a copy.
    private static func copied(
        _ view: consuming PythonObject, _ types: ViewTypes
    ) throws(PythonError) -> PythonObject {
        let copy = try unsafe ArrayObject.copy(
            types.array, of: view.reference, as: nil, order: .any, isReadOnly: false)
        return try unsafe ViewObject.make(types, of: copy.reference)
    }
}

private let fromTensor = Callable(
    "from_dlpack", "x, /, *, device=None, copy=None",
    """
    Return a View of the memory of another library's array, by DLPack and without a copy.

    x has a __dlpack__ method, as the arrays of NumPy, PyTorch, JAX and CuPy have, or is the capsule that it returns,
    which can be used once. The view and what is made of it keep the memory. It is writable if the library says so,
    which DLPack before 1.0 cannot. device='cpu' asks the library to copy memory of another device; copy=True asks for a
    copy, copy=False for none. O(1) without copying.

    Raises BufferError for memory that the CPU does not read, items without a format (less than a byte, several lanes),
    misaligned and missing data, tensors that are inconsistent or of an unknown version, and a capsule that was used
    before; TypeError for any other object; and what the library raises.

    >>> array = swiftbuffer.array([[1, 2], [3, 4]], 'i')
    >>> swiftbuffer.from_dlpack(array).tolist()
    [[1, 2], [3, 4]]

    Source: from_dlpack of the Python array API standard, 2024.12; DLPack 1.3.
    """)
