internal import CPythonShims
internal import PythonBuffers

/// Memory that is not this library's own: the exporter behind `swiftbuffer.from_memory`.
///
/// Python sees a memoryview of its bytes, or a View of its items. The object itself ends when its last export does, and
/// the memory with it.
struct ForeignMemory: BufferExporter {
    let description: BufferDescription

    func describeBuffer() -> BufferDescription { description }

    nonisolated(unsafe) static let type = TypeDefinition(
        exporting: ForeignMemory.self, name: "swiftbuffer._core.ForeignMemory",
        documentation: "Memory handed to from_memory; its views keep it.",
        slots: [
            .representation { object in
                returningObject { () throws(PythonError) in
                    let record = unsafe sb_record(object.pointer)
                    let address = String(unsafe UInt(bitPattern: record.pointee.address), radix: 16)
                    return try PythonObject("<ForeignMemory: \(unsafe record.pointee.length) bytes at 0x\(address)>")
                }
            }
        ])

    /// A view of described memory, which ends with the last view of it.
    ///
    /// - Parameter module: this one, or an instance of one of its types.
    static func view(
        of description: BufferDescription, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let exporter = try Exported.make(
            of: moduleObject(CoreState.foreignMemoryType.rawValue, of: module), ForeignMemory(description: description))
        return try unsafe ViewObject.make(ViewTypes(for: module), of: exporter.reference)
    }

    /// Makes the type, which is not shown in the module.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(unsafe type.make(in: builder.module), at: CoreState.foreignMemoryType.rawValue)
    }
}
