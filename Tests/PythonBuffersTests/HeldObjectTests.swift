// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Testing

@testable import PythonBuffers

/// Python objects inside of Swift values: the garbage collector, and threads that it does not know.
@Suite struct HeldObjectTests {
    /// An exporter that keeps any objects.
    private struct Holder: BufferExporter {
        let memory: BufferMemory
        var objects: [HeldObject]

        init(objects: [HeldObject]) throws(PythonError) {
            memory = try BufferMemory(byteCount: 4)
            self.objects = objects
        }

        init(_ object: consuming PythonObject) throws(PythonError) {
            try self.init(objects: [HeldObject(object)])
        }

        func describeBuffer() throws(PythonError) -> BufferDescription {
            try BufferDescription(memory, shape: [memory.byteCount], of: UInt8.self)
        }

        func visitObjects(_ visitor: inout ObjectVisitor) {
            for object in objects { visitor.visit(object) }
        }

        static let type = TypeDefinition(
            exporting: Holder.self, name: "tests.Holder", documentation: "Keeps objects.")

        func make() throws(PythonError) -> PythonObject {
            let module = try makeModule()
            let type = try unsafe Self.type.make(in: module.reference)
            return try unsafe Exported<Holder>.make(of: type.reference, self)
        }
    }

    private func makeTrackedObjects() throws(PythonError) -> Namespace {
        let python = try Namespace()
        try python.run(
            """
            import gc, weakref
            class Node: pass
            node = Node()
            alive = weakref.ref(node)
            """)
        return python
    }

    @Test func cyclesThroughAValueAreCollected() throws {
        try withPython {
            let python = try makeTrackedObjects()
            try python.set("x", Holder(python.evaluate("node")).make())
            try python.run("node.exporter = x; node.view = memoryview(x); del node, x; gc.collect()")
            #expect(try python.truth("alive() is None"))
        }
    }

    @Test func cyclesOfValuesAloneAreCollected() throws {
        try withPython {
            let python = try makeTrackedObjects()
            let first = try Holder(python.evaluate("node")).make()
            let second = try Holder(first.copy()).make()
            try unsafe Exported<Holder>.update(first.reference) { (value) throws(PythonError) in
                value.objects.append(HeldObject(second.copy()))
            }
            try python.run("del node")
            #expect(try python.truth("alive() is not None"))
            try python.set("pair", PythonObject(pair: first.copy(), second.copy()))
            _ = consume first
            _ = consume second
            try python.run("gc.collect()")
            #expect(try python.truth("alive() is not None"))
            try python.run("del pair; gc.collect()")
            #expect(try python.truth("alive() is None"))
        }
    }

    @Test func anObjectThatTwoValuesKeepStaysWhileOneIsUsed() throws {
        try withPython {
            let python = try makeTrackedObjects()
            let shared = HeldObject(try python.evaluate("node"))
            try python.set("a", Holder(objects: [shared, shared]).make())
            try python.set("b", Holder(objects: [shared]).make())
            try python.run("del node; gc.collect(); gc.collect()")
            #expect(try python.truth("type(alive()).__name__ == 'Node'"))
            #expect(try shared.object().typeName == "Node")
            try python.run("del a; gc.collect()")
            #expect(try shared.object().typeName == "Node")
        }
    }

    @Test func anObjectThatSwiftKeepsTooIsNeverDangling() throws {
        try withPython {
            let python = try makeTrackedObjects()
            let held = HeldObject(try python.evaluate("node"))
            try python.set("x", Holder(objects: [held]).make())
            try python.run("node.exporter = x; del node, x; gc.collect()")
            // Which object of the cycle the collector begins with is up to CPython.
            do throws(PythonError) {
                #expect(try held.object().typeName == "Node")
            } catch {
                #expect(text(of: error).hasPrefix("RuntimeError: the object has been collected"))
            }
        }
    }

    @Test func anErrorOfPythonsEndsOnAnyThread() throws {
        let box = Box()
        try withPython {
            do throws(PythonError) {
                _ = try PythonBuffer(evaluate("1"))
            } catch {
                box.error = error
            }
            #expect(box.error?.matches(.type) == true)
        }
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            #expect(box.error?.matches(.value) == false)
            #expect(box.error.map { "\($0)" } == "TypeError, raised by Python")
            box.error = nil
            done.signal()
        }
        done.wait()
        // CPython drops it later, on its main thread.
        try withPython {
            let answer = try evaluate("6 * 7").int()
            #expect(answer == 42)
        }
    }

    private final class Box: @unchecked Sendable {
        var error: PythonError?
    }

    @Test func aTypeHoldsValuesOfItsOwnKindOnly() throws {
        try withPython {
            let module = try makeModule()
            let type = try unsafe Holder.type.make(in: module.reference)
            expectError("TypeError: objects of this type do not hold a Sample") { () throws(PythonError) in
                _ = try unsafe Exported<Sample>.make(of: type.reference, Sample.bytes(4))
            }
        }
    }

    /// A value that cannot be copied, and so not restored.
    private struct Unique: BufferExporter, ~Copyable {
        var memory: BufferMemory
        var count: Int

        borrowing func describeBuffer() throws(PythonError) -> BufferDescription {
            try BufferDescription(memory, shape: [count], of: UInt8.self)
        }

        static let type = TypeDefinition(
            exporting: Unique.self, name: "tests.Unique", documentation: "Cannot be copied.")
    }

    @Test func aNoncopyableValueIsDescribedAsItWasLeft() throws {
        try withPython {
            let module = try makeModule()
            let type = try unsafe Unique.type.make(in: module.reference)
            let object = try unsafe Exported<Unique>.make(
                of: type.reference, Unique(memory: BufferMemory(byteCount: 8), count: 8))
            func change(to count: Int, fails: Bool) throws(PythonError) {
                try unsafe Exported<Unique>.update(object.reference) { (value) throws(PythonError) in
                    value.count = count
                    if fails { throw PythonError(.value, "no") }
                }
            }
            expectError("ValueError: no") { () throws(PythonError) in try change(to: 4, fails: true) }
            #expect(try shape(of: object) == [4])
            // What cannot be described is not shown at all.
            expectError("BufferError: shape (9,)") { () throws(PythonError) in try change(to: 9, fails: false) }
            expectError("BufferError: the memory is being changed") { () throws(PythonError) in
                _ = try shape(of: object)
            }
            try change(to: 3, fails: false)
            #expect(try shape(of: object) == [3])
            let buffer = try PythonBuffer(object)
            expectError("BufferError: Existing exports") { () throws(PythonError) in try change(to: 3, fails: false) }
            #expect(buffer.ndim == 1)
        }
    }
}
