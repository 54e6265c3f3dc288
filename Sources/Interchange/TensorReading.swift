// SPDX-License-Identifier: Apache-2.0
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
        let bytes: Range<Int>
        let first: UInt
        (scalar, layout, bytes, first) = try unsafe withUnsafePointer(to: tensor) {
            (tensor) throws(InterchangeError) in
            let scalar = try unsafe Self.scalar(of: tensor)
            let layout = try unsafe Self.layout(of: tensor, itemsize: scalar.size)
            let (bytes, first) = try unsafe Self.bytes(of: tensor, layout.view, scalar)
            return (scalar, layout, bytes, first)
        }
        unsafe address =
            bytes.isEmpty ? nil : UnsafeMutableRawPointer(bitPattern: first &+ UInt(bitPattern: bytes.lowerBound))
        byteCount = bytes.count
        offset = -bytes.lowerBound
    }

    /// The items of a tensor that the CPU reads.
    ///
    /// - Precondition: `tensor` is that of a tensor, as for all that follow.
    @unsafe
    package static func scalar(of tensor: UnsafePointer<SBTensor>) throws(InterchangeError) -> Scalar {
        let device = unsafe tensor.pointee.device
        guard device.isReadable else {
            throw InterchangeError(
                "the tensor is on device (\(device.kind), \(device.number)), whose memory the CPU does not read; copy "
                    + "it to the CPU first: device='cpu' asks the library that has it")
        }
        let type = unsafe tensor.pointee.type
        guard let scalar = type.scalar else {
            throw InterchangeError("the tensor has items of \(type.description), for which there is no format")
        }
        return scalar
    }

    /// The number of dimensions, whose lengths can be read.
    @unsafe
    package static func dimensionCount(of tensor: UnsafePointer<SBTensor>) throws(InterchangeError) -> Int {
        let ndim = unsafe Int(tensor.pointee.ndim)
        guard (0...maximumDimensions).contains(ndim) else {
            throw InterchangeError("the tensor has \(ndim) dimensions; 0 to \(maximumDimensions) are possible")
        }
        guard unsafe ndim == 0 || tensor.pointee.shape != nil else {
            throw InterchangeError("the tensor has \(ndim) dimensions, but no shape")
        }
        return ndim
    }

    /// Writes the dimensions of a tensor where they stay, as ``layout`` has them, but not checked.
    ///
    /// - Returns: whether every stride is an `Int`; otherwise ``init(_:)`` throws the reason.
    /// - Precondition: as for ``init(_:)``; there are ``dimensionCount(of:)`` of them.
    @unsafe
    package static func store(_ tensor: UnsafePointer<SBTensor>, at dimensions: PlainDimensions) -> Bool {
        // As many as there are dimensions, says the specification.
        guard let lengths = unsafe tensor.pointee.shape else { return true }
        guard let strides = unsafe tensor.pointee.strides else {
            for axis in 0..<dimensions.ndim {
                dimensions.setAxis(axis, length: unsafe Int(truncatingIfNeeded: lengths[axis]), stride: 0)
            }
            return dimensions.setContiguousStrides(.c)
        }
        for axis in 0..<dimensions.ndim {
            let (stride, overflow) = unsafe Int(truncatingIfNeeded: strides[axis]).multipliedReportingOverflow(
                by: dimensions.itemsize)
            if overflow { return false }
            dimensions.setAxis(axis, length: unsafe Int(truncatingIfNeeded: lengths[axis]), stride: stride)
        }
        return true
    }

    /// The address of item `(0, ..., 0)`, `nil` where the items have no bytes, and their size and contiguity.
    ///
    /// - Parameter layout: what ``store(_:at:)`` wrote.
    /// - Throws: ``InterchangeError`` for sizes or addresses that do not exist, missing and misaligned data.
    @unsafe
    package static func items(
        of tensor: UnsafePointer<SBTensor>, _ layout: borrowing LayoutView, _ scalar: Scalar
    ) throws(InterchangeError) -> (address: UnsafeMutableRawPointer?, facts: LayoutSummary) {
        let facts: LayoutSummary
        do throws(LayoutError) {
            facts = try layout.summary()
        } catch {
            throw inconsistent(error)
        }
        let (bytes, first) = try unsafe bytes(of: tensor, layout, scalar)
        return unsafe (bytes.isEmpty ? nil : UnsafeMutableRawPointer(bitPattern: first), facts)
    }

    /// The bytes that the items of a tensor touch, counted from item `(0, ..., 0)`, and the address of that.
    ///
    /// - Throws: ``InterchangeError`` for addresses that do not exist, missing and misaligned data.
    private static func bytes(
        of tensor: UnsafePointer<SBTensor>, _ layout: borrowing LayoutView, _ scalar: Scalar
    ) throws(InterchangeError) -> (bytes: Range<Int>, first: UInt) {
        let bytes: Range<Int>
        do throws(LayoutError) {
            bytes = try layout.byteExtent ?? 0..<0
        } catch {
            throw inconsistent(error)
        }
        let offset = unsafe tensor.pointee.offset
        let first = unsafe UInt(bitPattern: tensor.pointee.data).addingReportingOverflow(UInt(offset))
        guard !first.overflow else {
            throw InterchangeError("byte_offset \(offset) of the tensor is beyond the last address")
        }
        guard unsafe bytes.isEmpty || tensor.pointee.data != nil else {
            throw InterchangeError("the tensor has no data, but \((try? layout.byteCount) ?? 0) bytes of items")
        }
        guard bytes.isEmpty || first.partialValue & UInt(scalar.alignment - 1) == 0 else {
            throw InterchangeError(
                "the tensor's data is misaligned: at an address that is no multiple of \(scalar.alignment)")
        }
        guard bytes.isEmpty || bytes.lowerBound >= 0 || first.partialValue > bytes.lowerBound.magnitude else {
            throw InterchangeError(
                "\(bytes.lowerBound.magnitude) bytes do not fit before the address \(first.partialValue)")
        }
        guard bytes.upperBound <= 0 || !first.partialValue.addingReportingOverflow(UInt(bytes.upperBound)).overflow
        else {
            throw InterchangeError("\(bytes.upperBound) bytes do not fit behind the address \(first.partialValue)")
        }
        return (bytes, first.partialValue)
    }

    private static func layout(
        of tensor: UnsafePointer<SBTensor>, itemsize: Int
    ) throws(InterchangeError) -> Layout {
        let ndim = try unsafe dimensionCount(of: tensor)
        guard let lengths = unsafe tensor.pointee.shape, ndim > 0 else {
            return try consistent { () throws(LayoutError) in try Layout(shape: [], itemsize: itemsize) }
        }
        // As many as there are dimensions, says the specification.
        let shape = unsafe UnsafeBufferPointer(start: lengths, count: ndim).map { Int(truncatingIfNeeded: $0) }
        let strides = unsafe tensor.pointee.strides.map {
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
            throw inconsistent(error)
        }
    }

    /// The error for dimensions that no memory can have.
    private static func inconsistent(_ error: LayoutError) -> InterchangeError {
        InterchangeError("the tensor is inconsistent: \(error.message)")
    }
}
