// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims

/// Python objects that export memory which others keep: a tensor, an array of Arrow's, an address with its owner, any
/// ``BufferMemory``. Each is one block, with its description, and what keeps the memory.
///
/// An object that is made, but not described yet, may be dropped: it keeps nothing.
package enum ForeignExporter {
    /// The type of exporters whose memory is kept by Python objects, which the collector follows.
    package static let collectedType = TypeDefinition(
        name: "swiftbuffer._core.ForeignMemory", documentation: documentation,
        basicSize: size, itemSize: MemoryLayout<Int>.size,
        flags: [.collected, .notInstantiable],
        slots: slots + [.finalize(finalize), unsafe .traverse(traverse)])

    /// The type of all others.
    package static let type = TypeDefinition(
        name: "swiftbuffer._core.ForeignMemory", documentation: documentation,
        basicSize: size, itemSize: MemoryLayout<Int>.size, flags: [.notInstantiable],
        slots: slots)

    private static var size: Int { unsafe MemoryLayout<SBForeignMemory>.size }
    private static var documentation: String { "Memory that is not swiftbuffer's own; its views keep it." }

    private static var slots: [TypeSlot] {
        TypeSlot.exporter + [.deallocate(deallocate), .representation(representation)]
    }

    /// A new object, with room for the shape and the strides of `ndim` dimensions.
    ///
    /// - Parameter type: made of one of the definitions here.
    /// - Throws: `MemoryError`.
    static func make(of type: ObjectReference, ndim: Int, isIndirect: Bool = false) throws(PythonError) -> PythonObject
    {
        let room = (isIndirect ? 3 : 2) * ndim
        let type = unsafe type.typePointer
        let object = try unsafe PythonObject(
            result: sb_is_collected(type) != 0 ? sb_new_collected(type, room) : sb_new_uncollected(type, room))
        unsafe sb_clear_foreign(sb_foreign(object.pointer))
        return object
    }

    /// Where the dimensions of a new object are to be written.
    static func dimensions(of object: borrowing PythonObject) -> UnsafeMutablePointer<Int> {
        unsafe sb_foreign_dimensions(sb_foreign(object.pointer))
    }

    /// Describes the memory of a new object.
    ///
    /// - Parameters:
    ///   - address: that of item `(0, ..., 0)`.
    ///   - layout: the dimensions that are in place.
    ///   - item: its format stays as long as the object.
    static func describe(
        _ object: borrowing PythonObject, address: UnsafeMutableRawPointer?, layout: borrowing LayoutView,
        facts: LayoutSummary, item: ExportedItem, isReadOnly: Bool
    ) {
        let fields = unsafe sb_foreign(object.pointer)
        unsafe fields.pointee.record = SBRecord(
            address: address, length: facts.byteCount, layout: layout, facts: facts, dimensions: dimensions(of: object),
            item: item, isReadOnly: isReadOnly)
    }

    /// Makes a described object keep a structure of another library's, which `end` ends.
    ///
    /// - Precondition: the structure keeps the memory, and nothing else ends it. The object is not a collected one.
    @unsafe
    static func keep(
        _ structure: UnsafeMutableRawPointer, in object: borrowing PythonObject,
        end: @convention(c) (UnsafeMutableRawPointer) -> Void
    ) {
        let fields = unsafe sb_foreign(object.pointer)
        unsafe fields.pointee.structure = structure
        unsafe fields.pointee.end = end
    }

    /// An exporter of the memory of a description.
    ///
    /// - Parameters:
    ///   - type: made of ``type``.
    ///   - collectedType: made of ``collectedType``.
    /// - Throws: `MemoryError`.
    package static func make(
        _ description: BufferDescription, type: ObjectReference, collectedType: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let memory = description.memory
        let layout = description.layout
        let object = try make(
            of: memory.reachesTrackedObjects ? collectedType : type, ndim: layout.ndim,
            isIndirect: layout.view.isIndirect)
        let text = StableValues(description.format)
        unsafe SBRecord.storeDimensions(of: layout.view, at: dimensions(of: object))
        unsafe describe(
            object, address: description.address, layout: layout.view, facts: layout.summary,
            item: ExportedItem(format: text.start, scalar: description.item.scalar), isReadOnly: description.isReadOnly)
        let fields = unsafe sb_foreign(object.pointer)
        unsafe fields.pointee.text = Unmanaged<AnyObject>.passRetained(text).toOpaque()
        unsafe fields.pointee.memory = memory.retainForExporter()
        track(object)
        return object
    }

    /// An exporter of items at an address, with up to two objects that keep them.
    ///
    /// - Parameters:
    ///   - type: made of ``collectedType``, or of ``type`` where no object is kept.
    ///   - address: that of item `(0, ..., 0)`.
    ///   - text: keeps the format of `item`.
    /// - Precondition: the items of `layout`, without pointers, stay in place as long as both objects live, and may be
    ///   written unless `isReadOnly`.
    /// - Throws: `MemoryError`.
    @unsafe
    package static func make(
        of type: ObjectReference, address: UnsafeMutableRawPointer?, layout: Layout, item: ExportedItem,
        text: AnyObject, isReadOnly: Bool, owner: ObjectReference?, companion: ObjectReference? = nil
    ) throws(PythonError) -> PythonObject {
        let object = try make(of: type, ndim: layout.ndim)
        unsafe SBRecord.storeDimensions(of: layout.view, at: dimensions(of: object))
        unsafe describe(
            object, address: address, layout: layout.view, facts: layout.summary, item: item,
            isReadOnly: isReadOnly)
        let fields = unsafe sb_foreign(object.pointer)
        unsafe fields.pointee.text = Unmanaged.passRetained(text).toOpaque()
        if let owner {
            unsafe sb_incref(owner.pointer)
            unsafe fields.pointee.owner.pointer = owner.pointer
        }
        if let companion {
            unsafe sb_incref(companion.pointer)
            unsafe fields.pointee.companion.pointer = companion.pointer
        }
        track(object)
        return object
    }

    /// Shows a complete object to the collector, where its type is one that it follows.
    private static func track(_ object: borrowing PythonObject) {
        if unsafe sb_is_collected(sb_type(object.pointer)) != 0 { unsafe PyObject_GC_Track(object.pointer) }
    }

    private static let deallocate: TypeSlot.Deallocate = { object in
        if unsafe sb_is_collected(sb_type(object.pointer)) != 0 { unsafe PyObject_GC_UnTrack(object.pointer) }
        let fields = unsafe sb_foreign(object.pointer)
        if let end = unsafe fields.pointee.end, let structure = unsafe fields.pointee.structure {
            // The memory may end while an exception is being raised, and by Python code.
            PythonError.settingPendingAside {
                unsafe end(structure)
                if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
            }
        }
        if let memory = unsafe fields.pointee.memory { unsafe BufferMemory.releaseFromExporter(memory) }
        if let owner = unsafe fields.pointee.owner.object { unsafe sb_decref(owner.pointer) }
        if let companion = unsafe fields.pointee.companion.object { unsafe sb_decref(companion.pointer) }
        if let text = unsafe fields.pointee.text { unsafe Unmanaged<AnyObject>.fromOpaque(text).release() }
        freeInstance(object)
    }

    /// Nothing is cleared when a cycle is taken apart: the memory has to outlive every export, and code that runs
    /// meanwhile may request one. The other objects of its cycle break that, as for a tuple.
    private static let traverse: TypeSlot.Traverse = { object, visitor, context in
        let fields = unsafe sb_foreign(object.pointer)
        var status = unsafe visitType(of: object, visitor, context)
        if status == 0 { status = unsafe visit(fields.pointee.owner.object, visitor, context) }
        if status == 0 { status = unsafe visit(fields.pointee.companion.object, visitor, context) }
        guard status == 0, let memory = unsafe fields.pointee.memory else { return status }
        return unsafe BufferMemory.visit(memory, visitor, context)
    }

    private static let finalize: TypeSlot.Deallocate = { object in
        // Python code may call this as `__del__`: only the collector's call counts.
        guard unsafe PyObject_GC_IsFinalized(object.pointer) != 0,
            let memory = unsafe sb_foreign(object.pointer).pointee.memory
        else { return }
        unsafe BufferMemory.retained(memory).finalize()
    }

    private static let representation: TypeSlot.Unary = { object in
        returningObject { () throws(PythonError) in
            let record = unsafe sb_record(object.pointer)
            let address = String(unsafe UInt(bitPattern: record.pointee.address), radix: 16)
            return try PythonObject("<ForeignMemory: \(unsafe record.pointee.length) bytes at 0x\(address)>")
        }
    }
}
