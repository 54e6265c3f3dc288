// SPDX-License-Identifier: Apache-2.0
internal import KernelInterface

extension Kernels {
    /// The position of the first of `count` bytes at which the bytes of `pattern` begin, with `backwards` of the last,
    /// or nil.
    ///
    /// Positions at which the pattern's first and last byte match are found in vectors and compared; where too many of
    /// them do not match, the rest is searched by the algorithm of Crochemore and Perrin ("Two-way string-matching",
    /// 1991).
    ///
    /// - Complexity: linear in the number of bytes of both, without allocation.
    public static func firstIndex(
        ofBytes pattern: UnsafeRawPointer, count length: Int, in source: UnsafeRawPointer, count: Int,
        backwards: Bool = false
    ) -> Int? {
        guard length <= count else { return nil }
        guard length > 0 else { return backwards ? count : 0 }
        let pair = unsafe BytePair(
            first: pattern.load(as: UInt8.self), last: pattern.load(fromByteOffset: length &- 1, as: UInt8.self),
            distance: length &- 1)
        var (start, end) = (0, count &- length &+ 1)
        var wasted = 0
        while start < end {
            let found = unsafe loops.bytePair(pair, in: source, positions: start..<end, backwards: backwards)
            if found < 0 { return nil }
            if unsafe sameBytes(source + found, pattern, length) { return found }
            if backwards { end = found } else { start = found &+ 1 }
            // In units of a few cycles: the cost of a comparison's call, and of its bytes.
            wasted &+= 8 &+ length / 32
            if wasted > 4096 &+ (count &- (end &- start)) / 8 {
                let step = backwards ? -1 : 1
                let needle = unsafe ByteString(backwards ? pattern + (length &- 1) : pattern, length, step)
                let rest = end &- start &+ length &- 1
                let text = unsafe ByteString(
                    backwards ? source + (start &+ rest &- 1) : source + start, rest, step)
                guard let place = needle.firstIndex(in: text) else { return nil }
                return backwards ? start &+ rest &- length &- place : start &+ place
            }
        }
        return nil
    }
}

/// Bytes one after the other, from the last to the first if `step` is -1.
@safe
private struct ByteString {
    let start: UnsafeRawPointer
    let count: Int
    let step: Int

    init(_ start: UnsafeRawPointer, _ count: Int, _ step: Int) {
        unsafe self.start = start
        self.count = count
        self.step = step
    }

    /// - Precondition: `index` is at least zero and less than ``count``.
    subscript(index: Int) -> UInt8 { unsafe (start + index &* step).load(as: UInt8.self) }

    /// Where the maximal suffix begins, less one, and its period; by the order of bytes or the opposite one.
    private func maximalSuffix(reversed: Bool) -> (start: Int, period: Int) {
        var (suffix, j, k, period) = (-1, 0, 1, 1)
        while j &+ k < count {
            let (a, b) = (self[j &+ k], self[suffix &+ k])
            if a == b {
                if k == period {
                    j &+= period
                    k = 1
                } else {
                    k &+= 1
                }
            } else if reversed ? a > b : a < b {
                j &+= k
                k = 1
                period = j &- suffix
            } else {
                suffix = j
                j &+= 1
                (k, period) = (1, 1)
            }
        }
        return (suffix, period)
    }

    /// Where these bytes begin in `text` for the first time.
    func firstIndex(in text: ByteString) -> Int? {
        let (one, other) = (maximalSuffix(reversed: false), maximalSuffix(reversed: true))
        let (middle, suffixPeriod) = one.start > other.start ? one : other
        var isPeriodic = true
        var index = 0
        while isPeriodic && index <= middle && index &+ suffixPeriod < count {
            isPeriodic = self[index] == self[index &+ suffixPeriod]
            index &+= 1
        }
        isPeriodic = isPeriodic && index > middle
        let period = isPeriodic ? suffixPeriod : max(middle &+ 1, count &- middle &- 1) &+ 1
        var (place, known) = (0, -1)
        while place <= text.count &- count {
            var i = max(middle, known) &+ 1
            while i < count && self[i] == text[i &+ place] { i &+= 1 }
            if i < count {
                place &+= i &- middle
                known = -1
                continue
            }
            i = middle
            while i > known && self[i] == text[i &+ place] { i &-= 1 }
            if i <= known { return place }
            place &+= period
            // The part that this position and the next have in common has been compared.
            known = isPeriodic ? count &- period &- 1 : -1
        }
        return nil
    }
}
