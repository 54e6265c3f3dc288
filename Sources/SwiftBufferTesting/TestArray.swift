// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers
internal import Synchronization

/// The state of Python's `swiftbuffer.testing.ndarray`, CPython's private test exporter.
///
/// The structure shown is the last of a stack: `push` adds one and `pop` takes it away, even while exports are
/// outstanding where the array was made for that. Structures below stay while exports of them are outstanding.
struct TestArray: ~Copyable {
    /// Never empty.
    fileprivate var structures: [TestBuffer]
    /// Whether the structure may change while exports are outstanding.
    let isVariable: Bool

    var shown: TestBuffer { structures.last! }
}

/// A test array: what it shows and how it exports.
///
/// A handle on the object, which the caller keeps alive. The structures are read and changed under the object's lock.
@safe
struct TestArrayObject {
    private let reference: ObjectReference

    /// - Precondition: `reference` is an instance of ``TestArray/type`` that the caller keeps alive while this value is
    ///   used.
    init(_ reference: ObjectReference) {
        self.reference = reference
    }

    /// A new array that shows `buffer`.
    static func make(
        _ type: borrowing PythonObject, _ buffer: TestBuffer, isVariable: Bool = false
    ) throws(PythonError) -> PythonObject {
        let array = try unsafe Instance<TestArray>.make(
            of: type.reference, TestArray(structures: [buffer], isVariable: isVariable))
        try unsafe TestArrayObject(array.reference).describe(buffer)
        return array
    }

    /// The object itself.
    var object: PythonObject { PythonObject(borrowing: reference) }

    var shown: TestBuffer { locked { shownUnderLock } }

    /// - Precondition: the object is locked, or no other thread knows it. A lock is not taken twice.
    private var shownUnderLock: TestBuffer { unsafe Instance<TestArray>.value(in: reference).pointee.shown }

    /// What the collector reaches from the array; it has stopped every other thread, which may hold the lock.
    func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        unsafe PythonBuffers.visit(shownUnderLock.exporter, visitor, context)
    }

    /// Runs `body` under the lock.
    private func locked<Result: ~Copyable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try ObjectLock.holding(reference, body)
    }

    /// Runs `body`, which runs no Python code, on the state, under the lock.
    private func withState<Result: ~Copyable, Failure: Error>(
        _ body: (inout TestArray) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try locked { () throws(Failure) in try unsafe body(&Instance<TestArray>.value(in: reference).pointee) }
    }

    private var exportCount: ExportCount { ExportCount(of: reference) }

    private func describe(_ buffer: TestBuffer) throws(PythonError) {
        try unsafe buffer.fill(sb_record(reference.pointer))
    }

    // MARK: The protocol

    /// `bf_getbuffer`: that of every exporter here, with the deviations of the test exporter.
    func export(_ view: UnsafeMutablePointer<Py_buffer>, _ flags: CInt) -> CInt {
        let shown = shown
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
                .buffer, "the array re-exports a buffer that was acquired without the requested shape or strides"
            )
            .raise()
            return -1
        }
        return locked {
            // What another thread has pushed meanwhile is exported as it is.
            let shown = shownUnderLock
            guard unsafe exportBuffer(reference.pointer, view, flags) == 0 else { return -1 }
            // The release needs to know which structure it is of: it may come from a copy, after others were pushed.
            unsafe view.pointee.internal = shown.identity
            if shown.hasIdleSuboffsets && request.contains(.indirect) {
                unsafe view.pointee.suboffsets = shown.suboffsetsPointer
            }
            shown.exports.add(1, ordering: .relaxed)
            return 0
        }
    }

    /// `bf_releasebuffer`
    func release(_ view: UnsafeMutablePointer<Py_buffer>) {
        // A structure that is removed ends after the lock: it may hold a buffer, whose release runs other code.
        let removed: TestBuffer? = withState { (array) in
            // Compared, never followed: a second release may come after the structure is gone.
            let index = array.structures.firstIndex { unsafe $0.identity == view.pointee.internal }
            guard let index else { return nil }
            let structure = array.structures[index]
            let left = structure.exports.subtract(1, ordering: .acquiringAndReleasing).newValue
            unsafe releaseExport(reference.pointer, view)
            return left == 0 && index + 1 < array.structures.count ? array.structures.remove(at: index) : nil
        }
        withExtendedLifetime(removed) {}
    }

    /// A memoryview that this array keeps alive, but whose `obj` is None.
    func memoryView() throws(PythonError) -> PythonObject {
        // An array that shows memory of another exporter does so for good.
        guard ownsMemory(shown) else {
            throw PythonError(
                .type,
                "only an array with memory of its own, or an array of such an array, can make a "
                    + "memoryview from its buffer")
        }
        return try locked { () throws(PythonError) in try memoryView(of: shownUnderLock) }
    }

    /// - Precondition: the array is locked, and shows `shown`.
    private func memoryView(of shown: TestBuffer) throws(PythonError) -> PythonObject {
        guard (shown.format ?? "").utf8.count <= TestFlags.maximumDimensions else {
            throw PythonError(.type, "the format is longer than \(TestFlags.maximumDimensions) characters")
        }
        var view = unsafe shown.description
        let memoryView = try unsafe PythonObject(result: PyMemoryView_FromBuffer(&view))
        // Counted as an export, which the last view of the memory releases.
        guard exportCount.retain() else { throw PythonError(.buffer, "the array is closed") }
        shown.exports.add(1, ordering: .relaxed)
        unsafe sb_memoryview_adopt(memoryView.pointer, object.intoPointer(), nil)
        return memoryView
    }

    /// Whether the memory is an array's own: this one's, or that of the array whose buffer it holds.
    private func ownsMemory(_ shown: TestBuffer) -> Bool {
        guard shown.isReexport else { return true }
        guard let target = shown.exporter, target.type == reference.type else { return false }
        return !TestArrayObject(target).shown.isReexport
    }

    // MARK: The stack

    func push(_ buffer: TestBuffer) throws(PythonError) {
        try withState { (array) throws(PythonError) in
            try checkChangeable(array)
            array.structures.append(buffer)
            try describe(buffer)
        }
    }

    func pop() throws(PythonError) {
        try withState { (array) throws(PythonError) in
            try checkChangeable(array)
            guard array.shown.exports.load(ordering: .acquiring) == 0 else {
                throw PythonError(.buffer, "the structure cannot be removed while exports of it are outstanding")
            }
            guard array.structures.count > 1 else {
                throw PythonError(.buffer, "the array has no other structure")
            }
            array.structures.removeLast()
            try describe(array.shown)
        }
    }

    /// Adds suboffsets without effect to the structure shown.
    func addIdleSuboffsets() throws(PythonError) {
        try locked { () throws(PythonError) in
            let shown = shownUnderLock
            try shown.addIdleSuboffsets()
            try describe(shown)
        }
    }

    /// - Throws: `BufferError` for an array that shows memory of another exporter, or that has outstanding exports and
    ///   was not made to change under them.
    func checkChangeable() throws(PythonError) {
        try withState { (array) throws(PythonError) in try checkChangeable(array) }
    }

    private func checkChangeable(_ array: borrowing TestArray) throws(PythonError) {
        guard !array.shown.isReexport else {
            throw PythonError(.buffer, "an array that shows memory of another exporter cannot change")
        }
        guard array.isVariable || exportCount.value == 0 else {
            throw PythonError(.buffer, "the array has outstanding exports, and was made without ND_VAREXPORT")
        }
    }
}
