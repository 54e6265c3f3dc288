internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// Python's `swiftbuffer.testing.ndarray`, CPython's private test exporter: what it shows and how it exports.
///
/// The structure shown is the last of a stack: `push` adds one and `pop` takes it away, even while buffers are out where
/// the array was made for that. Structures below stay for as long as buffers of them are out.
struct TestArray: ~Copyable {
    fileprivate(set) var structures: [TestBuffer]
    /// Whether the structure may change while buffers are out.
    let isVariable: Bool

    /// - Precondition: `object` is an instance of the type of test arrays.
    static func shown(by object: ObjectReference) -> TestBuffer {
        ObjectLock.holding(object) { top(of: object) }
    }

    /// - Precondition: the object is locked, or nobody else sees it.
    static func top(of object: ObjectReference) -> TestBuffer {
        // A test array never has less than one.
        unsafe Instance<TestArray>.value(in: object).pointee.structures.last!
    }

    /// A new array that shows `buffer`.
    static func make(
        _ type: ObjectReference, _ buffer: TestBuffer, isVariable: Bool = false
    ) throws(PythonError) -> PythonObject {
        let array = try Instance<TestArray>.make(
            of: type, TestArray(structures: [buffer], isVariable: isVariable))
        try unsafe buffer.fill(sb_record(array.pointer))
        return array
    }

    // MARK: The protocol

    /// `bf_getbuffer`: the foundation's, with the liberties that the test exporter takes.
    static func export(
        _ object: ObjectReference, _ view: UnsafeMutablePointer<Py_buffer>, _ flags: CInt
    ) -> CInt {
        let shown = shown(by: object)
        if shown.flags.contains(.redirect), let target = shown.exporter {
            return unsafe PyObject_GetBuffer(target.pointer, view, flags)
        }
        unsafe view.pointee.obj = nil
        if shown.flags.contains(.refuse) {
            if shown.flags.contains(.undefined) { unsafe view.pointee.obj = sb_none() }
            PythonError(.buffer, "the array was made to refuse every request").raise()
            return -1
        }
        let request = BufferRequest(rawValue: flags)
        if !shown.hasShape && request.contains(.shape) || !shown.hasStrides && request.contains(.strides) {
            PythonError(
                .buffer, "the array re-exports a buffer that was acquired without the shape or strides asked for"
            )
            .raise()
            return -1
        }
        return ObjectLock.holding(object) {
            // What another thread has pushed in the meantime is exported as it is: it was made to be, or not at all.
            let shown = top(of: object)
            guard unsafe exportBuffer(object.pointer, view, flags) == 0 else { return -1 }
            // Which structure it is of, for the release: the buffer may be released from a copy, long after others came.
            unsafe view.pointee.internal = Unmanaged.passUnretained(shown).toOpaque()
            if shown.hasIdleSuboffsets && request.contains(.indirect) {
                unsafe view.pointee.suboffsets = shown.suboffsetsPointer
            }
            shown.exports.add(1, ordering: .relaxed)
            return 0
        }
    }

    /// `bf_releasebuffer`
    static func release(_ object: ObjectReference, _ view: UnsafeMutablePointer<Py_buffer>) {
        // What is taken away ends after the lock: it may hold a buffer, whose release runs other code.
        var gone: TestBuffer?
        ObjectLock.holding(object) {
            let value = unsafe Instance<TestArray>.value(in: object)
            // Compared, never followed: a second release may come after the structure is gone.
            let index = unsafe value.pointee.structures.firstIndex {
                unsafe Unmanaged.passUnretained($0).toOpaque() == view.pointee.internal
            }
            guard let index else { return }
            let structure = unsafe value.pointee.structures[index]
            let left = structure.exports.subtract(1, ordering: .acquiringAndReleasing).newValue
            if unsafe left == 0 && index + 1 < value.pointee.structures.count {
                gone = unsafe value.pointee.structures.remove(at: index)
            }
            unsafe releaseExport(object.pointer, view)
        }
        withExtendedLifetime(gone) {}
    }

