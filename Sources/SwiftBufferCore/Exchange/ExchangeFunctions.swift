// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// The functions of the module that read other libraries' memory, one for each protocol.
enum ExchangeFunctions {
    static let definitions: [MethodDefinition] =
        [TensorFunctions.fromDLPack, ArrayInterfaceFunction.definition, ArrowFunction.definition]
}

/// The methods of `Array` and `View` by which other libraries read memory.
enum ExchangeMethods {
    static let definitions: [MethodDefinition] =
        TensorMethods.definitions + ArrowMethods.definitions
}
