internal import CPython
internal import CPythonShims
internal import PythonBuffers

// What the functions of slots and attributes call: an entry that holds the closure.

extension Function {
    static var classMethod: CInt { METH_CLASS }
    static var staticMethod: CInt { METH_STATIC }
}

final class LengthEntry {
    let length: @Sendable (ObjectReference) throws -> Int

    init(_ length: @escaping @Sendable (ObjectReference) throws -> Int) { self.length = length }
}

final class ItemEntry {
    let length: @Sendable (ObjectReference) throws -> Int
    let item: @Sendable (ObjectReference, Int) throws -> PythonObject

    init(
        length: @escaping @Sendable (ObjectReference) throws -> Int,
        item: @escaping @Sendable (ObjectReference, Int) throws -> PythonObject
    ) {
        self.length = length
        self.item = item
    }

    func callAsFunction(_ object: ObjectReference, _ index: Int) throws -> PythonObject {
        let count = try length(object)
        guard (0..<max(count, 0)).contains(index) else {
            throw PythonError(.index, "index \(index) is out of range for a length of \(count)")
        }
        return try item(object, index)
    }
}

final class UnaryEntry {
    let call: @Sendable (ObjectReference) throws -> PythonObject

    init(_ call: @escaping @Sendable (ObjectReference) throws -> PythonObject) { self.call = call }
}

@c(swiftbuffer_call_length)
func callLength(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> Int {
    unsafe Unmanaged<LengthEntry>.fromOpaque(context)._withUnsafeGuaranteedRef { entry in
        do {
            let count = try unsafe entry.length(
                ObjectReference(pointer: receiver!.assumingMemoryBound(to: PyObject.self)))
            guard count >= 0 else { throw PythonError(.value, "a length cannot be negative: \(count)") }
            return count
        } catch {
            raiseInPython(error)
            return -1
        }
    }
}

@c(swiftbuffer_call_item)
func callItem(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?, index: Int
) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<ItemEntry>.fromOpaque(context)._withUnsafeGuaranteedRef { entry in
        do {
            let object = unsafe ObjectReference(pointer: receiver!.assumingMemoryBound(to: PyObject.self))
            return try unsafe UnsafeMutableRawPointer(entry(object, index).intoPointer())
        } catch {
            raiseInPython(error)
            return nil
        }
    }
}

@c(swiftbuffer_call_unary)
func callUnary(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<UnaryEntry>.fromOpaque(context)._withUnsafeGuaranteedRef { entry in
        do {
            let object = unsafe ObjectReference(pointer: receiver!.assumingMemoryBound(to: PyObject.self))
            return try unsafe UnsafeMutableRawPointer(entry.call(object).intoPointer())
        } catch {
            raiseInPython(error)
            return nil
        }
    }
}

/// The closures of an attribute; CPython passes its address back.
final class PropertyEntry {
    private let name: String
    private let get: @Sendable (ObjectReference) throws -> PythonObject
    private let set: (@Sendable (ObjectReference, ObjectReference) throws -> Void)?

    init(
        _ name: String, _ get: @escaping @Sendable (ObjectReference) throws -> PythonObject,
        _ set: (@Sendable (ObjectReference, ObjectReference) throws -> Void)?
    ) {
        self.name = name
        self.get = get
        self.set = set
    }

    /// The entry for a type's table, which keeps this as long as the process lives.
    func definition(_ documentation: String) -> PropertyDefinition {
        let context = unsafe Int(bitPattern: Unmanaged.passRetained(self).toOpaque())
        let set: PropertyDefinition.Setter? =
            if self.set == nil {
                nil
            } else {
                { object, value, context in PropertyEntry.set(object, value, context) }
            }
        return PropertyDefinition(
            name: name, documentation: documentation, context: context,
            get: { object, context in PropertyEntry.get(object, context) }, set: set)
    }

    private static func get(_ object: ObjectReference, _ context: Int) -> ObjectResult {
        unsafe reference(context)._withUnsafeGuaranteedRef { entry in
            do {
                return try entry.get(object).intoResult()
            } catch {
                raiseInPython(error)
                return .failure
            }
        }
    }

    private static func set(_ object: ObjectReference, _ value: OptionalObjectReference, _ context: Int) -> CInt {
        unsafe reference(context)._withUnsafeGuaranteedRef { entry in
            do {
                guard let value = value.object else {
                    throw PythonError(.attribute, "'\(entry.name)' cannot be deleted")
                }
                try entry.set?(object, value)
                return 0
            } catch {
                raiseInPython(error)
                return -1
            }
        }
    }

    private static func reference(_ context: Int) -> Unmanaged<PropertyEntry> {
        unsafe Unmanaged.fromOpaque(UnsafeRawPointer(bitPattern: context)!)
    }
}
