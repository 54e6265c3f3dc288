// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels

/// A block of this process's own memory, aligned to 64 bytes, with one owner: it is freed when this value ends.
///
/// It may be exchanged for a larger one, which is what growing is; memory of any other origin cannot.
@safe
package struct MemoryBlock: ~Copyable {
    package let start: UnsafeMutableRawPointer
    package let byteCount: Int

    /// - Throws: `MemoryError`, also for a negative count.
    package init(byteCount: Int, zeroed: Bool) throws(PythonError) {
        unsafe start = try raisingKernelErrors { () throws(KernelError) in
            try unsafe Kernels.allocate(byteCount: byteCount, zeroed: zeroed)
        }
        self.byteCount = byteCount
    }

    /// Takes back what ``intoPointer()`` handed out.
    ///
    /// - Precondition: `start` was that of a block of `byteCount` bytes, and is taken back once.
    @unsafe
    @inlinable package init(owning start: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe self.start = start
        self.byteCount = byteCount
    }

    deinit {
        unsafe Kernels.deallocate(start, byteCount: byteCount)
    }

    /// Hands the block over to a caller who keeps it in a C structure.
    @inlinable package consuming func intoPointer() -> UnsafeMutableRawPointer {
        let start = unsafe start
        discard self
        return unsafe start
    }
}
