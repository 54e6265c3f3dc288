// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's iterator over the first axis: items of one dimension, views of more.
enum MemoryIterator {
    static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core._Iterator",
        documentation: "Iterates along the first axis of a View or an Array.",
        basicSize: MemoryLayout<SBIterator>.size,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { iterator in
                unsafe PyObject_GC_UnTrack(iterator.pointer)
                // The type, which this object holds, keeps the module.
                let state = unsafe ModuleState.objects(of: sb_type(iterator.pointer))
                if let memory = unsafe sb_iterator(iterator.pointer).pointee.memory {
                    unsafe sb_iterator(iterator.pointer).pointee.memory = nil
                    unsafe sb_decref(memory)
                }
                if let idle = unsafe IdleObjects(in: state), idle.hasRoom(at: .iterator) {
                    unsafe sb_revive(iterator.pointer)
                    idle.store(iterator, at: .iterator)
                    return
                }
                freeCollected(iterator)
            },
            unsafe .traverse { iterator, visitor, context in
                let status = unsafe visitType(of: iterator, visitor, context)
                if status != 0 { return status }
                let memory = unsafe OptionalObjectReference(pointer: sb_iterator(iterator.pointer).pointee.memory)
                return unsafe visit(memory.object, visitor, context)
            },
            .iterate { iterator in
                PythonObject(borrowing: iterator).intoResult()
            },
            .next(swiftbuffer_next),
        ],
        methods: [
            lengthHint.method {
                lengthHint.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let state = unsafe sb_iterator(call.receiver.pointer)
                    return try unsafe PythonObject(max(state.pointee.count - sb_look_at_number(&state.pointee.next), 0))
                }
            }
        ])

    static func make(over memory: ObjectReference) throws(PythonError) -> PythonObject {
        let (count, plain) = try MemoryObject(memory).withReadAccess { (contents) throws(PythonError) in
            guard contents.ndim > 0 else { throw PythonError(.type, "0-dim memory cannot be iterated over") }
            let layout = contents.layout
            let isPlain = layout.ndim == 1 && !layout.isIndirect && contents.scalar?.swapped == false
            return unsafe (layout.shape[0], isPlain ? contents.record.scalar : UInt8(SB_NO_SCALAR))
        }
        let iterator = try unsafe idleOrNew(ModuleState.objects(of: sb_type(memory.pointer)))
        let state = unsafe sb_iterator(iterator.pointer)
        unsafe state.pointee.memory = PythonObject(borrowing: memory).intoPointer()
        unsafe state.pointee.next = 0
        unsafe state.pointee.count = count
        unsafe state.pointee.plain = plain
        unsafe PyObject_GC_Track(iterator.pointer)
        return iterator
    }

    /// The idle iterator, or a new one: not tracked by the collector.
    ///
    /// - Parameter state: the module's.
    @inline(__always)
    private static func idleOrNew(
        _ state: UnsafeMutablePointer<ObjectReference?>?
    ) throws(PythonError) -> PythonObject {
        if let idle = unsafe IdleObjects(in: state)?.remove(at: .iterator) {
            return unsafe PythonObject(owning: idle.pointer)
        }
        guard let type = unsafe state?[CoreState.iteratorType.rawValue] else {
            throw PythonError(.runtime, "the module is being shut down")
        }
        return try unsafe PythonObject(result: sb_new_collected(type.typePointer, 0))
    }

    /// The slow path, out of line: items that are not native scalars of one axis, and the end of the memory.
    @inline(never)
    fileprivate static func element(_ memory: ObjectReference, _ index: Int) -> ReferenceBits {
        if let item = FastRecords.item(memory, at: index) { return item.bits }
        do {
            guard let element = try MemoryObject(memory).remainingElement(at: index) else { return 0 }
            return unsafe ReferenceBits(bitPattern: element.intoPointer())
        } catch {
            error.raise()
            return 0
        }
    }
}

/// The slot `tp_iternext`: NULL without an exception at the end.
///
/// A `@c` function, since CPython calls a closure through one more jump.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c func swiftbuffer_next(_ iterator: ObjectReference) -> ReferenceBits {
    let state = unsafe sb_iterator(iterator.pointer)
    let count = unsafe state.pointee.count
    let index = unsafe sb_next_number(&state.pointee.next, count)
    guard index < count else { return 0 }
    // Only an idle iterator has none.
    let memory = unsafe ObjectReference(pointer: state.pointee.memory.unsafelyUnwrapped)
    // An array may have become shorter, which ends the iteration, and a view may have been released.
    guard let scalar = unsafe Scalar(known: state.pointee.plain) else {
        return MemoryIterator.element(memory, index)
    }
    return FastItems.item(memory, plain: scalar, at: index) { MemoryIterator.element(memory, index) }
}

private let lengthHint = Callable("__length_hint__", "", "Return how many items are left.")
