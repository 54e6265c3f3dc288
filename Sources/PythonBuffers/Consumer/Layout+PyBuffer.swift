public import BufferLayout
public import CPython

extension Layout {
    /// The layout that an exporter's answer stands for, with what it left NULL filled in as the protocol says: without
    /// a shape the memory is one axis of items, without strides it is in C order.
    ///
    /// Nothing an exporter answers is taken on trust that arithmetic can check.
    ///
    /// - Parameters:
    ///   - maximumDimensions: the protocol's 64, unless more are wanted to see how others take them.
    ///   - isShapeAsked: whether the answer is one to a request with a shape, so that none means no dimensions.
    /// - Throws: `BufferError` for a negative `ndim`, length or itemsize, for too many dimensions, and for sizes that
    ///   overflow.
    public init(
        _ view: UnsafePointer<Py_buffer>, maximumDimensions: Int = BufferLayout.maximumDimensions,
        isShapeAsked: Bool = false
    ) throws(PythonError) {
        let ndim = unsafe Int(view.pointee.ndim)
        let itemsize = unsafe view.pointee.itemsize
        guard (0...maximumDimensions).contains(ndim) else {
            throw PythonError(
                .buffer, "the exporter answered with \(ndim) dimensions; 0 to \(maximumDimensions) are allowed")
        }
        do {
            guard let shape = unsafe view.pointee.shape else {
                // Items in a row: the exporter was not asked for a shape, or has none to give. NumPy then answers with no
                // dimensions, however many items there are.
                let bytes = unsafe view.pointee.len
                // Memory may be longer than its one item, as that of a ctypes object that was resized.
                let isScalar = ndim == 0 && (bytes == itemsize || isShapeAsked && bytes > itemsize)
                try self.init(shape: isScalar ? [] : [itemsize > 0 ? bytes / itemsize : 0], itemsize: itemsize)
                return
            }
            // The exporter keeps `ndim` entries in place while the buffer is held; they are copied here.
            let lengths = unsafe Span(_unsafeStart: UnsafePointer(shape), count: ndim)
            guard let strides = unsafe view.pointee.strides else {
                try self.init(contiguous: lengths, itemsize: itemsize, maximumDimensions: maximumDimensions)
                return
            }
            let suboffsets = unsafe view.pointee.suboffsets
            try unsafe self.init(
                shape: lengths, strides: Span(_unsafeStart: UnsafePointer(strides), count: ndim),
                suboffsets: Span(
                    _unsafeElements: UnsafeBufferPointer(start: suboffsets, count: suboffsets == nil ? 0 : ndim)),
                itemsize: itemsize, maximumDimensions: maximumDimensions)
        } catch {
            throw PythonError(.buffer, "the exporter's answer makes no sense: \(error.message)")
        }
    }
}

extension PythonError {
    /// The Python exception that says what a layout refused.
    public init(_ error: LayoutError) {
        let kind: Kind =
            switch error.kind {
            case .indexOutOfRange, .tooManyIndices, .tooFewIndices: .index
            case .invalid, .shapeMismatch: .value
            case .wouldNeedCopy, .outsideMemory, .indirect: .buffer
            case .overflow: .overflow
            }
        self.init(kind, error.message)
    }
}

/// Runs arithmetic of layouts where a Python exception is wanted.
@inlinable @inline(__always)
public func raisingLayoutErrors<Result: ~Copyable>(
    _ body: () throws(LayoutError) -> Result
) throws(PythonError) -> Result {
    do {
        return try body()
    } catch {
        throw PythonError(error)
    }
}
