package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
internal import InterchangeShims

/// An array of Arrow's, taken out of its capsule: primitive items, or lists of a fixed size of them, without nulls.
///
/// Source: "The Arrow C data interface" and "The Arrow PyCapsule Interface".
package struct ArrowImport {
    /// The items; the array is released when the memory ends.
    package let memory: BufferMemory
    package let format: Format
    /// The length of the array, then those of the lists.
    package let shape: [Int]

    /// Takes the array. It is used up, also where this throws after its capsule was recognised; it has been released
    /// then.
    ///
    /// - Throws: `TypeError` for anything but two capsules with the names that Arrow gives them; `BufferError` for an
    ///   array that was used before, has missing items, items without a format, or is inconsistent.
    package init(schema: ObjectReference, array: ObjectReference, isReadOnly: Bool) throws(PythonError) {
        let taken = try ObjectLock.holding(array) { () throws(PythonError) in try TakenArray(from: array) }
        let types = try unsafe Self.pointer(in: schema, ArrowCapsule.schema).assumingMemoryBound(
            to: SBArrowSchema.self)
        guard unsafe types.pointee.release != nil else {
            throw PythonError(.buffer, "the schema was used before")
        }
        let reading = try PythonError.bufferError { () throws(InterchangeError) in
            try unsafe ArrowReading(types, taken.array)
        }
        memory = unsafe BufferMemory(
            adopting: reading.address, byteCount: reading.byteCount, isReadOnly: isReadOnly,
            release: { taken.end() })
        format = reading.format
        shape = reading.shape
    }

    fileprivate static func pointer(
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

/// An array that belongs to this library: it is released once, when it is not needed any more.
@safe
private final class TakenArray {
    let array: UnsafeMutablePointer<SBArrowArray>
    private var hasEnded = false

    /// - Precondition: other threads do not use the capsule meanwhile.
    init(from capsule: ObjectReference) throws(PythonError) {
        let source = try unsafe ArrowImport.pointer(in: capsule, ArrowCapsule.array).assumingMemoryBound(
            to: SBArrowArray.self)
        guard unsafe source.pointee.release != nil else {
            throw PythonError(
                .buffer, "the array was used before: each capsule can be consumed once, ask for a new one")
        }
        guard let moved = unsafe sb_moved_arrow_array(source) else { throw .outOfMemory() }
        unsafe array = moved
    }

    deinit { end() }

    /// Releases the array, unless it has been.
    ///
    /// - Precondition: the thread is attached: a release function may be written in Python.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        // The memory may end while an exception is being raised.
        PythonError.settingPendingAside {
            unsafe sb_end_arrow_array(array)
            if unsafe PyErr_Occurred() != nil { PyErr_WriteUnraisable(nil) }
        }
    }
}
