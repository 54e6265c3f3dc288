internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// Python's iterator over the first axis: items of one dimension, views of more.
struct MemoryIterator: ~Copyable {
    let memory: PythonObject
    var next = 0
    /// The length when iteration began, as memoryview has it.
    let count: Int

    nonisolated(unsafe) static let type = unsafe TypeDefinition(
        name: "swiftbuffer._core._Iterator",
        documentation: "Iterates along the first axis of a View or an Array.",
        basicSize: Instance<MemoryIterator>.size,
        flags: [.collected, .notInstantiable],
        slots: [
            .deallocate { unsafe Instance<MemoryIterator>.deallocate($0) },
            unsafe .traverse { iterator, visitor, context in
                guard let iterator = unsafe iterator else { return 0 }
                let status = unsafe visitType(of: iterator, visitor, context)
                if status != 0 { return status }
                return unsafe visit(
                    Instance<MemoryIterator>.value(in: iterator).pointee.memory.pointer, visitor, context)
            },
            unsafe .iterate { iterator in
                unsafe sb_incref(iterator!)
                return unsafe iterator
            },
            unsafe .next { iterator in unsafe advance(iterator!) },
        ],
        methods: unsafe [
            lengthHint.method {
                unsafe lengthHint.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let state = unsafe Instance<MemoryIterator>.value(in: call.receiver)
                    return try unsafe PythonObject(max(state.pointee.count - sb_look_at_number(&state.pointee.next), 0))
                }
            }
        ])

    static func make(over memory: ObjectPointer) throws(PythonError) -> PythonObject {
        let count = try unsafe Memory(memory).look { (contents) throws(PythonError) in
            guard contents.ndim > 0 else { throw PythonError(.type, "0-dim memory cannot be iterated over") }
            return contents.layout.shape[0]
        }
        let type = try unsafe kept(CoreState.iteratorType.rawValue, near: memory)
        return try unsafe Instance<MemoryIterator>.make(
            of: type, MemoryIterator(memory: PythonObject(borrowing: memory), count: count))
    }

    /// The slot `tp_iternext`: NULL without an exception at the end.
    private static func advance(_ iterator: ObjectPointer) -> ObjectPointer? {
        let state = unsafe Instance<MemoryIterator>.value(in: iterator)
        // Past the end the number stays, so that it cannot overflow.
        guard unsafe sb_look_at_number(&state.pointee.next) < state.pointee.count else { return nil }
        let index = unsafe sb_take_number(&state.pointee.next)
        guard unsafe index < state.pointee.count else { return nil }
        let object = unsafe state.pointee.memory.pointer
        if let item = unsafe FastItems.item(object, at: index) { return unsafe item }
        return unsafe returningObject { () throws(PythonError) in
            let memory = unsafe Memory(object)
            if try memory.look({ (contents) in contents.ndim }) == 1 { return try memory.item(at: index) }
            return try unsafe memory.view(.axes([.integer(index)]), ViewTypes(near: object))
        }
    }
}

private let lengthHint = Callable("__length_hint__", "", "Return how many items are left.")
