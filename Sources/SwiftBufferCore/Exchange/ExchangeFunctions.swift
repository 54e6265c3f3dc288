internal import PythonBuffers

/// The functions of the module that read other libraries' memory, one for each protocol.
enum ExchangeFunctions {
    nonisolated(unsafe) static let definitions: [MethodDefinition] =
        unsafe [TensorFunctions.fromDLPack, ArrayInterfaceFunction.definition]
}
