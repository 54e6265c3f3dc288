public import CPython
internal import PythonBuffers

nonisolated(unsafe) private let module = unsafe ModuleDefinition(
    name: "swiftbuffer._core", documentation: "The compiled half of swiftbuffer.",
    stateCount: CoreState.allCases.count,
    functions: ArrayFunctions.definitions + CAPI.functions + Checking.functions + [ForeignMemory.function]
) { module in
    returningStatus { () throws(PythonError) in
        let builder = try unsafe ModuleBuilder(module)
        try builder.keep(unsafe builder.add(ArrayObject.type), at: CoreState.arrayType.rawValue)
        try builder.keep(unsafe builder.add(ViewObject.type), at: CoreState.viewType.rawValue)
        try builder.keep(unsafe Lease.type.make(in: builder.module), at: CoreState.leaseType.rawValue)
        try CAPI.add(to: builder)
        try ForeignMemory.add(to: builder)
        _ = try unsafe builder.add(ScriptedExporter.type)
    }
}

// The name that CPython looks for.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c public func PyInit__core() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize()
}
