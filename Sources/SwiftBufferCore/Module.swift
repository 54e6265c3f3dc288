// SPDX-License-Identifier: Apache-2.0
public import CPython
internal import CPythonShims
internal import PythonBuffers

private let module = ModuleDefinition(
    name: "swiftbuffer._core", documentation: "The compiled half of swiftbuffer.",
    stateCount: CoreState.allCases.count, idleCount: CoreState.idleCount,
    functions: ArrayFunctions.definitions + Joining.functions + Pickling.functions + CAPI.functions
        + FormatFunctions.definitions + [ForeignMemory.function, MapFile.function]
        + ExchangeFunctions.definitions + [Planes.function, Ring.function]
        + [SearchMethods.function] + SharedArrays.functions + ThreadFunctions.definitions
        + RecordFunctions.definitions + ExportTracing.functions
) { object in
    returningStatus { () throws(PythonError) in
        FormatReader { (buffer) throws(PythonError) in
            let item = try buffer.item(nil)
            return item.unreadable == nil ? item.format : nil
        }.install()
        RecordClassTable { module.object(at: CoreState.recordClasses.rawValue) }.install()
        let builder = ModuleBuilder(object)
        try ArrayObject.addTypes(to: builder)
        let view = try builder.add(ViewObject.type)
        try builder.keep(
            ViewObject.singleItemType.make(in: builder.module, base: view),
            at: CoreState.singleItemViewType.rawValue)
        ViewObject.enableVectorcall(of: view)
        try builder.keep(view, at: CoreState.viewType.rawValue)
        try builder.keep(Lease.type.make(in: builder.module), at: CoreState.leaseType.rawValue)
        try builder.keep(MemoryIterator.type.make(in: builder.module), at: CoreState.iteratorType.rawValue)
        try builder.keep(PythonObject(emptyDictionary: ()), at: CoreState.recordClasses.rawValue)
        try builder.keep(PythonObject(emptyDictionary: ()), at: CoreState.knownFormats.rawValue)
        try builder.add("OutOfRangeError", PythonError.outOfRangeClass())
        try ExchangeTable.add(to: moduleObject(CoreState.arrayType.rawValue, of: object))
        try ExchangeTable.add(to: moduleObject(CoreState.viewType.rawValue, of: object))
        try CAPI.add(to: builder)
        try ForeignMemory.add(to: builder)
        try Ring.add(to: builder)
    }
}

/// The module in the current interpreter; `nil` where it has not been imported, or ends.
func currentModule() throws(PythonError) -> PythonObject? {
    guard let type = module.object(at: CoreState.viewType.rawValue) else { return nil }
    return PythonObject(borrowing: PythonBuffers.module(of: unsafe type.reference))
}

// The name that CPython looks for.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c public func PyInit__core() -> UnsafeMutablePointer<PyObject>? {
    unsafe module.initialize().pointer
}
