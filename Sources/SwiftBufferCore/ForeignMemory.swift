internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Memory of somebody else's, exported as bytes: what stands behind `swiftbuffer.from_memory`.
///
/// Python sees a memoryview of it. The object itself goes when the last buffer of it is released, and then tells the
/// memory's owner by calling `release`.
struct ForeignMemory: ~Copyable {
    /// Kept alive for as long as the memory is exported.
    var owner: PythonObject?
    /// Called once, without arguments; `nil` when it has been.
    var release: PythonObject?

    nonisolated(unsafe) static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core.ForeignMemory",
        documentation: "Memory handed to from_memory; its memoryviews keep it.",
        basicSize: Instance<ForeignMemory>.size,
        flags: [.collected, .notInstantiable],
        slots: TypeSlot.exporter + [
            .deallocate { object in
                guard let object = unsafe object else { return }
                // `release` runs Python code, which must not come upon an object that has no reference left.
                unsafe PyObject_GC_UnTrack(object)
                unsafe callRelease(of: object)
                unsafe Instance<ForeignMemory>.deallocate(object)
            },
            .finalize { object in
                // Python may call this as `__del__`, while buffers are out: only the collector's call counts. It comes
                // before anything in the cycle is taken apart, and so is the last moment in which `release` can run.
                guard let object = unsafe object, unsafe PyObject_GC_IsFinalized(object) != 0 else { return }
                unsafe callRelease(of: object)
            },
            unsafe .traverse { object, visitor, context in
                guard let object = unsafe object else { return 0 }
                let status = unsafe visitType(of: object, visitor, context)
                if status != 0 { return status }
                let value = unsafe Instance<ForeignMemory>.value(in: object)
                let visited = unsafe visit(value.pointee.owner?.pointer, visitor, context)
                if visited != 0 { return visited }
                return unsafe visit(value.pointee.release?.pointer, visitor, context)
            },
            .clear { object in
                // While buffers are out the memory may still be read, and clearing their holders breaks the cycle.
                guard let object = unsafe object, unsafe ExportCount(of: object).value == 0 else { return 0 }
                _ = unsafe Instance<ForeignMemory>.value(in: object).pointee.owner.take()
                return 0
            },
            unsafe .representation { object in
                unsafe returningObject { () throws(PythonError) in
                    let record = unsafe sb_record(object!)
                    let address = String(unsafe UInt(bitPattern: record.pointee.address), radix: 16)
                    return try PythonObject("<ForeignMemory: \(unsafe record.pointee.length) bytes at 0x\(address)>")
                }
            },
        ])

    nonisolated(unsafe) static let function: MethodDefinition =
        unsafe fromMemory.method {
            unsafe fromMemory.call($0, $1, $2, $3) { (call) throws(PythonError) in try memoryView(call) }
        }

    private static func memoryView(_ call: borrowing Arguments) throws(PythonError) -> PythonObject {
        let count = try call.byteCount(1, "size")
        let address = try unsafe call.address(0, count: count)
        let isReadOnly = try call.bool(2, default: true)
        let release = unsafe call.optional(4)
        if let release = unsafe release, unsafe PyCallable_Check(release) == 0 {
            throw call.wrongType(4, expected: "callable")
        }

        let type = try unsafe kept(CoreState.foreignMemoryType.rawValue, near: call.receiver)
        let exporter = try unsafe Instance<ForeignMemory>.make(of: type, ForeignMemory())
        let value = unsafe Instance<ForeignMemory>.value(in: exporter.pointer)
        if let owner = unsafe call.optional(3) { unsafe value.pointee.owner = PythonObject(borrowing: owner) }
        unsafe describeBytes(of: exporter.pointer, at: address, count: count, isReadOnly: isReadOnly)
        let view = try PythonObject(memoryViewOf: exporter)
        // Only now: a call that fails leaves the memory with its caller.
        if let release = unsafe release { unsafe value.pointee.release = PythonObject(borrowing: release) }
        return view
    }

    /// Makes the type, which is not shown in the module.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(unsafe type.make(in: builder.module), at: CoreState.foreignMemoryType.rawValue)
    }

    /// Calls `release` unless it has been called; what it raises is reported as unraisable.
    private static func callRelease(of object: ObjectPointer) {
        guard let release = unsafe Instance<ForeignMemory>.value(in: object).pointee.release.take() else { return }
        // An object may go while an exception is on its way.
        let underway = unsafe sb_take_exception()
        if let result = unsafe PyObject_CallNoArgs(release.pointer) {
            unsafe sb_decref(result)
        } else {
            unsafe PyErr_WriteUnraisable(release.pointer)
        }
        if let underway = unsafe underway { unsafe sb_put_exception(underway) }
    }

    /// Fills the export record of a new object: `count` items of format `B`.
    private static func describeBytes(
        of object: ObjectPointer, at address: UnsafeMutableRawPointer?, count: Int, isReadOnly: Bool
    ) {
        let record = unsafe sb_record(object)
        unsafe record.pointee.address = address?.assumingMemoryBound(to: CChar.self)
        unsafe record.pointee.length = count
        unsafe record.pointee.itemsize = 1
        unsafe record.pointee.format = UnsafeRawPointer(byteFormat.utf8Start).assumingMemoryBound(to: CChar.self)
        unsafe record.pointee.ndim = 1
        // The one axis is as long as the memory and its items a byte apart, so that these fields serve as shape and
        // strides too, as they do in `PyBuffer_FillInfo`.
        unsafe record.pointee.shape = unsafe field(\.length, of: record)
        unsafe record.pointee.strides = unsafe field(\.itemsize, of: record)
        unsafe record.pointee.readonly = isReadOnly ? 1 : 0
        unsafe record.pointee.contiguity = UInt8(SB_C_CONTIGUOUS | SB_F_CONTIGUOUS)
        unsafe record.pointee.scalar = Scalar.uint8.rawValue
    }

    /// The address of a field of a record, which stays where it is as its object does.
    private static func field(
        _ field: KeyPath<SBRecord, Int>, of record: UnsafeMutablePointer<SBRecord>
    ) -> UnsafeMutablePointer<Int> {
        // Stored fields of a C struct have an offset.
        unsafe (UnsafeMutableRawPointer(record) + MemoryLayout<SBRecord>.offset(of: field)!)
            .assumingMemoryBound(to: Int.self)
    }
}

private let byteFormat: StaticString = "B"

private let fromMemory = Callable(
    "from_memory", "address, size, *, readonly=True, owner=None, release=None",
    """
    Return a memoryview of size bytes at an address, without a copy: one to write to only with readonly=False.

    owner is kept alive for as long as any buffer of the memory is held. release is called, without arguments and once,
    when the last of them ends; what it raises is reported through sys.unraisablehook. In a cycle of garbage it is called
    as finalizers are (PEP 442), before the cycle is taken apart. The memory must stay in place until then: nothing
    checks it.

    Raises ValueError for a negative size, a null address with a size above zero, and memory beyond the last address,
    OverflowError for numbers that are no address, TypeError if release cannot be called. If the call raises, release is
    not called.

    >>> import ctypes
    >>> memory = ctypes.create_string_buffer(b'abc')
    >>> swiftbuffer.from_memory(ctypes.addressof(memory), 3, owner=memory).tobytes()
    b'abc'

    Source: PyMemoryView_FromMemory, which knows neither owner nor release.
    """)
