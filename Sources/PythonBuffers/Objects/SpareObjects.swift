public import CPython
internal import CPythonShims

/// One dead instance of a type, kept for the next one: what is made and dropped again and again, as views are, then costs
/// no allocation. Only under the GIL, which makes the place safe without a lock.
public enum SpareObjects {
    /// Where a module that has been cleared keeps nothing any more.
    private static var dismissed: ObjectPointer? { unsafe ObjectPointer(bitPattern: 16) }

    /// A new instance of a collected type, not tracked, whose own fields hold anything.
    ///
    /// - Parameters:
    ///   - items: trailing items that it needs room for.
    ///   - place: which of the module's places for spare objects is this type's.
    ///   - spareItems: room that every instance kept here has at the least.
    @inline(__always)
    public static func make(
        _ type: UnsafeMutablePointer<PyTypeObject>, items: Int, place: Int, spareItems: Int
    ) throws(PythonError) -> ObjectPointer {
        if sb_keeps_spares() != 0, items <= spareItems, let places = unsafe places(of: type),
            let spare = unsafe places[place], unsafe spare != dismissed
        {
            unsafe places[place] = nil
            unsafe sb_renew(spare, type, spareItems)
            return unsafe spare
        }
        guard let object = unsafe sb_new_collected(type, max(items, spareItems)) else { throw PythonError.pending() }
        return unsafe object
    }

    /// Ends an instance whose own fields have ended: the last thing that `tp_dealloc` does.
    @inline(__always)
    public static func free(_ object: ObjectPointer, place: Int, spareItems: Int) {
        let type = unsafe sb_type(object)
        if unsafe sb_keeps_spares() != 0 && sb_item_count(object) == spareItems, let places = unsafe places(of: type),
            unsafe places[place] == nil
        {
            unsafe places[place] = object
        } else {
            unsafe PyObject_GC_Del(object)
        }
        // An instance of a heap type holds a reference to it.
        unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
    }

    @inline(__always)
    private static func places(
        of type: UnsafeMutablePointer<PyTypeObject>
    ) -> UnsafeMutablePointer<ObjectPointer?>? {
        unsafe ModuleState.objects(of: type).map { unsafe $0 - ModuleState.spareCount }
    }

    /// Frees what is kept, while its type is still there, and keeps nothing any more.
    static func dismiss(_ places: UnsafeMutablePointer<ObjectPointer?>) {
        for place in 0..<ModuleState.spareCount {
            let spare = unsafe places[place]
            unsafe places[place] = dismissed
            if let spare = unsafe spare, unsafe spare != dismissed { unsafe PyObject_GC_Del(spare) }
        }
    }
}
