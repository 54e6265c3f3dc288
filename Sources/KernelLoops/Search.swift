// SPDX-License-Identifier: Apache-2.0
package import KernelInterface

extension Loops {
    @inline(never)
    package static func countMatches(of pattern: BitPattern, in items: UnsafeRawPointer, count: Int) -> Int {
        switch pattern.width {
        case 1: unsafe matchCount(of: Pattern<UInt8>(pattern), in: items, count: count)
        case 2: unsafe matchCount(of: Pattern<UInt16>(pattern), in: items, count: count)
        case 3: unsafe countMatches24(of: pattern, in: items, count: count)
        case 4: unsafe matchCount(of: Pattern<UInt32>(pattern), in: items, count: count)
        default: unsafe matchCount(of: Pattern<UInt64>(pattern), in: items, count: count)
        }
    }

    @inline(never)
    package static func firstMatch(of pattern: BitPattern, in items: UnsafeRawPointer, count: Int) -> Int {
        switch pattern.width {
        case 1: unsafe matchIndex(of: Pattern<UInt8>(pattern), in: items, count: count)
        case 2: unsafe matchIndex(of: Pattern<UInt16>(pattern), in: items, count: count)
        case 3: unsafe firstMatch24(of: pattern, in: items, count: count)
        case 4: unsafe matchIndex(of: Pattern<UInt32>(pattern), in: items, count: count)
        default: unsafe matchIndex(of: Pattern<UInt64>(pattern), in: items, count: count)
        }
    }
}

/// A ``BitPattern`` in integers of its width.
private struct Pattern<Item: FixedWidthInteger & BitwiseCopyable> {
    let mask, bits: Item

    @inline(__always)
    init(_ pattern: BitPattern) {
        mask = Item(truncatingIfNeeded: pattern.mask)
        bits = Item(truncatingIfNeeded: pattern.bits)
    }

    @inline(__always)
    func matches(_ p: UnsafeRawPointer, at i: Int) -> Bool {
        unsafe p.loadUnaligned(fromByteOffset: i &* MemoryLayout<Item>.size, as: Item.self) & mask == bits
    }
}

@inline(__always)
private func matches<Item>(_ pattern: Pattern<Item>, in p: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    // Counted in the item's own width, so that all vector lanes are used: blocks are at most 128 items long.
    var found: Item = 0
    var i = start
    while i < end {
        found &+= unsafe pattern.matches(p, at: i) ? 1 : 0
        i &+= 1
    }
    return Int(truncatingIfNeeded: found)
}

@inline(__always)
private func matchCount<Item>(of pattern: Pattern<Item>, in p: UnsafeRawPointer, count: Int) -> Int {
    var total = 0
    var i = 0
    while i < count {
        let end = min(i &+ 128, count)
        unsafe total &+= matches(pattern, in: p, from: i, to: end)
        i = end
    }
    return total
}

@inline(__always)
private func matchIndex<Item>(of pattern: Pattern<Item>, in p: UnsafeRawPointer, count: Int) -> Int {
    var i = 0
    while i < count {
        let end = min(i &+ 128, count)
        if unsafe matches(pattern, in: p, from: i, to: end) != 0 {
            while unsafe !pattern.matches(p, at: i) { i &+= 1 }
            return i
        }
        i = end
    }
    return -1
}

// Items of three bytes, mask and bits too, are searched as integers of four, whose upper byte is zero.

private func countMatches24(of pattern: BitPattern, in p: UnsafeRawPointer, count: Int) -> Int {
    let pattern = Pattern<UInt32>(pattern)
    var total = 0
    unsafe forEachBlock24(p, count) { block, _, part in
        unsafe total &+= matchCount(of: pattern, in: block, count: part)
        return true
    }
    return total
}

private func firstMatch24(of pattern: BitPattern, in p: UnsafeRawPointer, count: Int) -> Int {
    let pattern = Pattern<UInt32>(pattern)
    var found = -1
    unsafe forEachBlock24(p, count) { block, start, part in
        let match = unsafe matchIndex(of: pattern, in: block, count: part)
        if match >= 0 { found = start &+ match }
        return match < 0
    }
    return found
}
