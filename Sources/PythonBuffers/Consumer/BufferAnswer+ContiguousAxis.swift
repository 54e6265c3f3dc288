// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import CPython
public import CPythonShims

/// The fast path of ``BufferAnswer``: one contiguous axis with some items and every field filled in, which most exporters
/// answer with.
@safe @usableFromInline
package struct ContiguousAxisAnswer {
    @usableFromInline let view: UnsafePointer<Py_buffer>

    /// `nil` for any other answer, right or wrong.
    ///
    /// - Precondition: as for ``BufferAnswer``.
    @inlinable @inline(__always)
    package init?(_ view: UnsafePointer<Py_buffer>) {
        guard unsafe view.pointee.ndim == 1 && view.pointee.suboffsets == nil && view.pointee.buf != nil,
            let shape = unsafe view.pointee.shape, let strides = unsafe view.pointee.strides,
            let summary = unsafe LayoutSummary(
                contiguousAxis: shape[0], stride: strides[0], itemsize: view.pointee.itemsize),
            unsafe summary.byteCount == view.pointee.len
        else { return nil }
        unsafe self.view = view
    }

    /// The format of the items, as long as the buffer is held.
    @unsafe @inlinable package var format: UnsafePointer<CChar> { unsafe formatOrBytes(view.pointee.format) }

    /// The scalar that an item is, where it is one.
    @inlinable package var scalar: (type: Scalar, swapped: Bool)? {
        guard let (type, swapped) = unsafe Format.scalar(ofCString: format),
            unsafe type.size == view.pointee.itemsize
        else { return nil }
        return (type, swapped)
    }

    /// The bytes of the items, as long as the buffer is held.
    @unsafe @inlinable package var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: view.pointee.buf, count: view.pointee.len)
    }

    /// The export record of the same memory.
    ///
    /// - Parameter dimensions: takes length and stride, which the record points at.
    @inlinable @inline(__always)
    package func record(dimensions: UnsafeMutablePointer<Int>) -> SBRecord {
        let itemsize = unsafe view.pointee.itemsize
        unsafe dimensions[0] = view.pointee.shape[0]
        unsafe dimensions[1] = view.pointee.strides[0]
        return unsafe SBRecord(
            contiguousAxis: dimensions, address: view.pointee.buf, length: view.pointee.len, itemsize: itemsize,
            item: ExportedItem(reading: formatOrBytes(view.pointee.format), itemsize: itemsize),
            isReadOnly: view.pointee.readonly != 0)
    }
}

/// A format, or `"B"` where it is NULL: what the protocol says of a buffer without a format.
@inlinable @inline(__always)
func formatOrBytes(_ format: UnsafePointer<CChar>?) -> UnsafePointer<CChar> {
    if let format = unsafe format { return unsafe format }
    let text: StaticString = "B"
    return unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
