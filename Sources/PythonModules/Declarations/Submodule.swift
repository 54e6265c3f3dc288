// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers
internal import Synchronization

/// A module inside of another: `signals.filters`, which Python code can import once `signals` is imported.
///
/// ```swift
/// let signals = Module("signals") {
///     Submodule("filters") { Def("smooth", "samples") { (samples: Span<Float>) in samples.count } }
/// }
/// ```
public struct Submodule: Sendable {
    let member: ModuleMember

    public init(_ name: String, doc: String = "", @ModuleMembers _ members: () -> [ModuleMember]) {
        let members = members()
        let declared = DeclaredOnce()
        member = ModuleMember(
            name, stub: { $0.write(submodule: name) },
            add: { module in
                guard isIdentifier(name) else { throw PythonError(.system, "'\(name)' is no name in Python") }
                let fullName = "\(module.name).\(name)"
                let object = try declared.module { Module(fullName, doc: doc, members: members) }.defined().makeModule()
                let modules = try PythonObject(importing: "sys").attribute("modules")
                try modules.setValue(object, at: fullName.toPython())
                try module.builder.add(name, object)
            })
    }
}

/// The declaration of a submodule, made when the name of the module around it is known.
private final class DeclaredOnce: Sendable {
    private let made = Mutex<Module?>(nil)

    func module(_ make: () -> Module) -> Module {
        made.withLock { made in
            if let made { return made }
            let module = make()
            made = module
            return module
        }
    }
}
