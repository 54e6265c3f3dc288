public import CPython
internal import PythonBuffers

nonisolated(unsafe) private let module = unsafe ModuleDefinition(
    name: "swiftbuffer._core", documentation: "The compiled half of swiftbuffer."
) { _ in 0 }

@c public func PyInit__core() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize()
}
