// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput
import Interchange
import InterchangeShims

/// Arrays of Arrow's: trees of lists of a fixed size, with the validity bits and the items that each level says it has.
struct ArrowRun {
    /// One level, as its structures say it is.
    private struct Level {
        var length: Int
        var offset: Int
        var nullCount: Int
        /// The items of each list; of the last level, the bytes of an item.
        var size: Int
        var format: String?
        /// Whether each item from the first is there; as many as there are items before the last one.
        var validity: [Bool]?

        /// Whether the last level has a block for all the items that it says it has.
        var isAllocated: Bool { (0...4096).contains(offset) && (0...4096).contains(length) }
    }

    private static let items: [(format: String, size: Int)] = [
        ("c", 1), ("C", 1), ("s", 2), ("I", 4), ("l", 8), ("e", 2), ("f", 4), ("g", 8), ("w:3", 3), ("w:0", 0),
    ]

    static func run(_ choices: inout Choices, _ memory: inout Memory) {
        var levels = tree(&choices)
        let isChanged = choices.chance(50)
        if isChanged { for _ in 0..<choices.int(1...3) { spoil(&levels, &choices) } }
        let fault = isChanged && choices.flip() ? choices.int(0...8) : nil
        if fault == 6 || fault == 7 {
            // Without buffers, no item is missing.
            for level in levels.indices { levels[level].validity = nil }
        }
        let (schema, array, data) = unsafe build(levels, fault, &choices, &memory)
        guard let reading = unsafe try? ArrowReading(schema, array) else {
            let missing = levels.contains { $0.nullCount != 0 && $0.validity?.contains(false) == true }
            require(isChanged || missing || levels.count > maximumDimensions, "\(levels) was refused")
            return
        }
        unsafe check(reading, levels, data)
    }

    /// Levels that fit each other.
    private static func tree(_ choices: inout Choices) -> [Level] {
        var levels: [Level] = []
        var needed = choices.int(0...4)
        let depth = choices.chance(95) ? choices.int(0...3) : choices.int(60...66)
        for level in 0...depth {
            let offset = choices.chance(70) ? 0 : choices.int(0...3)
            let isLast = level == depth
            let item = choices.pick(items)
            let size = isLast ? item.size : depth > 8 ? 1 : choices.int(0...3)
            let length = needed + (level == 0 ? 0 : choices.int(0...2))
            var made = Level(
                length: length, offset: offset, nullCount: choices.pick([0, 0, 0, -1, 1]), size: size,
                format: isLast ? item.format : "+w:\(size)", validity: nil)
            if choices.chance(30) {
                let isFull = choices.chance(70)
                made.validity = (0..<offset + length).map { _ in isFull || choices.chance(90) }
            }
            levels.append(made)
            needed = (offset + length) * size
        }
        return levels
    }

    /// Changes what a level says, to something that may not fit.
    private static func spoil(_ levels: inout [Level], _ choices: inout Choices) {
        let level = choices.int(0...levels.count - 1)
        let number = choices.flip() ? choices.int(-2...9) : choices.wild()
        switch choices.int(0...5) {
        case 0: levels[level].length = number
        case 1: levels[level].offset = number
        case 2: levels[level].nullCount = number
        case 3: levels[level].format = "+w:\(number)"
        case 4:
            levels[level].format = choices.pick([
                nil, "", "b", "u", "+l", "+s", "w:", "w:-1", "+w:", "+w:x", "w:\(number)",
            ])
        default: levels[level].format = choices.pick(items).format
        }
        // There are as many bits as items: of more than can be allocated, none are written down.
        let (end, overflow) = levels[level].offset.addingReportingOverflow(levels[level].length)
        guard let validity = levels[level].validity, !overflow, (0...4096).contains(end), levels[level].offset >= 0
        else {
            levels[level].validity = nil
            return
        }
        levels[level].validity = (0..<end).map { $0 < validity.count ? validity[$0] : true }
    }

