// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

/// Memory that is not this library's own: the exporters behind `swiftbuffer.from_memory`, `from_dlpack` and their kin.
///
/// Python sees a memoryview of its bytes, or a View of its items. The object itself ends when its last export does, and
/// the memory with it. See ``ForeignExporter``.
enum ForeignMemory {
    /// An exporter of described memory.
    ///
    /// - Parameter module: this one, or an instance of one of its types.
    static func exporter(
        of description: BufferDescription, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        try ForeignExporter.make(
            description, type: moduleObject(CoreState.foreignMemoryType.rawValue, of: module),
            collectedType: moduleObject(CoreState.collectedForeignMemoryType.rawValue, of: module))
    }

    /// An exporter of items at an address, which some objects keep.
    ///
    /// - Parameter address: that of item `(0, ..., 0)`.
    /// - Precondition: the items of `layout`, without pointers, stay in place as long as both objects live, and may be
    ///   written unless `isReadOnly`.
    @unsafe
    static func exporter(
        at address: UnsafeMutableRawPointer?, layout: Layout, item: ItemFormat, isReadOnly: Bool,
        owner: ObjectReference?, companion: ObjectReference? = nil, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let type = owner == nil ? CoreState.foreignMemoryType : .collectedForeignMemoryType
        return try unsafe ForeignExporter.make(
            of: moduleObject(type.rawValue, of: module), address: address, layout: layout, item: item.exported,
            text: item, isReadOnly: isReadOnly, owner: owner, companion: companion)
    }

    /// A view of described memory, which ends with the last view of it.
    static func view(
        of description: BufferDescription, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let exporter = try exporter(of: description, for: module)
        return try unsafe ViewObject.make(ViewTypes(for: module), of: exporter.reference)
    }

    /// Makes the types, which are not shown in the module.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(
            ForeignExporter.type.make(in: builder.module), at: CoreState.foreignMemoryType.rawValue)
        try builder.keep(
            ForeignExporter.collectedType.make(in: builder.module),
            at: CoreState.collectedForeignMemoryType.rawValue)
    }
}
