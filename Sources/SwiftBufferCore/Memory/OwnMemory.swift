// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import PythonBuffers

/// Arrays and views of one module, whose memory another fast path reads by their record, without acquiring a buffer.
enum OwnMemory {
    /// Whether an object is an array or a view of the module that some memory belongs to.
    @inline(__always)
    static func contains(_ object: ObjectReference, besides memory: ObjectReference) -> Bool {
        let type = object.type
        if type == memory.type { return true }
        guard let state = unsafe ModuleState.objects(of: sb_type(memory.pointer)),
            let array = unsafe state[CoreState.arrayType.rawValue],
            let view = unsafe state[CoreState.viewType.rawValue]
        else { return false }
        return type == array || type == view
    }
}