    /// A memoryview that knows this array only as the keeper of its memory: its `obj` is None.
    static func memoryView(of object: ObjectReference) throws(PythonError) -> PythonObject {
        // What shows memory of another exporter does so for ever.
        guard try ownsMemory(shown(by: object), object) else {
            throw PythonError(
                .type,
                "only an array with memory of its own, or an array of such an array, can make a "
                    + "memoryview from its buffer")
        }
        return try ObjectLock.holding(object) { () throws(PythonError) in
            try memoryView(of: top(of: object), in: object)
        }
    }

    /// - Precondition: the object is locked, and `shown` is what it shows.
    private static func memoryView(
        of shown: TestBuffer, in object: ObjectReference
    ) throws(PythonError) -> PythonObject {
        guard (shown.format ?? "").utf8.count <= TestFlags.maximumDimensions else {
            throw PythonError(.type, "the format is longer than \(TestFlags.maximumDimensions) characters")
        }
        var view = unsafe Py_buffer()
        unsafe view.buf = shown.address
        unsafe view.len = shown.length
        unsafe view.itemsize = shown.layout.itemsize
        unsafe view.readonly = shown.isReadOnly ? 1 : 0
        unsafe view.ndim = CInt(shown.ndim)
        unsafe view.format = shown.formatPointer
        unsafe view.shape = shown.shapePointer
        unsafe view.strides = shown.stridesPointer
        unsafe view.suboffsets = shown.suboffsetsPointer
        unsafe view.internal = Unmanaged.passUnretained(shown).toOpaque()
        let memoryView = try unsafe PythonObject(result: PyMemoryView_FromBuffer(&view))
        // Counted like an acquisition, which the last view of the memory gives back.
        guard ExportCount(of: object).retain() else { throw PythonError(.buffer, "the array is closed") }
        shown.exports.add(1, ordering: .relaxed)
        unsafe sb_memoryview_adopt(memoryView.pointer, PythonObject(borrowing: object).intoPointer(), nil)
        return memoryView
    }

    /// Whether the memory is an array's own: this one's, or that of the array whose buffer it holds.
    private static func ownsMemory(_ shown: TestBuffer, _ object: ObjectReference) throws(PythonError) -> Bool {
        guard shown.isReexport else { return true }
        guard let target = shown.exporter,
            unsafe sb_type(target.pointer) == sb_type(object.pointer)
        else { return false }
        return !self.shown(by: target).isReexport
    }

    // MARK: The stack

    static func push(_ buffer: TestBuffer, onto object: ObjectReference) throws(PythonError) {
        try ObjectLock.holding(object) { () throws(PythonError) in
            try checkLocked(object)
            unsafe Instance<TestArray>.value(in: object).pointee.structures.append(buffer)
            try unsafe buffer.fill(sb_record(object.pointer))
        }
    }

    static func pop(from object: ObjectReference) throws(PythonError) {
        try ObjectLock.holding(object) { () throws(PythonError) in
            try checkLocked(object)
            let value = unsafe Instance<TestArray>.value(in: object)
            guard top(of: object).exports.load(ordering: .acquiring) == 0 else {
                throw PythonError(.buffer, "buffers of the structure are out")
            }
            guard unsafe value.pointee.structures.count > 1 else {
                throw PythonError(.buffer, "the array has no other structure")
            }
            unsafe value.pointee.structures.removeLast()
            try unsafe top(of: object).fill(sb_record(object.pointer))
        }
    }

    /// Adds suboffsets that mean nothing to what is shown.
    static func addIdle(to object: ObjectReference) throws(PythonError) {
        try ObjectLock.holding(object) { () throws(PythonError) in
            let shown = top(of: object)
            try shown.addIdleSuboffsets()
            try unsafe shown.fill(sb_record(object.pointer))
        }
    }

    /// - Throws: `BufferError` for an array that shows memory of somebody else, or has buffers out and was not made to
    ///   change under them.
    static func checkChangeable(_ object: ObjectReference) throws(PythonError) {
        try ObjectLock.holding(object) { () throws(PythonError) in try checkLocked(object) }
    }

    private static func checkLocked(_ object: ObjectReference) throws(PythonError) {
        let value = unsafe Instance<TestArray>.value(in: object)
        guard !top(of: object).isReexport else {
            throw PythonError(.buffer, "an array that shows memory of another exporter cannot change")
        }
        guard unsafe value.pointee.isVariable || ExportCount(of: object).value == 0 else {
            throw PythonError(.buffer, "the array has buffers out, and was made without ND_VAREXPORT")
        }
    }
}
