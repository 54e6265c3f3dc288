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
        for (index, number) in (layout.shape + layout.strides).enumerated() {
            unsafe (dimensions + index).initialize(to: number)
        }
    }

    deinit {
        unsafe dimensions.deallocate()
    }

    /// The record of these items.
    ///
    /// - Precondition: the record is not used after this object's end.
    func record(at address: UnsafeMutableRawPointer?, isReadOnly: Bool) throws(PythonError) -> SBRecord {
        let ndim = layout.ndim
        let facts = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.facts() }
        let scalar = item.format.scalar
        return unsafe SBRecord(
            address: address?.assumingMemoryBound(to: CChar.self), length: facts.byteCount, itemsize: layout.itemsize,
            format: item.text, shape: ndim == 0 ? nil : dimensions, strides: ndim == 0 ? nil : dimensions + ndim,
            suboffsets: nil, exports: 0, ndim: CInt(ndim), readonly: isReadOnly ? 1 : 0, contiguity: facts.contiguity,
            scalar: scalar?.0.rawValue ?? UInt8(SB_NO_SCALAR), swapped: scalar?.swapped == true ? 1 : 0)
    }
}
