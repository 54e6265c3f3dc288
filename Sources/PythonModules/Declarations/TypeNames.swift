// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The names in Python of Swift types that modules declare, for stubs: `signals.Wave`.
enum TypeNames {
    private static let names = Mutex<[ObjectIdentifier: String]>([:])

    static func set<Value: ~Copyable>(_ name: String, of _: Value.Type) {
        names.withLock { $0[ObjectIdentifier(Value.self)] = name }
    }

    /// The name of a type; `nil` before a module that declares it is imported.
    static func find<Value: ~Copyable>(_: Value.Type) -> String? {
        names.withLock { $0[ObjectIdentifier(Value.self)] }
    }
}
