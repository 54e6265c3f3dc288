// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import CPython
public import CPythonShims

/// The fast path to a span of an object's items, without a ``PythonBuffer``: one contiguous axis of items in a plain
/// spelling of their format, which most exporters answer with.
@usableFromInline
package enum ContiguousItems<Element: DirectBufferElement> {
    /// Runs `body` with the items; the buffer is released when it returns.
    ///
    /// - Returns: `nil` for an object that refuses its buffer, or answers otherwise: ``PythonBuffer`` finds out.
    @inlinable
    package static func read<Result: ~Copyable>(
        of object: ObjectReference, _ body: (borrowing Span<Element>) throws -> Result
    ) throws -> Result? {
        var view = unsafe Py_buffer()
        // Exporters may let the buffer point into itself, so it stays at one address.
        return try unsafe withUnsafeMutablePointer(to: &view) { (view) throws -> Result? in
            guard unsafe PyObject_GetBuffer(object.pointer, view, BufferRequest.fullReadOnly.rawValue) == 0 else {
                PyErr_Clear()
                return nil
            }
            defer { unsafe PyBuffer_Release(view) }
            guard unsafe holdsItems(view, Element.scalar, MemoryLayout<Element>.stride) else { return nil }
            let items = unsafe UnsafeBufferPointer(
                start: view.pointee.buf.assumingMemoryBound(to: Element.self), count: view.pointee.shape[0])
            return try body(unsafe Span(_unsafeElements: items))
        }
    }
}

/// Whether a buffer is one contiguous axis of such items, aligned as Swift wants them.
///
/// - Precondition: as for ``ContiguousAxisAnswer``.
@unsafe @usableFromInline
func holdsItems(_ view: UnsafePointer<Py_buffer>, _ scalar: Scalar, _ size: Int) -> Bool {
    guard unsafe view.pointee.ndim == 1 && view.pointee.suboffsets == nil && view.pointee.itemsize == size,
        let shape = unsafe view.pointee.shape, let strides = unsafe view.pointee.strides,
        let format = unsafe view.pointee.format, unsafe view.pointee.buf != nil
    else { return false }
    let (count, length) = unsafe (shape[0], view.pointee.len)
    let (bytes, overflows) = count.multipliedReportingOverflow(by: size)
    guard unsafe strides[0] == size && count > 0 && !overflows && bytes == length else { return false }
    // Nearly every exporter spells a scalar by its letter alone, with the sizes of this machine.
    guard unsafe format[0] != 0 && format[1] == 0,
        unsafe Scalar(code: UInt8(bitPattern: format[0]), nativeSizes: true) == scalar
    else { return false }
    // The size of a Swift scalar, which is a power of two, is as much as its alignment.
    return unsafe UInt(bitPattern: view.pointee.buf) & (UInt(size) - 1) == 0
}
