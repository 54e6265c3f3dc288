extension Loops {
    /// Counts the items `x` of `count` with `x & mask == pattern`, where items, mask and pattern are `width` bytes
    /// (1, 2, 3, 4 or 8).
    @inline(never)
    public static func countMatches(
        _ p: UnsafeRawPointer, _ width: Int, _ mask: UInt64, _ pattern: UInt64, _ count: Int
    ) -> Int {
        switch width {
        case 1: unsafe matchCount(UInt8.self, p, mask, pattern, count)
        case 2: unsafe matchCount(UInt16.self, p, mask, pattern, count)
        case 3: unsafe countMatches24(p, mask, pattern, count)
        case 4: unsafe matchCount(UInt32.self, p, mask, pattern, count)
        default: unsafe matchCount(UInt64.self, p, mask, pattern, count)
        }
    }

    /// The index of the first item `x` of `count` with `x & mask == pattern`, or -1; as ``countMatches``.
    @inline(never)
    public static func firstMatch(
        _ p: UnsafeRawPointer, _ width: Int, _ mask: UInt64, _ pattern: UInt64, _ count: Int
    ) -> Int {
        switch width {
        case 1: unsafe matchIndex(UInt8.self, p, mask, pattern, count)
        case 2: unsafe matchIndex(UInt16.self, p, mask, pattern, count)
        case 3: unsafe firstMatch24(p, mask, pattern, count)
        case 4: unsafe matchIndex(UInt32.self, p, mask, pattern, count)
        default: unsafe matchIndex(UInt64.self, p, mask, pattern, count)
        }
    }
}

@inline(__always)
private func matches<Item: FixedWidthInteger & BitwiseCopyable>(
    _ p: UnsafeRawPointer, _ mask: Item, _ pattern: Item, _ start: Int, _ end: Int
) -> Int {
    // Counted in the item's own width, which keeps all vector lanes of use: blocks are at most 128 items long.
    var found: Item = 0
    var i = start
    while i < end {
        let x = unsafe p.loadUnaligned(fromByteOffset: i &* MemoryLayout<Item>.size, as: Item.self)
        found &+= x & mask == pattern ? 1 : 0
        i &+= 1
    }
    return Int(truncatingIfNeeded: found)
}

@inline(__always)
private func matchCount<Item: FixedWidthInteger & BitwiseCopyable>(
    _: Item.Type, _ p: UnsafeRawPointer, _ mask: UInt64, _ pattern: UInt64, _ count: Int
) -> Int {
    let mask = Item(truncatingIfNeeded: mask)
    let pattern = Item(truncatingIfNeeded: pattern)
    var total = 0
    var i = 0
    while i < count {
        let end = min(i &+ 128, count)
        unsafe total &+= matches(p, mask, pattern, i, end)
        i = end
    }
    return total
}

@inline(__always)
private func matchIndex<Item: FixedWidthInteger & BitwiseCopyable>(
    _: Item.Type, _ p: UnsafeRawPointer, _ mask: UInt64, _ pattern: UInt64, _ count: Int
) -> Int {
    let mask = Item(truncatingIfNeeded: mask)
    let pattern = Item(truncatingIfNeeded: pattern)
    var i = 0
    while i < count {
        let end = min(i &+ 128, count)
        if unsafe matches(p, mask, pattern, i, end) != 0 {
            while unsafe p.loadUnaligned(fromByteOffset: i &* MemoryLayout<Item>.size, as: Item.self) & mask != pattern
            {
                i &+= 1
            }
            return i
        }
        i = end
    }
    return -1
}

// Items of three bytes, mask and pattern too, are looked at as integers of four, of which the upper byte is zero.

private func countMatches24(_ p: UnsafeRawPointer, _ mask: UInt64, _ pattern: UInt64, _ count: Int) -> Int {
    var total = 0
    unsafe forEachBlock24(p, count) { block, _, part in
        unsafe total &+= matchCount(UInt32.self, block, mask, pattern, part)
        return true
    }
    return total
}

private func firstMatch24(_ p: UnsafeRawPointer, _ mask: UInt64, _ pattern: UInt64, _ count: Int) -> Int {
    var found = -1
    unsafe forEachBlock24(p, count) { block, start, part in
        let match = unsafe matchIndex(UInt32.self, block, mask, pattern, part)
        if match >= 0 { found = start &+ match }
        return match < 0
    }
    return found
}
