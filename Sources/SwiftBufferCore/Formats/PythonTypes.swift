// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

// Questions about the types of NumPy and ctypes, neither of which is imported for this.

extension PythonObject {
    /// Whether the object is an instance of a type that a module has under this name; Python code never runs.
    func isInstance(of name: String, in module: borrowing PythonObject) throws(PythonError) -> Bool {
        guard let type = try module.attributeIfAny(name), type.isType else { return false }
        return unsafe reference.type.isSubtype(of: type.reference)
    }

    /// Whether the object is a type, and one that a module has under this name or derived from it.
    func isSubtype(of name: String, in module: borrowing PythonObject) throws(PythonError) -> Bool {
        guard unsafe reference.isType, let type = try module.attributeIfAny(name), type.isType else { return false }
        return unsafe reference.isSubtype(of: type.reference)
    }
}
