public import BufferLayout
public import InterchangeShims

/// What a tensor that another library made says about its memory, checked as far as that can be checked without
/// touching the items.
///
/// Source: "DLPack C API".
@safe
public struct TensorReading {
    public let layout: Layout
    public let scalar: Scalar
    /// The first byte that an item touches; `nil` if there are no bytes.
    public let address: UnsafeMutableRawPointer?
    /// Bytes from the first byte that an item touches to the last.
    public let byteCount: Int
    /// Bytes from the start of the memory to item `(0, ..., 0)`.
    public let offset: Int

    /// Reads a tensor: `shape` and `strides`, as many numbers of each as there are dimensions, and nothing else that
    /// it points at.
    ///
    /// - Precondition: `shape` and `strides` are NULL or point at that many numbers.
    /// - Throws: ``InterchangeError`` for another device, items without a format, sizes or addresses that do not exist,
    ///   missing and misaligned data.
    public init(_ tensor: SBTensor) throws(InterchangeError) {
        guard tensor.device.isReadable else {
            throw InterchangeError(
                "the tensor is on device (\(tensor.device.kind), \(tensor.device.number)), whose memory the CPU does "
                    + "not read; copy it to the CPU first: device='cpu' asks the library that has it")
        }
        guard let scalar = tensor.type.scalar else {
            throw InterchangeError(
                "the tensor has items of \(tensor.type.description), for which there is no format")
        }
        let layout = try Self.layout(of: tensor, itemsize: scalar.size)
        let bytes = try Self.consistent { () throws(LayoutError) in try layout.view.byteExtent ?? 0..<0 }
        let first = unsafe UInt(bitPattern: tensor.data).addingReportingOverflow(UInt(tensor.offset))
        guard !first.overflow else {
            throw InterchangeError("byte_offset \(tensor.offset) of the tensor is beyond the last address")
        }
        guard unsafe bytes.isEmpty || tensor.data != nil else {
            throw InterchangeError("the tensor has no data, but \(layout.summary.byteCount) bytes of items")
        }
        guard bytes.isEmpty || first.partialValue.isMultiple(of: UInt(scalar.alignment)) else {
            throw InterchangeError(
                "the tensor's data is misaligned: at an address that is no multiple of \(scalar.alignment)")
        }
        unsafe address = bytes.isEmpty ? nil : try unsafe Self.start(of: bytes, from: first.partialValue)
        byteCount = bytes.count
        offset = -bytes.lowerBound
        self.layout = layout
        self.scalar = scalar
    }

    /// The address of the first of some bytes, which are counted from another address.
    private static func start(
        of bytes: Range<Int>, from first: UInt
    ) throws(InterchangeError) -> UnsafeMutableRawPointer? {
        guard bytes.lowerBound >= 0 || first > bytes.lowerBound.magnitude else {
            throw InterchangeError(
                "\(bytes.lowerBound.magnitude) bytes do not fit before the address \(first)")
        }
        guard bytes.upperBound <= 0 || !first.addingReportingOverflow(UInt(bytes.upperBound)).overflow else {
            throw InterchangeError("\(bytes.upperBound) bytes do not fit behind the address \(first)")
        }
        return unsafe UnsafeMutableRawPointer(bitPattern: first &+ UInt(bitPattern: bytes.lowerBound))
    }

    private static func layout(of tensor: SBTensor, itemsize: Int) throws(InterchangeError) -> Layout {
        let ndim = Int(tensor.ndim)
        guard (0...maximumDimensions).contains(ndim) else {
            throw InterchangeError("the tensor has \(ndim) dimensions; 0 to \(maximumDimensions) are possible")
        }
        guard ndim > 0 else {
            return try consistent { () throws(LayoutError) in try Layout(shape: [], itemsize: itemsize) }
        }
        guard let lengths = unsafe tensor.shape else {
            throw InterchangeError("the tensor has \(ndim) dimensions, but no shape")
        }
        // As many as there are dimensions, says the specification.
        let shape = unsafe UnsafeBufferPointer(start: lengths, count: ndim).map { Int(truncatingIfNeeded: $0) }
        let strides = unsafe tensor.strides.map {
            unsafe UnsafeBufferPointer(start: $0, count: ndim).map { Int(truncatingIfNeeded: $0) }
        }
        return try consistent { () throws(LayoutError) in
            guard let strides else { return try Layout(shape: shape, itemsize: itemsize) }
            return try Layout(shape: shape, stridesInItems: strides, itemsize: itemsize)
        }
    }

    private static func consistent<Result>(
        _ body: () throws(LayoutError) -> Result
    ) throws(InterchangeError) -> Result {
        do throws(LayoutError) {
            return try body()
        } catch {
            throw InterchangeError("the tensor is inconsistent: \(error.message)")
        }
    }
}
