// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// How an array object is created and destroyed. The last array that ended is kept for the next one, with its block where
// that is small: making both anew takes longer than what most small arrays are made for.

extension ArrayObject {
    /// An idle array has room for shape and strides of two dimensions.
    private static let idleRoom = 4
    /// An idle array keeps a block of up to so many bytes.
    private static let idleCapacity = 512

    /// An object with room for its dimensions, whose other fields are clear; an idle one may have its former block.
    @inline(__always)
    static func allocate(
        _ type: UnsafeMutablePointer<PyTypeObject>, ndim: Int
    ) throws(PythonError) -> PythonObject {
        let idle = unsafe idleObjects(of: type)
        if let idle, 2 * ndim <= idleRoom, let array = idle.remove(at: .array) {
            return unsafe PythonObject(owning: array.pointer)
        }
        let room = idle == nil ? 2 * ndim : max(2 * ndim, idleRoom)
        let isCollected = unsafe sb_is_collected(type) != 0
        let array = try unsafe PythonObject(
            result: isCollected ? sb_allocate(type, room) : sb_new_uncollected(type, room))
        let fields = unsafe ObjectFields(of: array.reference)
        unsafe fields.block = nil
        fields.clear()
        return array
    }

    /// Where arrays of a type are kept, which have dimensions and memory of their own; `nil` for other types.
    @inline(__always)
    private static func idleObjects(of type: UnsafeMutablePointer<PyTypeObject>) -> IdleObjects? {
        let state = unsafe ModuleState.objects(of: type)
        guard let array = unsafe state?[CoreState.arrayType.rawValue], unsafe array.typePointer == type else {
            return nil
        }
        return unsafe IdleObjects(in: state)
    }

    /// Memory of its own for a new array: its former block, where that has the same size.
    @inline(__always)
    static func ownBlock(
        of fields: ObjectFields, byteCount: Int, zeroed: Bool
    ) throws(PythonError) -> UnsafeMutableRawPointer {
        if let block = unsafe fields.block, fields.capacity == byteCount {
            if zeroed { unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
            return unsafe block
        }
        dropBlock(of: fields)
        let block = try unsafe MemoryBlock(byteCount: byteCount, zeroed: zeroed).intoPointer()
        fields.capacity = byteCount
        return unsafe block
    }

    /// Frees the block that an array owns, if it has one.
    @inline(__always)
    static func dropBlock(of fields: ObjectFields) {
        guard let block = unsafe fields.block else { return }
        _ = unsafe MemoryBlock(owning: block, byteCount: fields.capacity)
        unsafe fields.block = nil
        fields.capacity = 0
    }

    /// Releases the memory of an array, adopted or its own. Ending adopted memory may run Python code.
    @inline(__always)
    static func dropMemory(of fields: ObjectFields) {
        releaseAdopted(of: fields)
        dropBlock(of: fields)
    }

    @inline(__always)
    private static func releaseAdopted(of fields: ObjectFields) {
        guard let memory = unsafe fields.memory else { return }
        // It is no block of the array's.
        unsafe (fields.memory, fields.block) = (nil, nil)
        unsafe BufferMemory.releaseFromExporter(memory)
    }

    /// The slot `tp_dealloc`. No export is outstanding, since each would keep the array alive.
    static func deallocate(_ array: ObjectReference) {
        let type = unsafe sb_type(array.pointer)
        let fields = ObjectFields(of: array)
        // Ending adopted memory may run Python code, which must not find an array without references.
        if unsafe sb_is_collected(type) != 0 { unsafe PyObject_GC_UnTrack(array.pointer) }
        if fields.hasWeakReferences { unsafe PyObject_ClearWeakRefs(array.pointer) }
        releaseAdopted(of: fields)
        fields.dropItem()
        if let idle = unsafe idleObjects(of: type), idle.hasRoom(at: .array),
            unsafe sb_item_count(array.pointer) == idleRoom
        {
            if fields.capacity > idleCapacity { dropBlock(of: fields) }
            let capacity = unsafe fields.block == nil ? 0 : fields.capacity
            fields.clear()
            fields.capacity = capacity
            unsafe sb_revive(array.pointer)
            idle.store(array, at: .array)
            return
        }
        dropBlock(of: fields)
        freeInstance(array)
    }
}
