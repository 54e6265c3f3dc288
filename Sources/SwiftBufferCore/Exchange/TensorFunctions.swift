internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import InterchangeShims
internal import PythonBuffers

/// `swiftbuffer.from_dlpack`.
enum TensorFunctions {
    nonisolated(unsafe) static let fromDLPack: MethodDefinition =
        fromTensor.method {
            fromTensor.call($0, $1, $2, $3) { (call) throws(PythonError) in
                let isCopy: Bool? = if let copy = call.optional(2) { try copy.truth() } else { nil }
                let isForCPU = try isForCPU(call)
                guard !call[0].isCapsule else {
                    let view = try view(of: call[0], call)
                    return isCopy == true ? try copied(view, call) : view
                }
                let producer = call.object(0)
                let names = try TensorNames(ViewTypes(for: call.receiver))
                guard let method = try producer.attributeIfAny(names.method) else {
                    throw PythonError(
                        .type,
                        "from_dlpack() takes an object with a __dlpack__ method, or a capsule, not "
                            + typeNameOf(call[0]))
                }
                if !isForCPU { try checkDevice(of: producer, names) }
                let capsule: PythonObject
                do throws(PythonError) {
                    capsule =
                        if isForCPU || isCopy != nil {
                            try method.call(keywords: keywords(names, isForCPU: isForCPU, isCopy: isCopy))
                        } else {
                            try method.call(names.version, names: names.versionNames)
                        }
                } catch {
                    // Producers of before 2024 have none of these parameters. They never copy.
                    guard error.matches(.type), !isForCPU else { throw error }
                    let capsule = try method.call()
                    let view = try unsafe view(of: capsule.reference, call)
                    return isCopy == true ? try copied(view, call) : view
                }
                return try unsafe view(of: capsule.reference, call)
            }
        }

    /// The arguments of `__dlpack__` where there are more than the version.
    private static func keywords(
        _ names: borrowing TensorNames, isForCPU: Bool, isCopy: Bool?
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
        of producer: borrowing PythonObject, _ names: borrowing TensorNames
    ) throws(PythonError) {
        guard let method = try producer.attributeIfAny(names.deviceMethod) else { return }
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
        of capsule: ObjectReference, _ call: borrowing Arguments
    ) throws(PythonError) -> PythonObject {
        try view(of: TensorImport(capsule), for: call.receiver)
    }

    /// A view that keeps a tensor.
    static func view(of tensor: TensorImport, for module: ObjectReference) throws(PythonError) -> PythonObject {
        let item = ItemFormat.of(tensor.scalar)
        let description = try BufferDescription(
            tensor.memory, offset: tensor.offset, layout: tensor.layout, item: item.format, format: item.spelling,
            isReadOnly: tensor.memory.isReadOnly)
        return try ForeignMemory.view(of: description, for: module)
    }

    /// A view of a copy.
    private static func copied(
        _ view: consuming PythonObject, _ call: borrowing Arguments
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: call.receiver)
        let copy = try unsafe ArrayObject.copy(
            types.array, of: view.reference, as: nil, order: .any, isReadOnly: false)
        return try unsafe ViewObject.make(types, of: copy.reference)
    }
}

/// What is asked of every producer, made once: four objects in a tuple, which the module keeps.
private struct TensorNames: ~Copyable {
    private let names: PythonObject

    init(_ types: ViewTypes) throws(PythonError) {
        names = try types.kept(.tensorNames) { () throws(PythonError) in try Self.made() }
    }

    private static func made() throws(PythonError) -> PythonObject {
        var names = try TupleBuilder(capacity: 4)
        names.append(try PythonObject(interned: "__dlpack__"))
        names.append(try PythonObject(interned: "__dlpack_device__"))
        let version = try PythonObject(interned: "max_version")
        names.append(try unsafe PythonObject(tupleOf: version.reference))
        names.append(
            try PythonObject(pair: PythonObject(Int(SB_TENSOR_MAJOR)), PythonObject(Int(SB_TENSOR_MINOR))))
        return names.finish()
    }

    // The tuple keeps them.
    var method: ObjectReference { unsafe names.tupleItem(0) }
    var deviceMethod: ObjectReference { unsafe names.tupleItem(1) }
    var versionNames: ObjectReference { unsafe names.tupleItem(2) }
    /// The newest version that is read.
    var version: ObjectReference { unsafe names.tupleItem(3) }
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
