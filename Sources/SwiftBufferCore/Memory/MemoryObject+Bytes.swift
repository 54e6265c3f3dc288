internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// The items one after the other, as bytes.

extension MemoryObject {
    /// The items in `order` as `bytes`.
    func bytes(order: Order) throws(PythonError) -> PythonObject {
        try withExportPinned { (contents) throws(PythonError) in
            if contents.layout.isContiguous(contents.layout.resolved(order)),
                // Contiguous memory may have more bytes than its items take.
                contents.length < detachThreshold || (try? contents.layout.byteCount) != contents.length
            {
                return try unsafe PythonObject(
                    result: PyBytes_FromStringAndSize(
                        contents.address.assumingMemoryBound(to: CChar.self), contents.length))
            }
            let count = try raisingLayoutErrors { () throws(LayoutError) in try contents.layout.byteCount }
            let bytes = try unsafe PythonObject(result: PyBytes_FromStringAndSize(nil, count))
            try unsafe contents.copy(to: UnsafeMutableRawPointer(sb_bytes_address(bytes.pointer)), order: order)
            return bytes
        }
    }
}

extension MemoryObject.Contents {
    /// Copies the items to contiguous memory in `order`.
    ///
    /// - Precondition: `destination` has room for the bytes of all items, and is not part of this memory.
    func copy(to destination: UnsafeMutableRawPointer, order: Order) throws(PythonError) {
        let source = layout
        let packed = try raisingLayoutErrors { () throws(LayoutError) in try source.contiguous(order) }
        let from = unsafe UnsafeRawPointer(address)
        try detached(if: length >= detachThreshold) { () throws(KernelError) in
            try unsafe Kernels.copy(from: from, layout: source, to: destination, layout: packed.view)
        }
    }
}

/// Work on at least this many bytes lets other threads run meanwhile.
let detachThreshold = 1 << 20

/// Runs a kernel, without the GIL if `condition` holds, and turns what it throws into a Python exception.
///
/// - Precondition: `body` touches no Python object, and what it works on is held.
func detached(
    if condition: Bool, _ body: () throws(KernelError) -> Void
) throws(PythonError) {
    do {
        if condition { try Python.detach(body) } else { try body() }
    } catch {
        switch error {
        case .outOfMemory: throw PythonError.outOfMemory()
        case .inexact(let index):
            throw PythonError(.value, "the conversion would lose the value of item \(index), counted in C order")
        case .outOfRange(let index):
            throw PythonError(
                .outOfRange, "item \(index), counted in C order, is out of the range of the new format")
        }
    }
}
