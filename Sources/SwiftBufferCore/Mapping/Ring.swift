// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// Python's `swiftbuffer.Ring`: a ring buffer whose windows are contiguous, for one producer and one consumer.
///
/// Its memory is mapped twice, one after the other, so that a window that leaves the end of the first goes on in the
/// second, which is the start of the first. The two counts only grow, each changed by one side alone: what the producer
/// has written is visible to a consumer that sees its count (release and acquire), and the other way round.
final class Ring {
    /// How many items the ring has room for.
    let capacity: Int
    let format: String
    /// All of the memory, twice: a window is a part of one of these.
    private let writable: PythonObject
    private let readable: PythonObject
    private let written = Atomic<Int>(0)
    // The two sides do not share a line of the cache.
    private let apart = InlineArray<16, Int>(repeating: 0)
    private let read = Atomic<Int>(0)

    private init(
        capacity: Int, format: String, writable: consuming PythonObject, readable: consuming PythonObject
    ) {
        self.capacity = capacity
        self.format = format
        self.writable = writable
        self.readable = readable
    }

    /// A new ring with room for at least `count` items.
    static func make(
        count: Int, _ item: ItemFormat, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try ArrayObject.checkCanHold(item)
        guard count > 0 else { throw PythonError(.value, "a ring has room for at least one item, not \(count)") }
        guard item.format.itemsize > 0 else {
            throw PythonError(.value, "items of format '\(item.spelling)' have no bytes")
        }
        let capacity = try roundedUp(count, itemsize: item.format.itemsize)
        let byteCount = try MapFile.byteCount(of: [2, capacity], item, .c)
        var start: UnsafeMutableRawPointer?
        let result = unsafe sb_map_ring(byteCount / 2, &start)
        guard result >= 0, let address = unsafe start else { throw PythonError.system(-result) }
        let memory = unsafe BufferMemory(adopting: address, byteCount: byteCount) {
            unsafe sb_unmap(address, byteCount)
        }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: [2 * capacity], itemsize: item.format.itemsize)
        }
        let description = try BufferDescription(
            memory, offset: 0, layout: layout, item: item.format, format: item.spelling, isReadOnly: false)
        let writable = try ForeignMemory.view(of: description, for: module)
        let readable = try unsafe PythonObject(borrowing: writable.reference).attribute("toreadonly").call()
        return try Instance<Ring>.make(
            of: moduleObject(CoreState.ringType.rawValue, of: module),
            Ring(capacity: capacity, format: item.spelling, writable: writable, readable: readable))
    }

    /// The fewest items, not less than `count`, that fill whole pages.
    private static func roundedUp(_ count: Int, itemsize: Int) throws(PythonError) -> Int {
        let page = sb_page_size()
        var (common, rest) = (page, itemsize)
        while rest > 0 { (common, rest) = (rest, common % rest) }
        let unit = page / common
        let (capacity, overflow) = ((count - 1) / unit + 1).multipliedReportingOverflow(by: unit)
        guard !overflow else { throw PythonError(.overflow, "too many items") }
        return capacity
    }

    /// How many items can be read.
    var count: Int {
        // In this order a third thread, which sees both sides move, does not count below zero.
        let taken = read.load(ordering: .acquiring)
        return min(written.load(ordering: .acquiring) - taken, capacity)
    }

    /// How many items can be written.
    var room: Int { capacity - count }

    /// The items that can be read, at most so many; read-only.
    func readableWindow(atMost limit: Int) throws(PythonError) -> PythonObject {
        try Self.part(of: readable, from: read.load(ordering: .relaxed) % capacity, count: min(count, limit))
    }

    /// The room for items to be written, at most so many.
    func writableWindow(atMost limit: Int) throws(PythonError) -> PythonObject {
        try Self.part(of: writable, from: written.load(ordering: .relaxed) % capacity, count: min(room, limit))
    }

    private static func part(
        of whole: borrowing PythonObject, from start: Int, count: Int
    ) throws(PythonError) -> PythonObject {
        try unsafe whole.reference.slice(start..<start + count)
    }

    /// Hands written items to the consumer.
    func commit(_ count: Int) throws(PythonError) {
        let room = room
        guard (0...room).contains(count) else {
            throw PythonError(.value, "\(count) items cannot be committed: there is room for \(room)")
        }
        written.add(count, ordering: .releasing)
    }

    /// Hands the room of items to the producer.
    func consume(_ count: Int) throws(PythonError) {
        let readable = self.count
        guard (0...readable).contains(count) else {
            throw PythonError(.value, "\(count) items cannot be consumed: \(readable) can be read")
        }
        read.add(count, ordering: .releasing)
    }
}
