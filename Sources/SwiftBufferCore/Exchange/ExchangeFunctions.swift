// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// The functions of the module that read other libraries' memory, one for each protocol.
enum ExchangeFunctions {
    nonisolated(unsafe) static let definitions: [MethodDefinition] =
        unsafe [TensorFunctions.fromDLPack, ArrayInterfaceFunction.definition, ArrowFunction.definition]
}

/// The methods of `Array` and `View` by which other libraries read memory.
enum ExchangeMethods {
    nonisolated(unsafe) static let definitions: [MethodDefinition] =
        unsafe TensorMethods.definitions + ArrowMethods.definitions
}
