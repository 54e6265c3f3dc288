// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
public import CPythonShims

/// The author's value in a Python object, and the description that the object's record shows at the moment.
///
/// The type-erased half, which the C callbacks use.
@safe
@usableFromInline
package class ValueStorage {
    /// The author's value.
    final let place: UnsafeMutableRawPointer
    // Only calls that hold the object change these, one at a time: see ``ValueAccess``. So nothing is left for Swift to
    // find out about exclusive access, which it would do at each one.
    /// Whether the value exports memory.
    @exclusivity(unchecked) @usableFromInline final private(set) var exports = false
    @exclusivity(unchecked) private final var shown: ShownDescription?
    /// Whether the value cannot be described as it is, so that buffers are refused.
    @exclusivity(unchecked) @usableFromInline final var isOutdated = false

    init(at place: UnsafeMutableRawPointer) {
        unsafe self.place = place
    }

    /// Shows the Python objects that the author's value keeps.
    func visitObjects(_ visitor: inout ObjectVisitor) {}

    /// The memory that the record shows; `nil` before it shows any.
    final var memory: BufferMemory? { unsafe shown?.description.memory }

    /// Refuses buffers until ``resumeExports(of:)``.
    ///
    /// - Throws: `BufferError` while exports are outstanding.
    @usableFromInline
    final func suspendExports(of object: ObjectReference) throws(PythonError) {
        let count = ExportCount(of: object)
        guard count.suspend() else { throw Self.existingExports(count.value) }
    }

    @usableFromInline
    final func resumeExports(of object: ObjectReference) { ExportCount(of: object).endChange() }

    private static func existingExports(_ count: Int) -> PythonError {
        PythonError(
            .buffer,
            "Existing exports of data: object cannot be re-sized "
                + "(\(count) export\(count == 1 ? "" : "s") outstanding; release the memoryviews and arrays that use it)"
        )
    }

    /// Makes the record of an object show `description`, unless it does.
    ///
    /// - Parameter isSuspended: whether buffers are refused already.
    /// - Throws: `BufferError` while exports are outstanding.
    @usableFromInline
    final func showIfNew(
        _ description: BufferDescription, in object: ObjectReference, isSuspended: Bool
    ) throws(PythonError) {
        if isShown(description) { return }
        if !isSuspended { try suspendExports(of: object) }
        defer { if !isSuspended { resumeExports(of: object) } }
        try unsafe show(description, in: sb_record(object.pointer))
    }

    /// Whether the value still describes what the record shows.
    final func isShown(_ description: BufferDescription) -> Bool {
        guard let shown = unsafe shown else { return false }
        return shown.description.isSame(as: description)
    }

    /// Makes the record show `description`.
    ///
    /// - Precondition: no export of the object is outstanding, and none is granted until this returns.
    final func show(_ description: BufferDescription, in record: UnsafeMutablePointer<SBRecord>) throws(PythonError) {
        let next = try ShownDescription(description)
        unsafe next.fill(record)
        // The old memory may end here.
        unsafe shown = next
        unsafe exports = true
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
