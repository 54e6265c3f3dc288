// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import PythonBuffers

/// A block of memory of its own, all zero at first and aligned to 16 bytes.
///
/// The system allocates it, and refuses what it does not have; the allocator of a CPython without a GIL does not.
@safe
final class TestBlock {
    let start: UnsafeMutableRawPointer
    let byteCount: Int

    /// - Throws: `MemoryError`.
    init(byteCount: Int) throws(PythonError) {
        guard let start = unsafe PyMem_RawCalloc(1, max(byteCount, 1)) else { throw PythonError.outOfMemory(byteCount) }
        unsafe self.start = start
        self.byteCount = byteCount
    }

    deinit {
        unsafe PyMem_RawFree(start)
    }

    /// Copies bytes into the block.
    ///
    /// - Precondition: the block has room for them at `offset`.
    func write(_ bytes: RawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount <= byteCount - offset, "more bytes than the block has")
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: $0.count).copyMemory(from: $0)
        }
    }
}
