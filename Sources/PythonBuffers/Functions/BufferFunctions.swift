// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython
internal import CPythonShims

// `PyBuffer_*` and `PyObject_*` of the buffer protocol, each calling the C function of its name behind the checks that
// it leaves to its callers.

extension PythonObject {
    /// Whether the object has a buffer to acquire.
    ///
    /// - Source: `PyObject_CheckBuffer`.
    public var isExporter: Bool { unsafe reference.exportsBuffer }

    /// Copies the items of one buffer into another of the same shape, whatever their layouts.
    ///
    /// - Throws: `BufferError` if `self` is read-only; `ValueError` if the shapes or itemsizes differ, unless both are
    ///   C-contiguous and `self` is at least as long. The C function compares lengths alone, and walks off the end.
    /// - Source: `PyObject_CopyData`.
    public func copyData(from source: borrowing PythonObject) throws(PythonError) {
        // Through memoryviews, whose strides are never NULL: the C function would follow ctypes' NULL strides.
        let target = try PythonObject(memoryViewOf: self)
        let source = try PythonObject(memoryViewOf: source)
        do {
            let to = try PythonBuffer(target, .full)
            let from = try PythonBuffer(source, .fullReadOnly)
            let toLayout = try to.layout
            let fromLayout = try from.layout
            // As the C function sees it, to which memory with any suboffsets at all is not contiguous.
            let areBytes = to.isContiguous(.c) && from.isContiguous(.c)
            guard areBytes || toLayout.shape == fromLayout.shape && toLayout.itemsize == fromLayout.itemsize else {
                throw PythonError(
                    .value,
                    "cannot copy shape \(fromLayout.shapeText) with items of \(fromLayout.itemsize) bytes to shape "
                        + "\(toLayout.shapeText) with items of \(toLayout.itemsize) bytes: both must be the same")
            }
            guard from.byteCount <= to.byteCount else {
                throw PythonError(
                    .value, "cannot copy \(from.byteCount) bytes to a buffer of \(to.byteCount) bytes")
            }
        }
        if unsafe PyObject_CopyData(target.pointer, source.pointer) < 0 { throw PythonError.pending() }
    }

    /// Copies contiguous bytes into the object's buffer, item by item in `order`.
    ///
    /// - Throws: `BufferError` if the object is read-only, `ValueError` if the lengths differ.
    /// - Source: `PyObject_CopyToObject`, which manuals up to Python 3.2 describe and CPython never implemented.
    public func copyContiguousBytes(from bytes: borrowing PythonBuffer, order: Order) throws(PythonError) {
        let target = try PythonBuffer(self, .full)
        guard target.byteCount == bytes.byteCount else {
            throw PythonError(
                .value, "the buffer takes \(target.byteCount) bytes, but \(bytes.byteCount) are given")
        }
        try target.copyContiguousBytes(from: bytes, order: order)
    }
}

extension PythonBuffer {
    /// The bytes of the memory, which are those of its items.
    private var exactByteCount: Int {
        get throws(PythonError) {
            try withAnswer { (answer) throws(PythonError) in
                try answer.checkExactLength()
                return answer.byteCount
            }
        }
    }

    /// Runs `body` on a copy of the `Py_buffer` in which neither shape nor strides are NULL: several of the C functions
    /// follow them without a check.
    private func withFilledIn<Result>(
        _ body: (UnsafeMutablePointer<Py_buffer>, Layout) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let layout = try layout
        var copy = unsafe view.pointee
        var shape = layout.shape
        var strides = layout.strides
        var suboffsets = layout.suboffsets
        unsafe copy.ndim = CInt(layout.ndim)
        unsafe copy.itemsize = layout.itemsize
        // The arrays live until the end of this function, and the copy is not used after it.
        return try unsafe withUnsafeArrays(&shape, &strides, &suboffsets) {
            (shape, strides, suboffsets) throws(PythonError) in
            unsafe copy.shape = shape
            unsafe copy.strides = strides
            unsafe copy.suboffsets = suboffsets
            return try unsafe body(&copy, layout)
        }
    }

    /// The address of the item at `indices`, pointers followed.
    ///
    /// - Parameter indices: one an axis, counted from 0; as in C, negative ones do not count from the end.
    /// - Throws: `IndexError` for an index out of range or the wrong number of them. The C function checks neither.
    /// - Source: `PyBuffer_GetPointer`.
    public func address(of indices: [Int]) throws(PythonError) -> UnsafeMutableRawPointer? {
        try unsafe withFilledIn { (view, layout) throws(PythonError) in
            guard indices.count == layout.ndim else {
                throw PythonError(
                    .index, "an item needs one index a dimension: \(indices.count) given, but there are \(layout.ndim)")
            }
            for (axis, length) in layout.shape.enumerated() where !(0..<length).contains(indices[axis]) {
                throw PythonError(
                    .index, "index \(indices[axis]) is out of range for axis \(axis) of length \(length)")
            }
            var position = indices
            return unsafe PyBuffer_GetPointer(view, &position)
        }
    }

