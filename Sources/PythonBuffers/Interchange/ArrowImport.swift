// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
internal import InterchangeShims

/// Arrays of Arrow's, taken out of their capsules, as exporters of their memory, which release them when they end:
/// primitive items, or lists of a fixed size of them, without nulls.
///
/// Source: "The Arrow C data interface" and "The Arrow PyCapsule Interface".
package enum ArrowImport {
    /// Takes the array. It is used up, also where this throws after its capsule was recognised; it has been released
    /// then.
    ///
    /// - Parameters:
    ///   - shape: the lengths of the exporter; `nil` for the length of the array, then those of the lists.
    ///   - type: made of ``ForeignExporter/type``.
    ///   - item: what is to be shown for a format: its spelling, which stays as long as the object that it is returned
    ///     with.
    /// - Throws: `TypeError` for anything but two capsules with the names that Arrow gives them; `BufferError` for an
    ///   array that was used before, has missing items, items without a format, or is inconsistent; `ValueError` for a
    ///   shape of another size; `MemoryError`.
    package static func exporter(
        schema: ObjectReference, array: ObjectReference, shape: [Int]?, isReadOnly: Bool, type: ObjectReference,
        item: (Format) -> (ExportedItem, AnyObject)
    ) throws(PythonError) -> PythonObject {
        let taken = try unsafe ObjectLock.holding(array) { () throws(PythonError) in try unsafe moved(from: array) }
        do throws(PythonError) {
            let types = try unsafe pointer(in: schema, ArrowCapsule.schema).assumingMemoryBound(
                to: SBArrowSchema.self)
            guard unsafe types.pointee.release != nil else {
                throw PythonError(.buffer, "the schema was used before")
            }
            let reading = try PythonError.bufferError { () throws(InterchangeError) in
                try unsafe ArrowReading(types, taken)
            }
            let layout = try raisingLayoutErrors { () throws(LayoutError) in
                let whole = try Layout(shape: reading.shape, itemsize: reading.format.itemsize)
                guard let shape else { return whole }
                return try whole.view.reshaped(to: shape.span, order: .c)
            }
            let (exported, text) = item(reading.format)
            let object = try unsafe ForeignExporter.make(
                of: type, address: reading.address, layout: layout, item: exported, text: text, isReadOnly: isReadOnly,
                owner: nil)
            unsafe ForeignExporter.keep(taken, in: object) { structure in
                unsafe sb_end_arrow_array(structure.assumingMemoryBound(to: SBArrowArray.self))
            }
            return object
        } catch {
            unsafe end(taken)
            throw error
        }
    }

    /// The array of a capsule, which belongs to this library now: it is to be ended once.
    ///
    /// - Precondition: other threads do not use the capsule meanwhile.
    private static func moved(from capsule: ObjectReference) throws(PythonError) -> UnsafeMutablePointer<SBArrowArray> {
        let source = try unsafe pointer(in: capsule, ArrowCapsule.array).assumingMemoryBound(to: SBArrowArray.self)
        guard unsafe source.pointee.release != nil else {
            throw PythonError(
                .buffer, "the array was used before: each capsule can be consumed once, ask for a new one")
        }
        guard let moved = unsafe sb_moved_arrow_array(source) else { throw .outOfMemory() }
        return unsafe moved
    }

    /// Ends an array that no exporter keeps. A release function may be written in Python.
    private static func end(_ array: UnsafeMutablePointer<SBArrowArray>) {
        PythonError.settingPendingAside {
            unsafe sb_end_arrow_array(array)
            if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
        }
    }

    private static func pointer(
        in capsule: ObjectReference, _ name: StaticString
    ) throws(PythonError) -> UnsafeMutableRawPointer {
        guard unsafe PyCapsule_IsValid(capsule.pointer, cString(name)) != 0,
            let pointer = unsafe PyCapsule_GetPointer(capsule.pointer, cString(name))
        else {
            throw PythonError(
                .type,
                "__arrow_c_array__ must return capsules named 'arrow_schema' and 'arrow_array', not "
                    + typeNameOf(capsule))
        }
        return unsafe pointer
    }
}
