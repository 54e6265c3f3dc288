// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import InterchangeShims
internal import PythonBuffers

/// DLPack's functions for C code, the attribute `__dlpack_c_exchange_api__` of the types `Array` and `View`: a tensor
/// without a capsule and without a call of Python.
///
/// Source: "C Exchange API" in DLPack's Python specification.
enum ExchangeTable {
    /// One table for the process, which never changes.
    private nonisolated(unsafe) static let table: UnsafeMutablePointer<SBExchangeTable> = {
        let table = UnsafeMutablePointer<SBExchangeTable>.allocate(capacity: 1)
        unsafe table.initialize(
            to: SBExchangeTable(
                major: UInt32(SB_TENSOR_MAJOR), minor: UInt32(SB_TENSOR_MINOR), previous: nil,
                allocate: { prototype, result, context, fail in
                    do throws(PythonError) {
                        unsafe result.pointee = try TensorAllocation.make(like: prototype.pointee)
                        return 0
                    } catch {
                        // No exception: the thread need not be attached here.
                        let kind = error.kind == .memory ? "MemoryError" : "BufferError"
                        unsafe fail?(context, kind, error.message ?? "the tensor cannot be made")
                        return -1
                    }
                },
                from_object: { object, result in
                    returningStatus { () throws(PythonError) in
                        unsafe result.pointee = try ExchangeTable.tensor(of: ExchangeTable.reference(to: object))
                    }
                },
                to_object: { tensor, result in
                    returningStatus { () throws(PythonError) in
                        unsafe result.pointee = try UnsafeMutableRawPointer(
                            ExchangeTable.view(of: tensor).intoPointer())
                    }
                },
                describe: nil,
                stream: { _, _, result in
                    // Memory of the CPU has none.
                    unsafe result.pointee = nil
                    return 0
                }))
        return unsafe table
    }()

    private static func reference(to object: UnsafeMutableRawPointer) -> ObjectReference {
        unsafe ObjectReference(pointer: object.assumingMemoryBound(to: PyObject.self))
    }

    private static func tensor(
        of memory: ObjectReference
    ) throws(PythonError) -> UnsafeMutablePointer<SBVersionedTensor> {
        let entry = try ViewTypes(ofModuleOf: memory.type).interpreterEntry()
        let (scalar, swapped) = try TensorMethods.scalar(of: memory)
        guard !swapped else { throw TensorMethods.otherByteOrder }
        return try unsafe TensorExport.tensor(of: memory, as: scalar, interpreter: entry.reference)
    }

    private static func view(of tensor: UnsafeMutablePointer<SBVersionedTensor>) throws(PythonError) -> PythonObject {
        guard let module = try currentModule() else {
            throw PythonError(.runtime, "swiftbuffer is not imported in this interpreter")
        }
        let exporter = try unsafe TensorImport.exporter(
            owning: tensor, type: moduleObject(CoreState.foreignMemoryType.rawValue, of: module.reference))
        return try unsafe ViewObject.make(ViewTypes(for: module.reference), of: exporter.reference)
    }

    /// Gives a type the attribute.
    ///
    /// - Precondition: no other thread knows the type yet.
    static func add(to type: ObjectReference) throws(PythonError) {
        let capsule = try unsafe PythonObject(
            result: PyCapsule_New(table, sb_exchange_table_name(), nil))
        if unsafe sb_set_type_attribute(type.typePointer, "__dlpack_c_exchange_api__", capsule.pointer) < 0 {
            throw .pending()
        }
    }
}
