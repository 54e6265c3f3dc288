// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fields of an `Array` or a `View`: its export record, and what else is kept with the object.
///
/// A handle on the Python object, which the caller keeps alive. Nothing here keeps other threads out: the record and
/// the memory are read inside of ``MemoryObject/withReadAccess(_:)`` and ``MemoryObject/withExportPinned(_:)``, and
/// changed inside of ``MemoryObject/change(_:_:)``, or while no other code can reach the object.
@safe
struct ObjectFields {
    let pointer: UnsafeMutablePointer<SBMemory>

    /// - Precondition: `object` is an instance of a type that begins with an `SBMemory`.
    @inline(__always)
    init(of object: ObjectReference) {
        unsafe pointer = UnsafeMutableRawPointer(object.pointer).assumingMemoryBound(to: SBMemory.self)
    }

    /// The bytes of an object without its dimensions.
    static var size: Int { unsafe MemoryLayout<SBMemory>.size }

    /// Where the list of weak references stands in the object, in bytes.
    static var weakReferenceOffset: Int { sb_weak_reference_offset() }

    /// The Python object.
    var object: ObjectReference {
        @inline(__always)
        get {
            unsafe ObjectReference(pointer: UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: PyObject.self))
        }
    }

    /// The export record.
    var record: SBRecord {
        @inline(__always)
        get { unsafe pointer.pointee.record }
        @inline(__always)
        nonmutating _modify { yield unsafe &pointer.pointee.record }
    }

    /// The bytes of the items.
    var length: Int {
        @inline(__always)
        get { unsafe pointer.pointee.record.length }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.record.length = newValue }
    }

    var itemsize: Int {
        @inline(__always)
        get { unsafe pointer.pointee.record.itemsize }
    }

    var ndim: Int {
        @inline(__always)
        get { unsafe Int(pointer.pointee.record.ndim) }
    }

    var isCContiguous: Bool {
        @inline(__always)
        get { unsafe pointer.pointee.record.isCContiguous }
    }

    var isFContiguous: Bool {
        @inline(__always)
        get { unsafe pointer.pointee.record.isFContiguous }
    }

    var isReadOnly: Bool {
        @inline(__always)
        get { unsafe pointer.pointee.record.readonly != 0 }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.record.readonly = newValue ? 1 : 0 }
    }

    /// Shape, strides and suboffsets, as far as the record points at them.
    var dimensions: UnsafeMutablePointer<Int> {
        @inline(__always)
        get { unsafe sb_dimensions(pointer) }
    }

    /// The number of items of an array of one dimension.
    var count: Int {
        @inline(__always)
        get { unsafe dimensions[0] }
        @inline(__always)
        nonmutating set { unsafe dimensions[0] = newValue }
    }

    /// The memory of an array; `nil` only where there are no bytes.
    var block: UnsafeMutableRawPointer? {
        @inline(__always)
        get { unsafe UnsafeMutableRawPointer(pointer.pointee.record.address) }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.record.address = newValue?.assumingMemoryBound(to: CChar.self) }
    }

    /// The bytes of an array's memory that its items may take.
    var capacity: Int {
        @inline(__always)
        get { unsafe pointer.pointee.capacity }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.capacity = newValue }
    }

    /// The capacity of an array that stays however few items there are.
    var reserved: Int {
        @inline(__always)
        get { unsafe pointer.pointee.reserved }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.reserved = newValue }
    }

    /// The memory that an array has adopted, retained; `nil` where the array owns its block.
    var memory: UnsafeMutableRawPointer? {
        @inline(__always)
        get { unsafe pointer.pointee.memory }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.memory = newValue }
    }

    /// Whether the memory of an array is adopted.
    var isAdopted: Bool {
        @inline(__always)
        get { unsafe pointer.pointee.memory != nil }
    }

    /// The lease of a view, which keeps the memory alive; `nil` for an array. Setting it counts no references.
    var owner: ObjectReference? {
        @inline(__always)
        get { unsafe OptionalObjectReference(pointer: pointer.pointee.owner).object }
        @inline(__always)
        nonmutating set { unsafe pointer.pointee.owner = newValue?.pointer }
    }

    /// Makes a new view hold its lease.
    @inline(__always)
    func own(_ lease: consuming PythonObject) { unsafe pointer.pointee.owner = lease.intoPointer() }

    /// The hash, or -1 until it is asked for.
    var hash: Int {
        @inline(__always)
        get { unsafe sb_remembered_hash(pointer) }
        @inline(__always)
        nonmutating set { unsafe sb_remember_hash(pointer, newValue) }
    }

    var hasWeakReferences: Bool {
        @inline(__always)
        get { unsafe sb_has_weak_references(pointer) != 0 }
    }

    /// Clears all fields of a new object but the export record.
    @inline(__always)
    func clear() { unsafe sb_clear_fields(pointer) }

    /// The parsed format, if it has been needed before.
    var item: ItemFormat? {
        @inline(__always)
        get { itemSlot.item }
    }

    /// Runs `body` on the parsed format without counting a reference to it; `nil` if it has not been needed before.
    ///
    /// - Precondition: the object keeps its format meanwhile: an export of it is outstanding, or it is being read.
    @inline(__always)
    func withItem<Result>(_ body: (ItemFormat) -> Result) -> Result? { itemSlot.withItem(body) }

    /// Keeps a parsed format unless another thread, or Python code that ran meanwhile, was first.
    ///
    /// - Returns: the one that is kept.
    func remember(_ item: ItemFormat) -> ItemFormat { itemSlot.remember(item) }

    /// Keeps the parsed format of a new object, which has none yet.
    @inline(__always)
    func setItem(_ item: ItemFormat) { itemSlot.set(item) }

    /// Keeps the parsed format of another object, if that has been needed before, in a new object.
    @inline(__always)
    func setItem(sharing other: ObjectFields) { itemSlot.set(sharing: other.itemSlot) }

    /// Releases the parsed format; another may be set.
    @inline(__always)
    func dropItem() { itemSlot.drop() }

    @inline(__always)
    private var itemSlot: ItemSlot { unsafe ItemSlot(sb_item(pointer)) }
}
