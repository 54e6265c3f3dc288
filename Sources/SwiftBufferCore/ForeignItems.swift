internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The items of foreign memory: their format and layout at addresses that stay, as an export record needs them.
@safe
final class ForeignItems: @unchecked Sendable {
    // Nothing in it changes after it is made.

    private let item: ItemFormat
    private let layout: Layout
    /// Shape and strides.
    private let dimensions: UnsafeMutablePointer<Int>

    init(_ item: ItemFormat, _ layout: Layout) {
        self.item = item
        self.layout = layout
        unsafe dimensions = .allocate(capacity: 2 * layout.ndim)
        unsafe SBRecord.storeDimensions(of: layout.view, at: dimensions)
    }

    deinit {
        unsafe dimensions.deallocate()
    }

    /// The record of these items.
    ///
    /// - Precondition: the record is not used after this object's end.
    func record(at address: UnsafeMutableRawPointer?, isReadOnly: Bool) throws(PythonError) -> SBRecord {
        let facts = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.summary() }
        return unsafe SBRecord(
            address: address, length: facts.byteCount, layout: layout.view, facts: facts, dimensions: dimensions,
            item: item.exported, isReadOnly: isReadOnly)
    }
}
