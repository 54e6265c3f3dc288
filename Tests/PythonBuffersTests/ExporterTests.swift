// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import Testing

@testable import PythonBuffers

@Suite struct ExporterTests {
    @Test func pythonAndSwiftShareTheMemory() throws {
        try withPython {
            let sample = try Sample.bytes(4)
            let python = try Namespace()
            try python.set("x", sample.make())
            try python.run("m = memoryview(x); m[2] = 77")
            #expect(sample.memory.span(of: UInt8.self)[2] == 77)
            try sample.memory.withMutableSpan(of: UInt8.self) { $0[0] = 55 }
            #expect(try python.string("m.tolist()") == "[55, 1, 77, 3]")
        }
    }

    @Test func resizingIsRefusedWhileBuffersAreOutAndAllowedAfterwards() throws {
        try withPython {
            let object = try Sample.bytes(4).make()
            func grow() throws(PythonError) {
                try unsafe Exported<Sample>.resize(object.reference) { (sample) throws(PythonError) in
                    sample = try Sample.bytes(8)
                }
            }
            do {
                let one = try PythonBuffer(object)
                expectError("BufferError: Existing exports of data: object cannot be re-sized (1 export outstanding") {
                    () throws(PythonError) in try grow()
                }
                let two = try PythonBuffer(object)
                expectError("BufferError: Existing exports of data", "(2 exports outst") { () throws(PythonError) in
                    try grow()
                }
                #expect(try one.bytes.byteCount == 4 && two.bytes.byteCount == 4)
            }
            try grow()
            #expect(try shape(of: object) == [8])
            try unsafe Exported<Sample>.read(object.reference) { #expect($0.memory.byteCount == 8) }
        }
    }

    @Test func anUpdateMayWriteButNotRedescribeExportedMemory() throws {
        try withPython {
            let object = try Sample.bytes(4).make()
            let buffer = try PythonBuffer(object)
            try unsafe Exported<Sample>.update(object.reference) { (sample) throws(PythonError) in
                try sample.memory.withMutableSpan(of: UInt8.self) { $0[0] = 9 }
            }
            #expect(try buffer.span(of: UInt8.self)[0] == 9)
            expectError("BufferError: Existing exports of data") { () throws(PythonError) in
                try unsafe Exported<Sample>.update(object.reference) { (sample) throws(PythonError) in
                    sample = try Sample.bytes(100)
                }
            }
            // The value is as before.
            try unsafe Exported<Sample>.read(object.reference) { #expect($0.memory.byteCount == 4) }
            #expect(try buffer.span(of: UInt8.self)[3] == 3)
            #expect(try shape(of: object) == [4])
        }
    }

    @Test func aFailedChangeLeavesTheObjectUsable() throws {
        try withPython {
            let object = try Sample.bytes(4).make()
            expectError("ValueError: no") { () throws(PythonError) in
                try unsafe Exported<Sample>.resize(object.reference) { (sample) throws(PythonError) in
                    sample = try Sample.bytes(6)
                    throw PythonError(.value, "no")
                }
            }
            #expect(try shape(of: object) == [4])
            try unsafe Exported<Sample>.read(object.reference) { #expect($0.memory.byteCount == 4) }
            // What cannot be described is taken back as well.
            expectError("BufferError: shape (4,) with strides (1,) and items of 1 bytes reaches") {
                () throws(PythonError) in
                try unsafe Exported<Sample>.resize(object.reference) { (sample) throws(PythonError) in
                    sample.memory = try BufferMemory(byteCount: 2)
                    sample.layout = try raisingLayoutErrors { () throws(LayoutError) in
                        try Layout(shape: [4], itemsize: 1)
                    }
                }
            }
            #expect(try shape(of: object) == [4])
            try unsafe Exported<Sample>.read(object.reference) { #expect($0.memory.byteCount == 4) }
        }
    }

    @Test func anObjectIsNotUsedWhileItChanges() throws {
        try withPython {
            let object = try Sample.bytes(4).make()
            try unsafe Exported<Sample>.resize(object.reference) { (_) throws(PythonError) in
                expectError("BufferError: the memory is being changed by another call") { () throws(PythonError) in
                    _ = try PythonBuffer(object).ndim
                }
                expectError("RuntimeError: the object is in use") { () throws(PythonError) in
                    try unsafe Exported<Sample>.read(object.reference) { (_) throws(PythonError) in }
                }
            }
            try unsafe Exported<Sample>.read(object.reference) { (_) throws(PythonError) in
                // Reading twice is no conflict; changing meanwhile is.
                try unsafe Exported<Sample>.read(object.reference) { (_) throws(PythonError) in }
                expectError("RuntimeError: the object is in use") { () throws(PythonError) in
                    try unsafe Exported<Sample>.resize(object.reference) { (_) throws(PythonError) in }
                }
                #expect(try shape(of: object) == [4])
            }
            try unsafe Exported<Sample>.resize(object.reference) { (_) throws(PythonError) in }
        }
    }

    @Test func otherObjectsAreRefusedAsReceivers() throws {
        try withPython {
            let integer = try evaluate("1")
            expectError("TypeError: expected an object that holds a Sample, not int") { () throws(PythonError) in
                try unsafe Exported<Sample>.read(integer.reference) { (_) throws(PythonError) in }
            }
            let other = try Reexporter(source: BufferMemory(sharing: evaluate("b'1'"))).make()
            expectError("TypeError: expected an object that holds a Sample, not Reexporter") { () throws(PythonError) in
                try unsafe Exported<Sample>.read(other.reference) { (_) throws(PythonError) in }
            }
        }
    }

    @Test func memoryEndsWithItsLastHolder() throws {
        try withPython {
            var isReleased = false
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
            defer { unsafe bytes.deallocate() }
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 5, count: 8)
            let python = try Namespace()
            do {
                var sample = try Sample.bytes(8)
                sample.memory = unsafe BufferMemory(adopting: bytes, byteCount: 8, isReadOnly: true) {
                    isReleased = true
                }
                try python.set("x", sample.make())
            }
            try python.run("m = memoryview(x)[2:]; del x")
            #expect(!isReleased)
            #expect(try python.truth("m.readonly and m.tolist() == [5] * 6"))
            try python.run("m.release()")
            #expect(isReleased)
        }
    }

    @Test func aReleaseClosureRunsOnTheThreadThatDropsTheMemoryLast() throws {
        try withPython {
            var isReleased = false
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
            defer { unsafe bytes.deallocate() }
            do {
                var memory: BufferMemory? = unsafe BufferMemory(adopting: bytes, byteCount: 8) { isReleased = true }
                #expect(memory?.byteCount == 8)
                Python.detachUnchecked { memory = nil }
            }
            #expect(isReleased)
        }
    }

    @Test func aPythonOwnerIsKeptAndItsFunctionCalledOnce() throws {
        try withPython {
            let python = try Namespace()
            try python.run(
                """
                import ctypes, gc, weakref
                class Owner(bytearray): pass
                owner = Owner(8)
                alive = weakref.ref(owner)
                calls = []
                """)
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: 8, alignment: 8)
            defer { unsafe bytes.deallocate() }
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 5, count: 8)
            do {
                var sample = try Sample.bytes(8)
                let owner = try python.evaluate("owner")
                sample.memory = unsafe BufferMemory(adopting: bytes, byteCount: 8, isReadOnly: true, owner: owner)
                try sample.memory.callAtEnd(python.evaluate("lambda: calls.append(alive() is not None)"))
                try python.set("x", sample.make())
            }
            // A cycle through the owner, which only the collector can end.
            try python.run("owner.x = x; del owner; m = memoryview(x); gc.collect()")
            #expect(try python.truth("alive() is not None and calls == [] and m.tolist() == [5] * 8"))
            try python.run("del x, m; gc.collect()")
            // The collector clears weak references to a cycle before it ends the cycle.
            #expect(try python.truth("alive() is None and calls == [False]"))
        }
    }

    @Test func memoryWithTwoExportersIsNoGarbageWhileSwiftHoldsItsOwner() throws {
        try withPython {
            let python = try Namespace()
            try python.run(
                """
                import gc
                class Root(bytearray): pass
                root = Root(b'abc')
                """)
            let root = try python.evaluate("root")
            do {
                let memory = try BufferMemory(sharing: root)
                try python.set("first", Reexporter(source: memory).make())
                try python.set("second", Reexporter(source: memory).make())
            }
            try python.run("root.exporters = first, second; del root, first, second; gc.collect()")
            try python.set("root", root)
            #expect(try python.truth("[bytes(e) for e in root.exporters] == [b'abc'] * 2"))
            try python.run("root.exporters = None")
        }
    }

    @Test func memoryWithoutALayoutOfItsOwnNeedsOne() throws {
        try withPython {
            let memory = try BufferMemory(byteCount: 8)
            expectError("BufferError: the memory has no layout of its own") { () throws(PythonError) in
                _ = try BufferDescription(memory)
            }
        }
    }

    @Test func aSharedBufferShowsItsBytesWhereTheyAreContiguous() throws {
        try withPython {
            let python = try Namespace()
            let whole = try BufferMemory(sharing: python.evaluate("memoryview(bytearray(range(6)))"))
            #expect(whole.byteCount == 6 && whole.bytes.byteCount == 6)
            #expect(whole.span(of: UInt8.self)[5] == 5)
            #expect(!whole.isReadOnly)
            let strided = try BufferMemory(sharing: python.evaluate("memoryview(bytes(range(6)))[::2]"))
            #expect(strided.byteCount == 0 && strided.isReadOnly)
            #expect(try BufferDescription(strided, [.integer(2)]).layout.ndim == 0)
        }
    }

    @Test func referencesAndExportsAreCountedExactly() throws {
        try withPython {
            let object = try Sample.bytes(4).make()
            let count = unsafe ExportCount(of: object.reference)
            let references = referenceCount(object)
            for _ in 0..<1000 {
                let buffer = try PythonBuffer(object)
                #expect(count.value == 1)
                #expect(referenceCount(object) == references + 1)
                let view = try PythonObject(memoryViewOf: object)
                #expect(count.value == 2)
                _ = (buffer.ndim, view.typeName)
                expectError("BufferError") { () throws(PythonError) in _ = try PythonBuffer(object, .format).ndim }
            }
            #expect(count.value == 0)
            #expect(referenceCount(object) == references)
        }
    }

    @Test func aReexporterCountsAtTheOwnerAndKeepsItAlive() throws {
        try withPython {
            let python = try Namespace()
            try python.run("root = bytearray(range(10))")
            do {
                let reexporter = try Reexporter(
                    source: BufferMemory(sharing: python.evaluate("root"), .full),
                    index: [.slice(start: nil, stop: nil, step: -2)])
                try python.set("y", reexporter.make())
            }
            try python.run("m = memoryview(y)")
            #expect(try python.string("m.tolist()") == "[9, 7, 5, 3, 1]")
            #expect(try python.truth("m.obj is y"))
            try python.run("m[0] = 100")
            #expect(try python.string("root[9]") == "100")
            func grow() throws(PythonError) { try python.run("root.append(1)") }
            expectError("BufferError: Existing exports") { () throws(PythonError) in try grow() }
            try python.run("del y")
            expectError("BufferError: Existing exports") { () throws(PythonError) in try grow() }
            try python.run("del m")
            try grow()
        }
    }

    @Test func aChainOfReexportersReleasesInOrder() throws {
        try withPython {
            let python = try Namespace()
            let sample = try Sample.bytes(6).make()
            let count = unsafe ExportCount(of: sample.reference)
            do {
                let first = try Reexporter(
                    source: BufferMemory(sharing: sample), index: [.slice(start: 1, stop: nil, step: nil)]
                )
                .make()
                let second = try Reexporter(
                    source: BufferMemory(sharing: first), index: [.slice(start: 1, stop: nil, step: nil)]
                ).make()
                try python.set("z", second)
                try python.set("sample", sample)
                let link = unsafe ExportCount(of: first.reference)
                #expect(count.value == 1 && link.value == 1)
            }
            try python.run("m = memoryview(z); del z")
            #expect(try python.string("bytes(m)") == "b'\\x02\\x03\\x04\\x05'")
            #expect(count.value == 1)
            try python.run("del m")
            #expect(count.value == 0)
        }
    }

    @Test func aReadOnlyOwnerStaysReadOnly() throws {
        try withPython {
            let object = try Reexporter(source: BufferMemory(sharing: evaluate("b'abc'"))).make()
            expectError("BufferError: writable buffer requested") { () throws(PythonError) in
                _ = try PythonBuffer(object, .full).ndim
            }
        }
    }

    @Test func aCycleThroughAReexporterIsCollected() throws {
        try withPython {
            let python = try Namespace()
            try python.run(
                """
                import gc, weakref
                class Root(bytearray): pass
                root = Root(b'abc')
                alive = weakref.ref(root)
                """)
            do {
                let object = try Reexporter(source: BufferMemory(sharing: python.evaluate("root"))).make()
                try python.set("y", object)
            }
            try python.run("root.y = y; del root, y; gc.collect()")
            #expect(try python.truth("alive() is None"))
        }
    }

    @Test func theTypeCannotBeCalledUnlessItSaysHow() throws {
        try withPython {
            let python = try Namespace()
            try python.set("x", Sample.bytes(1).make())
            expectError("TypeError: cannot create 'tests.Sample' instances") { () throws(PythonError) in
                try python.run("type(x)()")
            }
        }
    }
}
