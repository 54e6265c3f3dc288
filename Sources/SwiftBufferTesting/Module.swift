// SPDX-License-Identifier: Apache-2.0
public import CPython
internal import CPythonShims
internal import PythonBuffers

/// What the module keeps in its state, in each interpreter its own.
enum TestingState: Int, CaseIterable {
    case testArrayType
}

private let module = ModuleDefinition(
    name: "swiftbuffer._testing", documentation: "The compiled half of swiftbuffer.testing and swiftbuffer.check.",
    stateCount: TestingState.allCases.count, functions: TestingFunctions.definitions + Checking.functions
) { module in
    returningStatus { () throws(PythonError) in try TestingFunctions.add(to: ModuleBuilder(module)) }
}

// The name that CPython looks for.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c public func PyInit__testing() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize().pointer
}
