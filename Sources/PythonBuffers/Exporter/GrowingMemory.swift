// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Items that grow at their end: memory with room to spare, so that appending *n* items costs O(*n*) on average.
///
/// ```swift
/// struct Recording: BufferExporter {
///     var samples = GrowingMemory<Float>()
///     func describeBuffer() throws(PythonError) -> BufferDescription { try samples.description() }
///     mutating func append(_ added: Span<Float>) throws(PythonError) { try samples.append(contentsOf: added) }
/// }
/// ```
///
/// In Python `append` is a `Resizing` method, which is refused while exports are outstanding.
///
/// It is a value: a copy does not see what is appended to another, and a method that throws takes back what it appended.
/// Items that copies have in common are shared, so that writing one of them is seen through all, as through Python.
public struct GrowingMemory<Element: DirectBufferElement> {
    /// The number of items.
    public private(set) var count = 0
    private var block: Block?
    /// What is described before there is a block: the same memory each time.
    private let nothing = unsafe BufferMemory(adopting: nil, byteCount: 0) {}

    /// Memory, and how many of its items some copy has.
    private final class Block {
        let memory: BufferMemory
        let capacity: Int
        private let used: Atomic<Int>

        init(capacity: Int, used: Int) throws(PythonError) {
            memory = try BufferMemory(count: capacity, of: Element.self)
            self.capacity = capacity
            self.used = Atomic(used)
        }

        /// Takes the places behind the first `count`; false where another copy has taken them, or there are too few.
        func take(_ added: Int, after count: Int) -> Bool {
            capacity - count >= added
                && used.compareExchange(
                    expected: count, desired: count + added, ordering: .relaxed
                ).exchanged
        }
    }

    /// Memory without items.
    public init() {}

    /// How many items there is room for.
    public var capacity: Int { block?.capacity ?? 0 }

    /// Makes room for so many items in all, so that appending them moves none.
    ///
    /// - Throws: `MemoryError`, also for a number that is too large.
    public mutating func reserveCapacity(_ capacity: Int) throws(PythonError) {
        if capacity > self.capacity { block = try copied(capacity: capacity) }
    }

    /// Appends an item.
    ///
    /// - Throws: `MemoryError`, with nothing changed.
    public mutating func append(_ item: Element) throws(PythonError) {
        let place = try grow(by: 1)
        try block?.memory.withMutableSpan(of: Element.self) { (items) throws(PythonError) in items[place] = item }
    }

    /// Appends items, which may be these.
    ///
    /// - Throws: `MemoryError`, with nothing changed.
    public mutating func append(contentsOf new: Span<Element>) throws(PythonError) {
        if new.isEmpty { return }
        let place = try grow(by: new.count)
        try block?.memory.withMutableSpan(of: Element.self) { (items) throws(PythonError) in
            for index in new.indices { items[place + index] = new[index] }
        }
    }

    /// Drops the items behind the first `count`, if there are more; their memory stays reserved.
    ///
    /// - Precondition: `count` is not negative.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0, "memory has no negative length")
        self.count = min(self.count, count)
    }

    /// Runs `body` with the items, to be read.
    public func withSpan<Result: ~Copyable, Failure: Error>(
        _ body: (Span<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let block else { return try body(Span()) }
        let memory = block.memory
        let items = memory.span(of: Element.self)
        return try body(items.extracting(first: count))
    }

    /// Runs `body` with the items, to be written.
    public func withMutableSpan<Result: ~Copyable>(
        _ body: (inout MutableSpan<Element>) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        guard let block else {
            var none = MutableSpan<Element>()
            return try body(&none)
        }
        return try block.memory.withMutableSpan(of: Element.self) { (items) throws(PythonError) in
            // Behind these are items of other copies, and room to spare.
            let mine = unsafe items.withUnsafeMutableBufferPointer { $0.extracting(..<count) }
            var span = unsafe MutableSpan(_unsafeElements: mine)
            return try body(&span)
        }
    }

    /// The items as they are described to Python: one axis.
    public func description() throws(PythonError) -> BufferDescription {
        try BufferDescription(block?.memory ?? nothing, shape: [count], of: Element.self)
    }

    /// Makes place for further items; returns where they begin.
    private mutating func grow(by added: Int) throws(PythonError) -> Int {
        let place = count
        let (total, overflows) = count.addingReportingOverflow(added)
        guard !overflows else { throw PythonError(.memory, "\(added) more items exceed the address space") }
        if block?.take(added, after: place) != true {
            let larger = try copied(capacity: max(total, capacity + capacity / 2, 16))
            // No other copy knows it yet.
            _ = larger.take(added, after: place)
            block = larger
        }
        count = total
        return place
    }

    private func copied(capacity: Int) throws(PythonError) -> Block {
        let fresh = try Block(capacity: capacity, used: count)
        try withSpan { (items) throws(PythonError) in
            try fresh.memory.withMutableSpan(of: Element.self) { (copy) throws(PythonError) in
                for index in items.indices { copy[index] = items[index] }
            }
        }
        return fresh
    }
}