    private static func build(
        _ levels: [Level], _ fault: Int?, _ choices: inout Choices, _ memory: inout Memory
    ) -> (UnsafeMutablePointer<SBArrowSchema>, UnsafeMutablePointer<SBArrowArray>, UnsafeMutableRawPointer?) {
        var schema: UnsafeMutablePointer<SBArrowSchema>?
        var array: UnsafeMutablePointer<SBArrowArray>?
        var data: UnsafeMutableRawPointer?
        let faulty = choices.int(0...levels.count - 1)
        for (index, level) in levels.enumerated().reversed() {
            let isLast = index == levels.count - 1
            let here = index == faulty ? fault : nil
            var buffers: [UnsafeRawPointer?] = unsafe [
                level.validity.map { unsafe UnsafeRawPointer(bits($0, &memory)) }
            ]
            if isLast {
                let size = level.isAllocated ? (level.offset + level.length) * level.size : 1
                unsafe data = here == 0 ? nil : memory.bytes(size)
                unsafe buffers.append(data)
            }
            var children = unsafe schema.map { unsafe [$0] } ?? []
            var arrays = unsafe array.map { unsafe [$0] } ?? []
            if here == 1, let child = unsafe children.first, let items = unsafe arrays.first {
                unsafe children.append(child)
                unsafe arrays.append(items)
            }
            let release = here != 2
            let madeSchema = unsafe SBArrowSchema(
                format: level.format.map { unsafe UnsafePointer(memory.copy($0.utf8CString.map { $0 })) }, name: nil,
                metadata: nil, flags: 0, child_count: Int64(here == 3 ? 1 : children.count),
                children: here == 4 || children.isEmpty ? nil : memory.copy(children.map { unsafe Optional($0) }),
                dictionary: here == 5 ? schema : nil, release: release ? { _ in } : nil, context: nil)
            let madeArray = unsafe SBArrowArray(
                length: Int64(level.length), null_count: Int64(level.nullCount), offset: Int64(level.offset),
                buffer_count: Int64(here == 6 ? buffers.count - 1 : buffers.count),
                child_count: Int64(arrays.count),
                buffers: here == 7 ? nil : memory.copy(buffers),
                children: arrays.isEmpty ? nil : memory.copy(arrays.map { unsafe Optional($0) }),
                dictionary: here == 8 ? array : nil, release: release ? { _ in } : nil, context: nil)
            unsafe schema = memory.copy([madeSchema])
            unsafe array = memory.copy([madeArray])
        }
        return unsafe (schema!, array!, data)
    }

    private static func bits(_ values: [Bool], _ memory: inout Memory) -> UnsafeMutablePointer<UInt8> {
        var packed = [UInt8](repeating: 0, count: (values.count + 7) / 8)
        for (index, value) in values.enumerated() where value { packed[index / 8] |= 1 << UInt8(index % 8) }
        return unsafe memory.copy(packed)
    }

    /// What was accepted, against the levels in numbers that hold all products.
    private static func check(_ reading: ArrowReading, _ levels: [Level], _ data: UnsafeMutableRawPointer?) {
        // A level whose format was changed may be the last one now.
        let depth = reading.shape.count
        require(depth <= levels.count, "\(reading.shape) of \(levels)")
        require(reading.shape[0] == levels[0].length, "\(reading.shape) of \(levels)")
        var (start, count) = (Int128(levels[0].offset), Int128(levels[0].length))
        for index in 1..<max(depth, 1) {
            let size = Int128(reading.shape[index])
            require(levels[index - 1].format == "+w:\(reading.shape[index])", "\(reading.shape) of \(levels)")
            requireItems(levels[index - 1], start, count)
            (start, count) = (start * size, count * size)
            require(start + count <= Int128(levels[index].length), "\(reading.shape) of \(levels)")
            start += Int128(levels[index].offset)
        }
        let last = levels[depth - 1]
        requireItems(last, start, count)
        let itemsize = Int128(reading.format.itemsize)
        require(Int128(reading.byteCount) == count * itemsize, "\(reading.byteCount) bytes of \(levels)")
        guard let address = unsafe reading.address else {
            require(reading.byteCount == 0, "no address of \(reading.byteCount) bytes")
            return
        }
        require(
            Int128(UInt(bitPattern: address)) == Int128(UInt(bitPattern: data)) + start * itemsize,
            "the items of \(levels) begin elsewhere")
        // AddressSanitizer knows where the block ends, which is as large as the last level says it is.
        guard Int(itemsize) == last.size, depth == levels.count, last.isAllocated else { return }
        for byte in 0..<reading.byteCount { unsafe (address + byte).storeBytes(of: 1, as: UInt8.self) }
    }

    /// Whether all items that are shown are there.
    private static func requireItems(_ level: Level, _ start: Int128, _ count: Int128) {
        guard let validity = level.validity, level.nullCount != 0, count > 0 else { return }
        require(!validity[Int(start)..<Int(start + count)].contains(false), "\(level) has missing items")
    }
}
