// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython
internal import CPythonShims

// `PyMemoryView_*`, each calling the C function of its name.

extension PythonObject {
    /// Whether the object is a memoryview.
    ///
    /// - Source: `PyMemoryView_Check`.
    public var isMemoryView: Bool { unsafe sb_is_memoryview(ObjectReference(pointer: pointer)) != 0 }

    /// A memoryview of any object that exports a buffer.
    ///
    /// - Source: `PyMemoryView_FromObject`.
    public init(memoryViewOf object: borrowing PythonObject) throws(PythonError) {
        try unsafe self.init(result: PyMemoryView_FromObject(object.pointer))
    }

    /// A memoryview of plain memory that the caller keeps in place.
    ///
    /// - Throws: `ValueError` for a null address or a negative length.
    /// - Precondition: `memory` stays for as long as the memoryview and everything made from it; writable if so said.
    /// - Source: `PyMemoryView_FromMemory`.
    @unsafe
    public init(memoryViewAt memory: UnsafeMutableRawPointer?, count: Int, isReadOnly: Bool) throws(PythonError) {
        guard let memory = unsafe memory else { throw PythonError(.value, "the address of memory cannot be null") }
        guard count >= 0 else { throw PythonError(.value, "a length cannot be negative: \(count)") }
        try unsafe self.init(
            result: PyMemoryView_FromMemory(
                memory.assumingMemoryBound(to: CChar.self), count, isReadOnly ? PyBUF_READ : PyBUF_WRITE))
    }

    /// A memoryview of an acquired buffer, which `keeper` holds.
    ///
    /// The C function drops the owner of the memory. Here the view keeps `keeper` alive, and calls its `bf_releasebuffer`
    /// when the last view of the memory ends.
    ///
    /// - Throws: `ValueError` if the buffer has no address, `BufferError` if its fields contradict each other.
    /// - Source: `PyMemoryView_FromBuffer`.
    public init(memoryViewOf buffer: borrowing PythonBuffer, keptBy keeper: borrowing PythonObject) throws(PythonError)
    {
        try buffer.withAnswer { (_) in }
        // With `buf` NULL the C function raises and drops a reference that is not its own.
        guard unsafe buffer.view.pointee.buf != nil else { throw PythonError(.value, "the buffer has no address") }
        var copy = unsafe buffer.view.pointee
        if unsafe copy.shape == nil {
            guard unsafe copy.itemsize > 0 else {
                throw PythonError(.buffer, "a buffer without a shape needs an itemsize, not \(unsafe copy.itemsize)")
            }
            // The C function fills in the shape of one axis, and reads a NULL shape for more.
            unsafe copy.ndim = min(copy.ndim, 1)
            unsafe copy.strides = nil
        }
        let memoryView = try unsafe PythonObject(result: PyMemoryView_FromBuffer(&copy))
        unsafe sb_memoryview_adopt(memoryView.pointer, keeper.copy().intoPointer(), buffer.view.pointee.obj)
        self = memoryView
    }

    /// A memoryview of contiguous memory: the object's own where it fits, otherwise a copy that can only be read.
    ///
    /// - Throws: `BufferError` where writable memory is requested and only a copy would be contiguous.
    /// - Source: `PyMemoryView_GetContiguous`.
    public init(
        contiguousMemoryViewOf object: borrowing PythonObject, isWritable: Bool, order: Order
    ) throws(PythonError) {
        // Of a memoryview, which does not change its answer once it has been checked; the C function does not check it.
        let view = try PythonObject(memoryViewOf: object)
        _ = try PythonBuffer(observing: view).layout
        try unsafe self.init(
            result: PyMemoryView_GetContiguous(
                view.pointer, isWritable ? PyBUF_WRITE : PyBUF_READ, order.character))
    }

    /// The object whose memory a memoryview shows; `nil` if it was made from plain memory.
    ///
    /// - Throws: `TypeError` for any other object, `ValueError` for a released memoryview.
    /// - Source: `PyMemoryView_GET_BASE`.
    public func memoryViewBase() throws(PythonError) -> PythonObject? {
        // Observing checks what the macro does not, and keeps the view from being released by another thread.
        let observed = try PythonBuffer(observing: self)
        guard let base = unsafe sb_memoryview_base(pointer) else { return nil }
        let object = unsafe PythonObject(borrowing: ObjectReference(pointer: base))
        _ = observed
        return object
    }
}
