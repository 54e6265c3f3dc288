public import CPython
internal import PythonBuffers

nonisolated(unsafe) private let module = unsafe ModuleDefinition(
    name: "swiftbuffer._core", documentation: "The compiled half of swiftbuffer.",
    stateCount: CoreState.allCases.count,
    functions: ArrayFunctions.definitions + Joining.functions + Pickling.functions + CAPI.functions + Checking.functions
        + FormatFunctions.definitions + [ForeignMemory.function] + ThreadFunctions.definitions
        + RecordFunctions.definitions + ExportTracing.functions + TestingFunctions.definitions
) { module in
    returningStatus { () throws(PythonError) in
        let builder = try unsafe ModuleBuilder(module)
        try builder.keep(unsafe builder.add(ArrayObject.type), at: CoreState.arrayType.rawValue)
        let view = try unsafe builder.add(ViewObject.type)
        ViewObject.enableVectorcall(of: view)
        try builder.keep(view, at: CoreState.viewType.rawValue)
        try builder.keep(unsafe Lease.type.make(in: builder.module), at: CoreState.leaseType.rawValue)
        try builder.keep(unsafe MemoryIterator.type.make(in: builder.module), at: CoreState.iteratorType.rawValue)
        try builder.add("OutOfRangeError", PythonError.outOfRangeClass())
        try CAPI.add(to: builder)
        try ForeignMemory.add(to: builder)
        try TestingFunctions.add(to: builder)
    }
}

// The name that CPython looks for.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c public func PyInit__core() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize()
}