    /// The items as contiguous `bytes` in `order`.
    ///
    /// - Source: `PyBuffer_ToContiguous`.
    public func contiguousBytes(order: Order) throws(PythonError) -> PythonObject {
        let count = try exactByteCount
        let bytes = try unsafe PythonObject(result: PyBytes_FromStringAndSize(nil, count))
        try unsafe withFilledIn { (view, _) throws(PythonError) in
            if unsafe PyBuffer_ToContiguous(sb_bytes_address(bytes.pointer), view, count, order.character) < 0 {
                throw PythonError.pending()
            }
        }
        return bytes
    }

    /// Writes contiguous bytes into the buffer, item by item in `order`; bytes beyond the buffer are not used, as in C.
    ///
    /// - Throws: `BufferError` if the buffer is read-only.
    /// - Source: `PyBuffer_FromContiguous`.
    public func copyContiguousBytes(from bytes: borrowing PythonBuffer, order: Order) throws(PythonError) {
        guard !isReadOnly else { throw PythonError(.buffer, "the buffer is read-only; acquire it with WRITABLE") }
        let count = try bytes.withAnswer { (answer) in answer.byteCount }
        let source = unsafe bytes.view.pointee.buf
        guard try exactByteCount > 0, count > 0 else { return }
        try unsafe withFilledIn { (view, layout) throws(PythonError) in
            guard mayOverlap(layout, UInt(bitPattern: source), count: count) else {
                if unsafe PyBuffer_FromContiguous(view, source, count, order.character) < 0 {
                    throw PythonError.pending()
                }
                return
            }
            // The C function reads while it writes: bytes that lie in the buffer itself are set aside first.
            let aside = try unsafe PythonObject(
                result: PyBytes_FromStringAndSize(source?.assumingMemoryBound(to: CChar.self), count))
            if unsafe PyBuffer_FromContiguous(view, sb_bytes_address(aside.pointer), count, order.character) < 0 {
                throw PythonError.pending()
            }
        }
    }

    /// Whether some of `count` bytes at `address` may be the buffer's own.
    private func mayOverlap(_ layout: Layout, _ address: UInt, count: Int) -> Bool {
        // What lies behind pointers is not known.
        guard layout.suboffsets.isEmpty, let extent = try? layout.view.byteExtent else { return true }
        let base = unsafe UInt(bitPattern: view.pointee.buf)
        return address < base &+ UInt(bitPattern: extent.upperBound)
            && base &+ UInt(bitPattern: extent.lowerBound) < address &+ UInt(bitPattern: count)
    }
}

/// Runs `body` on the storage of three arrays; an empty one is NULL.
private func withUnsafeArrays<Result>(
    _ first: inout [Int], _ second: inout [Int], _ third: inout [Int],
    _ body: (UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Int>?) throws(PythonError) ->
        Result
) throws(PythonError) -> Result {
    try unsafe first.withUnsafeMutableBufferPointer { (first) throws(PythonError) in
        try unsafe second.withUnsafeMutableBufferPointer { (second) throws(PythonError) in
            try unsafe third.withUnsafeMutableBufferPointer { (third) throws(PythonError) in
                try unsafe body(
                    first.isEmpty ? nil : first.baseAddress, second.isEmpty ? nil : second.baseAddress,
                    third.isEmpty ? nil : third.baseAddress)
            }
        }
    }
}

/// The itemsize of a format string, as CPython reads it (the `struct` module).
///
/// - Throws: what `struct.calcsize` raises, and `ValueError` for a format that holds a NUL, where C would see its end.
/// - Source: `PyBuffer_SizeFromFormat`.
public func itemsize(ofFormat format: String) throws(PythonError) -> Int {
    guard !format.utf8.contains(0) else { throw PythonError(.value, "a format cannot hold a NUL") }
    let size = unsafe format.withCString { unsafe PyBuffer_SizeFromFormat($0) }
    if size < 0 { throw PythonError.pending() }
    return size
}

/// The strides of a contiguous array.
///
/// - Throws: `ValueError` for a negative length or itemsize or more than 64 dimensions, `OverflowError`; the C function
///   checks nothing.
/// - Source: `PyBuffer_FillContiguousStrides`.
public func contiguousStrides(shape: [Int], itemsize: Int, order: Order) throws(PythonError) -> [Int] {
    _ = try raisingLayoutErrors { () throws(LayoutError) in try Layout(shape: shape, itemsize: itemsize, order: order) }
    guard let size = CInt(exactly: itemsize) else {
        throw PythonError(.overflow, "the C function takes an itemsize of up to \(CInt.max) bytes, not \(itemsize)")
    }
    var shape = shape
    var strides = [Int](repeating: 0, count: shape.count)
    unsafe PyBuffer_FillContiguousStrides(CInt(shape.count), &shape, &strides, size, order.character)
    return strides
}
