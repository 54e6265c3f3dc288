// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's `swiftbuffer.View`: how one is made of a buffer. Its creation and end are in `ViewObject+Life`.
enum ViewObject {
    /// What a new view shows, apart from its layout.
    @safe
    struct Source {
        let address: UnsafeMutableRawPointer?
        /// Its format lives as long as the lease, or as `item`.
        let exported: ExportedItem
        /// The parsed format, where it is known.
        let item: ItemFormat?
        let isReadOnly: Bool
        /// The bytes of the memory where these are more than the items take; as `nbytes` says.
        let length: Int?

        init(
            address: UnsafeMutableRawPointer?, exported: ExportedItem, item: ItemFormat?, isReadOnly: Bool,
            length: Int? = nil
        ) {
            unsafe self.address = address
            self.exported = exported
            self.item = item
            self.isReadOnly = isReadOnly
            self.length = length
        }
    }

    /// A view of the memory of any exporter.
    @inline(__always)
    static func make(
        _ types: ViewTypes, of exporter: ObjectReference, _ request: BufferRequest = .fullReadOnly
    ) throws(PythonError) -> PythonObject {
        if types.isView(exporter) && request == .fullReadOnly {
            return try makeSharingLease(types, exporter)
        }
        let lease = try Lease.acquire(types, from: exporter, request)
        let buffer = unsafe sb_lease_buffer(lease.pointer)
        if let answer = unsafe ContiguousAxisAnswer(buffer) { return try make(types, lease, answer) }
        return try unsafe make(types, lease, buffer, isShapeRequested: request.contains(.shape))
    }

    /// A view of a buffer just acquired: the fast path for one contiguous axis.
    @inline(__always)
    private static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ answer: ContiguousAxisAnswer
    ) throws(PythonError) -> PythonObject {
        let view = try unsafe PythonObject(owning: allocate(types.view, types.state, room: 2).pointer)
        let fields = unsafe ObjectFields(of: view.reference)
        unsafe fields.record = answer.record(dimensions: fields.dimensions)
        unsafe own(lease, in: view.reference)
        return view
    }

    /// A view of a buffer just acquired, whatever the answer.
    @inline(never)
    private static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ buffer: UnsafePointer<Py_buffer>, isShapeRequested: Bool
    ) throws(PythonError) -> PythonObject {
        let view = try unsafe BufferAnswer.reading(buffer, isShapeRequested: isShapeRequested) {
            (answer) throws(PythonError) in
            try unsafe describe(
                types,
                Source(
                    address: answer.address, exported: answer.item, item: nil, isReadOnly: answer.isReadOnly,
                    length: answer.byteCount),
                answer.layout, answer.summary)
        }
        unsafe own(lease, in: view.reference)
        return view
    }

    /// Another view of the same memory and layout, which shares the lease.
    @inline(never)
    private static func makeSharingLease(
        _ types: ViewTypes, _ view: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try MemoryObject(view).reinterpreted(types) { (contents) throws(PythonError) in
            try contents.whole(isReadOnly: contents.isReadOnly)
        }
    }

    /// A new view object, of memory that `lease` keeps.
    static func make(
        _ types: ViewTypes, _ lease: consuming PythonObject, _ source: Source, _ layout: borrowing LayoutView,
        _ facts: LayoutSummary
    ) throws(PythonError) -> PythonObject {
        let view = try describe(types, source, layout, facts)
        unsafe own(lease, in: view.reference)
        return view
    }

    /// A new view object that does not hold its lease yet.
    @inline(__always)
    private static func describe(
        _ types: ViewTypes, _ source: Source, _ layout: borrowing LayoutView, _ facts: LayoutSummary
    ) throws(PythonError) -> PythonObject {
        let room = layout.isIndirect ? 3 * layout.ndim : 2 * layout.ndim
        let view = try unsafe PythonObject(
            owning: room == 0
                ? allocateSingleItem(types.singleItemView).pointer
                : allocate(types.view, types.state, room: room).pointer)
        unsafe MemoryObject(view.reference).describe(
            address: source.address, length: source.length, layout: layout, facts: facts, item: source.exported,
            isReadOnly: source.isReadOnly)
        if let item = source.item { unsafe ObjectFields(of: view.reference).setItem(item) }
        return view
    }
}
