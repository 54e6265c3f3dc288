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

    /// Keeps a format unless another thread, or Python code that ran meanwhile, was first.
    ///
    /// - Returns: the one that is kept.
    func remember(_ item: ItemFormat) -> ItemFormat {
        let mine = unsafe Unmanaged.passRetained(item)
        let kept = unsafe Unmanaged<ItemFormat>.fromOpaque(sb_remember_item(place, mine.toOpaque()))
        let result = unsafe kept.takeUnretainedValue()
        if result !== item { unsafe mine.release() }
        return result
    }

    /// Releases the format; another may be kept.
    @inline(__always)
    func drop() {
        guard let item = unsafe place.pointee else { return }
        unsafe place.pointee = nil
        unsafe Unmanaged<ItemFormat>.fromOpaque(item).release()
    }
}
