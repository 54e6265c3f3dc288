// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

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
