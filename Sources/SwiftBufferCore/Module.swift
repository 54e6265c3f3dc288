public import CPython
internal import PythonBuffers

nonisolated(unsafe) private let module = unsafe ModuleDefinition(
    name: "swiftbuffer._core", documentation: "The compiled half of swiftbuffer.",
    stateCount: CoreState.allCases.count, functions: CAPI.functions + [ForeignMemory.function]
) { module in
    returningStatus { () throws(PythonError) in
        let builder = try unsafe ModuleBuilder(module)
        try CAPI.add(to: builder)
        try ForeignMemory.add(to: builder)
    }
}

// The name that CPython looks for.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c public func PyInit__core() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize()
}
