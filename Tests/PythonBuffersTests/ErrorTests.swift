// SPDX-License-Identifier: Apache-2.0
import CPython
import CPythonShims
import Testing

@testable import PythonBuffers

@Suite struct ErrorTests {
    @Test(arguments: [
        (PythonError.Kind.attribute, "AttributeError"), (.buffer, "BufferError"), (.index, "IndexError"),
        (.key, "KeyError"), (.notImplemented, "NotImplementedError"), (.overflow, "OverflowError"),
        (.runtime, "RuntimeError"), (.system, "SystemError"), (.type, "TypeError"), (.value, "ValueError"),
    ])
    func aSwiftErrorBecomesThePythonException(kind: PythonError.Kind, name: String) throws {
        try withPython {
            let error = PythonError(kind, "what \u{0} \u{e9}")
            #expect(error.kind == kind && error.matches(kind) && !error.matches(.memory))
            error.raise()
            let exception = unsafe PythonObject(owning: try #require(sb_take_exception()))
            #expect(exception.typeName == name)
            let python = try Namespace()
            try python.set("e", exception)
            #expect(try python.truth("e.args == ('what \\0 \\xe9',)"))
        }
    }

    @Test func whatDoesNotFitIsAValueErrorAndAnOverflowError() throws {
        try withPython {
            let error = PythonError(.outOfRange, "too large")
            #expect(error.matches(.outOfRange) && error.matches(.value) && error.matches(.overflow))
            #expect(!error.matches(.type))
            error.raise()
            let exception = unsafe PythonObject(owning: try #require(sb_take_exception()))
            let python = try Namespace()
            try python.set("e", exception)
            try python.set("c", PythonError.outOfRangeClass())
            #expect(try python.truth("type(e) is c and c.__mro__[1:3] == (ValueError, OverflowError)"))
            #expect(try python.truth("c.__module__ == 'swiftbuffer' and e.args == ('too large',)"))
        }
    }

    @Test func noMemoryIsTheInterpretersOwnMemoryError() throws {
        try withPython {
            PythonError(.memory, "unused").raise()
            let exception = unsafe PythonObject(owning: try #require(sb_take_exception()))
            #expect(exception.typeName == "MemoryError")
        }
    }

    @Test func aPythonExceptionSurvivesSwiftWhole() throws {
        try withPython {
            let python = try Namespace()
            try python.run(
                """
                class Mine(KeyError): pass
                raised = Mine(1, 'two')
                def inner(): raise raised
                def outer(): inner()
                """)
            var caught: PythonError?
            do throws(PythonError) { try python.run("outer()") } catch { caught = error }
            let error = try #require(caught)
            #expect(error.kind == nil)
            #expect(error.matches(.key) && !error.matches(.value))
            #expect(unsafe PyErr_Occurred() == nil)
            // The interpreter is free to be used in between.
            #expect(try evaluate("6 * 7").int() == 42)
            error.raise()
            do {
                let exception = unsafe PythonObject(owning: try #require(sb_take_exception()))
                try python.set("e", exception)
            }
            #expect(try python.truth("e is raised and e.args == (1, 'two')"))
            try python.run("import traceback; names = [f.name for f in traceback.extract_tb(e.__traceback__)]")
            #expect(try python.string("names") == "['<module>', 'outer', 'inner']")
        }
    }

    @Test func anErrorRaisedTwiceIsTheSameException() throws {
        try withPython {
            var caught: PythonError?
            do throws(PythonError) { _ = try evaluate("1 / 0") } catch { caught = error }
            let error = try #require(caught)
            error.raise()
            let first = unsafe PythonObject(owning: try #require(sb_take_exception()))
            error.raise()
            let second = unsafe PythonObject(owning: try #require(sb_take_exception()))
            let isSame = unsafe first.reference == second.reference
            #expect(isSame)
        }
    }

    @Test func aDroppedErrorLeavesNothingBehind() throws {
        try withPython {
            let python = try Namespace()
            try python.run("class Mine(Exception): pass\nraised = Mine()")
            let exception = try python.evaluate("raised")
            let references = referenceCount(exception)
            for _ in 0..<100 {
                do throws(PythonError) { try python.run("raise raised") } catch { #expect(!error.matches(.key)) }
                try python.run("raised.__traceback__ = None")
            }
            #expect(referenceCount(exception) == references)
            #expect(unsafe PyErr_Occurred() == nil)
        }
    }

    @Test func aFailureWithoutAnExceptionIsASystemError() throws {
        try withPython {
            expectError("SystemError: a C function failed without setting an exception") { () throws(PythonError) in
                throw PythonError.pending()
            }
        }
    }
}
