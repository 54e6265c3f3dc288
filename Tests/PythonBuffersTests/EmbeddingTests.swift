// SPDX-License-Identifier: Apache-2.0
import PythonModules
import Testing

private let tides = Module("tides") {
    Def("height", "hour") { (hour: Double) in 2 * hour }
    Constant("HARBOUR", "Dover")
}

/// What `withPython` promises to the tests of Swift packages.
@Suite struct EmbeddingTests {
    @Test func moduleIsImportedByItsName() throws {
        try withPython(tides) { module in
            let height = try module.callMethod("height", 1.5).value(as: Double.self)
            #expect(height == 3)
            #expect(try evaluate("__import__('tides').HARBOUR").string() == "Dover")
        }
    }

    @Test func moduleIsMadeOnce() throws {
        try withPython(tides) { module in try module.setAttribute("seen", PythonObject(true)) }
        try withPython(tides) { module in
            let seen = try module.attribute("seen").value(as: Bool.self)
            #expect(seen)
        }
    }

    @Test func exceptionsLeaveAsText() throws {
        let failure = #expect(throws: PythonFailure.self) {
            try withPython { _ = try evaluate("int('seven')") }
        }
        #expect(failure?.description.hasPrefix("ValueError: invalid literal for int()") == true)
        let own = #expect(throws: PythonFailure.self) {
            try withPython { throw PythonError(.value, "too deep") }
        }
        #expect(own?.description == "value: too deep")
    }

    @Test func errorsOfSwiftLeaveAsTheyAre() {
        struct Storm: Error {}
        #expect(throws: Storm.self) { try withPython { throw Storm() } }
    }

    @Test func valuesOfSwiftLeave() throws {
        #expect(try withPython { try evaluate("6 * 7").value(as: Int.self) } == 42)
    }
}
