// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    @inline(never)
    package static func copyRows(_ grid: Grid, streaming: Bool) {
        let (source, destination) = unsafe (grid.source, grid.destination)
        let (sourceRow, destinationRow) = unsafe (grid.sourceRow, grid.destinationRow)
        let count = unsafe grid.rows
        let byteCount = unsafe grid.columns &* grid.itemsize
        if streaming && byteCount >= 512 {
            for r in 0..<count {
                unsafe streamRun(source + r &* sourceRow, destination + r &* destinationRow, byteCount)
            }
            ks_stream_fence()
        } else if byteCount >= 16 && byteCount <= 128 {
            // Short runs: whole vectors, the last of which overlaps the one before it, are faster than a call of memcpy.
            for r in 0..<count {
                let s = unsafe source + r &* sourceRow
                let d = unsafe destination + r &* destinationRow
                var i = 0
                while i < byteCount {
                    let at = min(i, byteCount &- 16)
                    unsafe d.storeBytes(
                        of: s.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self), toByteOffset: at,
                        as: SIMD2<UInt64>.self)
                    i &+= 16
                }
            }
        } else {
            for r in 0..<count {
                unsafe (destination + r &* destinationRow).copyMemory(
                    from: source + r &* sourceRow, byteCount: byteCount)
            }
        }
    }
}

/// Copies the aligned cache lines of a run by non-temporal stores, and its ends by ordinary ones.
@inline(__always)
private func streamRun(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ byteCount: Int) {
    let head = Int(bitPattern: (0 &- UInt(bitPattern: destination)) & 63)
    unsafe destination.copyMemory(from: source, byteCount: head)
    var i = head
    while i &+ 64 <= byteCount {
        unsafe ks_stream_line(destination + i, source + i)
        i &+= 64
    }
    unsafe (destination + i).copyMemory(from: source + i, byteCount: byteCount &- i)
}
