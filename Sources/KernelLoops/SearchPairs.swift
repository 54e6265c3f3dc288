extension Loops {
    /// The first position from `start` up to `end` at which one byte is `first` and the byte `distance` after it is `last`,
    /// with `backwards` the last such position; -1 if there is none.
    ///
    /// - Precondition: there are `end + distance` bytes at `p`.
    @inline(never)
    public static func bytePair(
        _ p: UnsafeRawPointer, _ distance: Int, _ first: UInt8, _ last: UInt8, _ start: Int, _ end: Int,
        _ backwards: Bool
    ) -> Int {
        let q = unsafe p + distance
        if backwards {
            var high = end
            while high > start {
                let low = max(high &- 128, start)
                if unsafe pairs(p, q, first, last, low, high) != 0 {
                    var i = high &- 1
                    while unsafe byte(p, i) != first || byte(q, i) != last { i &-= 1 }
                    return i
                }
                high = low
            }
            return -1
        }
        var low = start
        while low < end {
            let high = min(low &+ 128, end)
            if unsafe pairs(p, q, first, last, low, high) != 0 {
                var i = low
                while unsafe byte(p, i) != first || byte(q, i) != last { i &+= 1 }
                return i
            }
            low = high
        }
        return -1
    }
}

@inline(__always)
private func byte(_ p: UnsafeRawPointer, _ offset: Int) -> UInt8 {
    unsafe p.loadUnaligned(fromByteOffset: offset, as: UInt8.self)
}

/// How many of at most 128 positions match, counted without branching so that the loop is vectorised.
@inline(__always)
private func pairs(
    _ p: UnsafeRawPointer, _ q: UnsafeRawPointer, _ first: UInt8, _ last: UInt8, _ start: Int, _ end: Int
) -> UInt8 {
    var found: UInt8 = 0
    var i = start
    while i < end {
        found |= unsafe (byte(p, i) ^ first) | (byte(q, i) ^ last) == 0 ? 1 : 0
        i &+= 1
    }
    return found
}
