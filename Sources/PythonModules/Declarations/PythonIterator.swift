// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import PythonBuffers

/// A Python iterator over the items that a closure gives.
@usableFromInline
struct PythonIterator: PythonValue {
    private var next: (() throws -> PythonObject?)?

    @usableFromInline init(_ next: @escaping () throws -> PythonObject?) { self.next = next }

    /// The iterator as a new object.
    @usableFromInline
    func object() throws -> PythonObject {
        let type = try InterpreterTable.find(Self.self) { try Self.definition.type.make() }
        return try unsafe Exported<Self>.makeUnchecked(of: type.reference, self)
    }

    /// The next item; after the end, and after an error, there is none.
    private mutating func advance() throws -> PythonObject? {
        // What gives the items may run code that asks for the next one, which then finds none.
        guard let next else { return nil }
        do {
            if let item = try next() { return item }
        } catch {
            self.next = nil
            throw error
        }
        self.next = nil
        return nil
    }

    private struct Definition: @unchecked Sendable {
        // Not changed once it is made.
        let type: TypeDefinition
    }

    private static let definition = Definition(
        type: TypeDefinition(
            holding: PythonIterator.self, exports: false, name: "swiftbuffer.iterator",
            documentation: "An iterator over items that Swift makes.", isInstantiable: false,
            slots: [
                .iterate { PythonObject(borrowing: $0).intoResult() },
                .next { (object: ObjectReference) -> ObjectResult in
                    do {
                        let item = try ValueAccess<PythonIterator>.change(object, whileExported: true) { iterator in
                            try iterator.advance()
                        }
                        return item.intoResult()
                    } catch {
                        raiseInPython(error)
                        return .failure
                    }
                },
            ], methods: [], properties: []))
}

extension Optional where Wrapped == PythonObject {
    /// What `tp_iternext` returns: NULL without an exception at the end.
    consuming func intoResult() -> ObjectResult {
        switch consume self {
        case let item?: return item.intoResult()
        case nil: return .failure
        }
    }
}
