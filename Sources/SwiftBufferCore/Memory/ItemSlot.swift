// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims

/// The place of a parsed format in a structure of C: empty until the format is needed, then kept until the structure's
/// owner drops it.
@safe
struct ItemSlot {
    private let place: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// - Precondition: `place` holds `NULL` or a format that a slot put there, and outlives the slot.
    @inline(__always)
    @unsafe
    init(_ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>) { unsafe self.place = place }

    /// The format, if it has been needed before.
    var item: ItemFormat? {
        @inline(__always)
        get {
            guard let known = unsafe sb_remembered_item(place) else { return nil }
            return unsafe Unmanaged<ItemFormat>.fromOpaque(known).takeUnretainedValue()
        }
    }

    /// Runs `body` on the format without counting a reference to it; `nil` if it has not been needed before.
    ///
    /// - Precondition: the format is kept meanwhile.
    @inline(__always)
    func withItem<Result>(_ body: (ItemFormat) -> Result) -> Result? {
        guard let known = unsafe sb_remembered_item(place) else { return nil }
        return unsafe Unmanaged<ItemFormat>.fromOpaque(known)._withUnsafeGuaranteedRef { body($0) }
    }

    /// Keeps a format in a slot that is empty.
    @inline(__always)
    func set(_ item: ItemFormat) { unsafe place.pointee = Self.reference(to: item).toOpaque() }

    /// Keeps the format of another slot, if that has one, in a slot that is empty.
    @inline(__always)
    func set(sharing other: ItemSlot) { other.withItem { set($0) } }

    /// Keeps a format unless another thread, or Python code that ran meanwhile, was first.
    ///
    /// - Returns: the one that is kept.
    func remember(_ item: ItemFormat) -> ItemFormat {
        let mine = unsafe Self.reference(to: item)
        let kept = unsafe Unmanaged<ItemFormat>.fromOpaque(sb_remember_item(place, mine.toOpaque()))
        let result = unsafe kept.takeUnretainedValue()
        if result !== item && !item.isPermanent { unsafe mine.release() }
        return result
    }

    /// Releases the format; another may be kept.
    @inline(__always)
    func drop() {
        guard let known = unsafe place.pointee else { return }
        unsafe place.pointee = nil
        let item = unsafe Unmanaged<ItemFormat>.fromOpaque(known)
        if unsafe !item._withUnsafeGuaranteedRef({ $0.isPermanent }) { unsafe item.release() }
    }

    /// A reference that a slot keeps. Those that live forever are not counted: most views have such a format, and counting
    /// is a fifth of the time that a view takes.
    @inline(__always)
    private static func reference(to item: ItemFormat) -> Unmanaged<ItemFormat> {
        unsafe item.isPermanent ? Unmanaged.passUnretained(item) : Unmanaged.passRetained(item)
    }
}
