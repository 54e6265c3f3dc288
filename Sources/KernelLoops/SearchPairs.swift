// SPDX-License-Identifier: Apache-2.0
package import KernelInterface

extension Loops {
    @inline(never)
    package static func bytePair(
        _ pair: BytePair, in bytes: UnsafeRawPointer, positions: Range<Int>, backwards: Bool
    ) -> Int {
        let (start, end) = (positions.lowerBound, positions.upperBound)
        if backwards {
            var high = end
            while high > start {
                let low = max(high &- 128, start)
                if unsafe pair.matches(in: bytes, from: low, to: high) != 0 {
                    var i = high &- 1
                    while unsafe !pair.matches(bytes, at: i) { i &-= 1 }
                    return i
                }
                high = low
            }
            return -1
        }
        var low = start
        while low < end {
            let high = min(low &+ 128, end)
            if unsafe pair.matches(in: bytes, from: low, to: high) != 0 {
                var i = low
                while unsafe !pair.matches(bytes, at: i) { i &+= 1 }
                return i
            }
            low = high
        }
        return -1
    }
}

extension BytePair {
    @inline(__always)
    fileprivate func matches(_ bytes: UnsafeRawPointer, at i: Int) -> Bool {
        let a = unsafe bytes.loadUnaligned(fromByteOffset: i, as: UInt8.self)
        let b = unsafe bytes.loadUnaligned(fromByteOffset: i &+ distance, as: UInt8.self)
        return (a ^ first) | (b ^ last) == 0
    }

    /// Not zero if the pair begins at any of at most 128 positions; without branches, so that the loop is vectorised.
    @inline(__always)
    fileprivate func matches(in bytes: UnsafeRawPointer, from start: Int, to end: Int) -> UInt8 {
        var found: UInt8 = 0
        var i = start
        while i < end {
            found |= unsafe matches(bytes, at: i) ? 1 : 0
            i &+= 1
        }
        return found
    }
}
