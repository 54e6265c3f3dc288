// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// How an array gets its memory and gives it up. That is a block which the array owns, or adopted memory: a BufferMemory
// in the field `memory`, which others may share.

/// Python's `swiftbuffer.Array`: an owner of contiguous memory.
enum ArrayObject {
    /// What the items of a new array are; their padding is zero.
    enum Contents {
        case uninitialized, zeroed
    }

    /// A new array, whose memory has no other user yet.
    ///
    /// - Parameter type: the type object that arrays with dimensions have, of this interpreter.
    /// - Throws: `ValueError` or `OverflowError` for an invalid shape, `MemoryError`.
    static func make(
        _ type: ObjectReference, shape: Span<Int>, item: ItemFormat, order: Order, contents: Contents,
        isReadOnly: Bool = false
    ) throws(PythonError) -> PythonObject {
        try unsafe make(
            type, single: .singleItemArrayType, shape: shape, item: item, order: order, isReadOnly: isReadOnly
        ) { (length, fields) throws(PythonError) in
            // Whatever is written to the items leaves their padding as it is here.
            let isZeroed = contents == .zeroed || item.valueRuns != nil
            // An array without items is about to grow.
            let capacity = length == 0 ? smallestRoom : length
            return try unsafe ownBlock(of: fields, byteCount: capacity, zeroed: isZeroed)
        }
    }

    /// A new array over the items at the start of adopted memory. Writes go to that memory until the array first grows:
    /// then it copies the items into a block of its own and releases the memory.
    ///
    /// - Parameters:
    ///   - module: the module, or an instance of one of its types.
    ///   - isReadOnly: whether the array is read-only where the memory is not.
    /// - Throws: `BufferError` if the memory is too small for the items, and as for
    ///   ``make(_:shape:item:order:contents:isReadOnly:)``.
    static func make(
        for module: ObjectReference, adopting memory: BufferMemory, shape: Span<Int>, item: ItemFormat, order: Order,
        isReadOnly: Bool = false
    ) throws(PythonError) -> PythonObject {
        let isCollected = memory.reachesTrackedObjects
        let type = try moduleObject((isCollected ? CoreState.adoptingArrayType : .arrayType).rawValue, of: module)
        return try unsafe make(
            type, single: isCollected ? .adoptingSingleItemArrayType : .singleItemArrayType, shape: shape, item: item,
            order: order,
            isReadOnly: isReadOnly || memory.isReadOnly
        ) { (length, fields) throws(PythonError) in
            guard length <= memory.byteCount else {
                throw PythonError(.buffer, "the items take \(length) bytes, but the memory has \(memory.byteCount)")
            }
            dropBlock(of: fields)
            unsafe fields.memory = memory.retainForExporter()
            fields.capacity = length
            return unsafe memory.address
        }
    }

    /// - Parameters:
    ///   - single: where the type of arrays without dimensions is kept.
    ///   - address: returns the address of memory for `length` bytes, and sets the capacity.
    @inline(__always)
    private static func make(
        _ type: ObjectReference, single: CoreState, shape: Span<Int>, item: ItemFormat, order: Order, isReadOnly: Bool,
        address: (_ length: Int, ObjectFields) throws(PythonError) -> UnsafeMutableRawPointer?
    ) throws(PythonError) -> PythonObject {
        try checkCanHold(item)
        if shape.count == 1, let axis = LayoutSummary(packedAxis: shape[0], itemsize: item.format.itemsize) {
            return try unsafe make(type.typePointer, shape[0], axis, item, isReadOnly: isReadOnly, address: address)
        }
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(contiguous: shape, itemsize: item.format.itemsize, order: order)
        }
        let facts = layout.summary
        var typeObject = unsafe type.typePointer
        if layout.ndim == 0 {
            guard let single = unsafe ModuleState.objects(of: typeObject)?[single.rawValue] else {
                throw PythonError(.runtime, "the module is being shut down")
            }
            unsafe typeObject = single.typePointer
        }
        let array = try unsafe allocate(typeObject, ndim: layout.ndim)
        let fields = unsafe ObjectFields(of: array.reference)
        let address = try unsafe address(facts.byteCount, fields)
        fields.setItem(item)
        unsafe MemoryObject(array.reference).describe(
            address: address, layout: layout.view, facts: facts, item: item.exported, isReadOnly: isReadOnly)
        return array
    }

    /// The fast path of ``make(_:single:shape:item:order:isReadOnly:address:)`` for one dimension.
    @inline(__always)
    private static func make(
        _ type: UnsafeMutablePointer<PyTypeObject>, _ count: Int, _ axis: LayoutSummary, _ item: ItemFormat,
        isReadOnly: Bool,
        address: (_ length: Int, ObjectFields) throws(PythonError) -> UnsafeMutableRawPointer?
    ) throws(PythonError) -> PythonObject {
        let array = try unsafe allocate(type, ndim: 1)
        let fields = unsafe ObjectFields(of: array.reference)
        let address = try unsafe address(axis.byteCount, fields)
        fields.setItem(item)
        let dimensions = unsafe fields.dimensions
        let itemsize = item.format.itemsize
        unsafe dimensions[0] = count
        unsafe dimensions[1] = itemsize
        unsafe fields.record = SBRecord(
            contiguousAxis: dimensions, address: address, length: axis.byteCount, itemsize: itemsize,
            item: item.exported, isReadOnly: isReadOnly)
        return array
    }

    /// Throws `NotImplementedError` for items that no array can have.
    static func checkCanHold(_ item: ItemFormat) throws(PythonError) {
        guard !item.holdsObjects else {
            throw PythonError(
                .notImplemented,
                "no array can hold items of format '\(item.spelling)': it does not count references to objects")
        }
    }

    /// Gives a new array, which has no other user yet, items of another format and the same size.
    static func setItem(_ item: ItemFormat, ofNew array: ObjectReference) {
        let fields = ObjectFields(of: array)
        fields.dropItem()
        fields.setItem(item)
        unsafe fields.record.setItem(item.exported)
    }

    /// The slot `tp_traverse` of arrays over adopted memory.
    static func traverse(
        _ array: ObjectReference, _ visitor: visitproc?, _ context: UnsafeMutableRawPointer?
    ) -> CInt {
        let status = unsafe visitType(of: array, visitor, context)
        guard status == 0, let memory = unsafe ObjectFields(of: array).memory else { return status }
        return unsafe BufferMemory.visit(memory, visitor, context)
    }
}
