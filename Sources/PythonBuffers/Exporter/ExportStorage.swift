internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import Synchronization

/// What a Python object of an author's exporter type holds: the author's value, and the description that the object's
/// record shows at the moment.
///
/// The type-erased half, which the C callbacks use.
class ExportStorage {
    /// The type of the author's value.
    let valueType: ObjectIdentifier
    private var shown: ShownDescription?
    /// Whether the value cannot be described as it is, so that buffers are refused.
    var isOutdated = false
    /// How many calls read the value at the moment; -1 while one changes it.
    private let users = Atomic<Int>(0)

    init(of valueType: ObjectIdentifier) {
        self.valueType = valueType
    }

    /// Shows the Python objects that the author's value keeps.
    func visitObjects(_ visitor: inout ObjectVisitor) {}

    /// As ``visitObjects(_:)``, unless a call is changing the value, which then keeps its objects alive.
    func visitIfIdle(_ visitor: inout ObjectVisitor) {
        if users.load(ordering: .acquiring) >= 0 { visitObjects(&visitor) }
    }

    /// The description that the author's value gives.
    func describe() throws(PythonError) -> BufferDescription {
        throw PythonError(.system, "an exporter without a value")
    }

    /// The memory that the record shows; `nil` before it shows any.
    var memory: BufferMemory? { shown?.description.memory }

    /// Runs `body` while no other call changes the value.
    func reading<Result: ~Copyable>(_ body: () throws(PythonError) -> Result) throws(PythonError) -> Result {
        var count = users.load(ordering: .relaxed)
        while true {
            guard count >= 0 else { throw Self.inUse }
            let (exchanged, found) = users.compareExchange(
                expected: count, desired: count + 1, ordering: .acquiring)
            if exchanged { break }
            count = found
        }
        defer { users.subtract(1, ordering: .releasing) }
        return try body()
    }

    /// Runs `body` while no other call uses the value.
    func changing<Result: ~Copyable>(_ body: () throws(PythonError) -> Result) throws(PythonError) -> Result {
        guard users.compareExchange(expected: 0, desired: -1, ordering: .acquiring).exchanged else { throw Self.inUse }
        defer { users.store(0, ordering: .releasing) }
        return try body()
    }

    private static var inUse: PythonError {
        PythonError(.runtime, "the object is in use by another call; call again when that has ended")
    }

    /// Whether the value still describes what the record shows.
    func isShown(_ description: BufferDescription) -> Bool {
        shown?.description.isSame(as: description) ?? false
    }

    /// Makes the record show `description`.
    ///
    /// - Precondition: no export of the object is outstanding, and none is granted until this returns.
    func show(_ description: BufferDescription, in record: UnsafeMutablePointer<SBRecord>) throws(PythonError) {
        let next = try ShownDescription(description)
        unsafe next.fill(record)
        // The old memory may end here.
        shown = next
    }
}

/// A description with its numbers and text at addresses that stay, as a record needs them.
@safe
private final class ShownDescription {
    let description: BufferDescription
    /// Shape, strides and suboffsets, and behind them the format.
    private let dimensions: UnsafeMutablePointer<Int>
    private let format: UnsafeMutablePointer<CChar>
    private let facts: LayoutSummary

    init(_ description: BufferDescription) throws(PythonError) {
        let layout = description.layout
        facts = layout.summary
        self.description = description
        let (numberCount, text) = (3 * layout.ndim, description.format.utf8)
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: numberCount * MemoryLayout<Int>.stride + text.count + 1, alignment: MemoryLayout<Int>.alignment)
        unsafe dimensions = block.bindMemory(to: Int.self, capacity: numberCount)
        unsafe format = UnsafeMutableRawPointer(dimensions + numberCount)
            .bindMemory(to: CChar.self, capacity: text.count + 1)
        unsafe SBRecord.storeDimensions(of: layout.view, at: dimensions)
        var end = unsafe format
        for unit in text {
            unsafe end.initialize(to: CChar(bitPattern: unit))
            unsafe end += 1
        }
        unsafe end.initialize(to: 0)
        description.memory.addExporter()
    }

    deinit {
        description.memory.removeExporter()
        unsafe dimensions.deallocate()
    }

    /// Writes the description of a record.
    func fill(_ record: UnsafeMutablePointer<SBRecord>) {
        let item = unsafe ExportedItem(format: format, scalar: description.item.scalar)
        unsafe sb_redescribe(
            record,
            SBRecord(
                address: description.address, length: facts.byteCount, layout: description.layout.view, facts: facts,
                dimensions: dimensions, item: item, isReadOnly: description.isReadOnly))
    }
}
