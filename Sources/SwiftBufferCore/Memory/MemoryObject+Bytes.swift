// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// The bytes of all items, contiguous.

extension MemoryObject {
    /// The items in `order` as `bytes`.
    func bytes(order: Order) throws(PythonError) -> PythonObject {
        try withExportPinned { (contents) throws(PythonError) in
            if contents.layout.isContiguous(contents.layout.resolved(order)),
                // Contiguous memory may have more bytes than its items take.
                contents.length < detachThreshold || (try? contents.layout.byteCount) != contents.length
            {
                return try unsafe PythonObject(copyingBytes: contents.address, count: contents.length)
            }
            let count = try raisingLayoutErrors { () throws(LayoutError) in try contents.layout.byteCount }
            return try unsafe PythonObject(byteCount: count) { (address) throws(PythonError) in
                try unsafe contents.copy(to: address, order: order)
            }
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
