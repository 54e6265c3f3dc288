// SPDX-License-Identifier: Apache-2.0
internal import KernelShims

extension Kernels {
    /// Blocks of at least this many bytes are mapped from the system, on huge pages where it has them.
    static let hugeThreshold = 4 << 20

    /// Allocates a block of `byteCount` bytes (0 is allowed) aligned to 64 bytes, its bytes zero if `zeroed` and
    /// unspecified otherwise. Release it with ``deallocate(_:byteCount:)``, never with `free`.
    ///
    /// - Throws: ``KernelError/outOfMemory(byteCount:)``, also for a negative count.
    public static func allocate(byteCount: Int, zeroed: Bool = false) throws(KernelError) -> UnsafeMutableRawPointer {
        guard byteCount >= 0, let block = unsafe ks_allocate(byteCount, zeroed, hugeThreshold) else {
            throw .outOfMemory(byteCount: byteCount)
        }
        return unsafe block
    }

    /// Releases what ``allocate(byteCount:zeroed:)`` returned for the same `byteCount`.
    public static func deallocate(_ block: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe ks_deallocate(block, byteCount, hugeThreshold)
    }
}
