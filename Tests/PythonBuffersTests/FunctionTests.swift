// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import Testing

@testable import PythonBuffers

/// What the C functions leave to their callers, the wrappers check.
@Suite struct FunctionTests {
    @Test func fillInfoRefusesToWriteWhateverIsReadOnly() throws {
        try withPython {
            let object = try evaluate("b'abc'")
            var bytes: [UInt8] = [1, 2, 3]
            try unsafe bytes.withUnsafeMutableBytes { memory in
                let references = referenceCount(object)
                do {
                    let buffer = try unsafe PythonBuffer(
                        filling: object.reference, memory: memory.baseAddress, count: 3, isReadOnly: true,
                        .contiguousReadOnly)
                    #expect(buffer.isReadOnly && buffer.byteCount == 3)
                }
                #expect(referenceCount(object) == references)
                expectError("BufferError") { () throws(PythonError) in
                    _ = try unsafe PythonBuffer(
                        filling: object.reference, memory: memory.baseAddress, count: 3, isReadOnly: true, .contiguous
                    ).ndim
                }
                expectError("ValueError: a length cannot be negative: -1") { () throws(PythonError) in
                    _ = try unsafe PythonBuffer(
                        filling: object.reference, memory: memory.baseAddress, count: -1, isReadOnly: true, .simple
                    ).ndim
                }
                // Flags of PyMemoryView_FromMemory, which are no requests: C says so from 3.13 on.
                guard try evaluate("__import__('sys').version_info >= (3, 13)").truth() else { return }
                for request in [Int32(0x100), 0x200] {
                    expectError("SystemError") { () throws(PythonError) in
                        _ = try unsafe PythonBuffer(
                            filling: object.reference, memory: memory.baseAddress, count: 3, isReadOnly: true,
                            BufferRequest(rawValue: request)
                        ).ndim
                    }
                }
            }
        }
    }

    @Test func aMemoryviewOfABufferKeepsItsKeeper() throws {
        try withPython {
            let object = try evaluate("bytearray(b'abc')")
            let references = referenceCount(object)
            do {
                let buffer = try PythonBuffer(object)
                let view = try PythonObject(memoryViewOf: buffer, keptBy: evaluate("type('Keeper', (), {})()"))
                let python = try Namespace()
                try python.set("v", view)
                #expect(try python.string("v.tolist()") == "[97, 98, 99]")
            }
            #expect(referenceCount(object) == references)
            let nowhere = try Answer(shape: [0], memory: -1).buffer()
            let keeper = try evaluate("object()")
            let count = referenceCount(keeper)
            expectError("ValueError: the buffer has no address") { () throws(PythonError) in
                _ = try PythonObject(memoryViewOf: nowhere, keptBy: keeper).typeName
            }
            #expect(referenceCount(keeper) == count)
        }
    }

    @Test func addressesAreFoundWithoutStridesAndRefusedOutOfRange() throws {
        try withPython {
            let buffer = try Answer(count: 6, ndim: 2, shape: [2, 3]).buffer()
            let start = try unsafe #require(unsafe buffer.address(of: [0, 0]))
            #expect(try unsafe buffer.address(of: [1, 2]) == start + 5)
            // As in C, a negative index does not count from the end.
            expectError("IndexError") { () throws(PythonError) in _ = try unsafe buffer.address(of: [-1, 0]) }
            expectError("IndexError", "axis 1") { () throws(PythonError) in _ = try unsafe buffer.address(of: [0, 3]) }
            expectError("IndexError", "1 given") { () throws(PythonError) in _ = try unsafe buffer.address(of: [0]) }
            expectError("IndexError") { () throws(PythonError) in _ = try unsafe buffer.address(of: [0, -4]) }
        }
    }

    @Test func contiguousBytesGoBothWaysInBothOrders() throws {
        try withPython {
            let python = try Namespace()
            try python.run("a = bytearray(range(6)); m = memoryview(a).cast('B', (2, 3))")
            let buffer = try PythonBuffer(python.evaluate("m"), .full)
            for (order, expected) in [(Order.c, "[0, 1, 2, 3, 4, 5]"), (.fortran, "[0, 3, 1, 4, 2, 5]")] {
                try python.set("b", buffer.contiguousBytes(order: order))
                #expect(try python.string("list(b)") == expected)
            }
            let source = try PythonBuffer(evaluate("bytes(range(10, 16))"))
            try buffer.copyContiguousBytes(from: source, order: .fortran)
            #expect(try python.string("list(a)") == "[10, 12, 14, 11, 13, 15]")
            let target = try PythonBuffer(evaluate("bytes(6)"))
            expectError("BufferError: the buffer is read-only") { () throws(PythonError) in
                try target.copyContiguousBytes(from: source, order: .c)
            }
        }
    }

    @Test func copiedDataMustHaveTheSameShape() throws {
        try withPython {
            let python = try Namespace()
            try python.run(
                """
                a = bytearray(6)
                rows = memoryview(a).cast('B', (2, 3))
                columns = memoryview(bytes(range(6))).cast('B', (3, 2))
                strided = memoryview(bytes(range(12)))[::2]
                every = memoryview(bytearray(12))[::2]
                """)
            func copy(_ target: String, _ source: String) throws(PythonError) {
                try python.evaluate(target).copyData(from: python.evaluate(source))
            }
            try copy("a", "strided")
            #expect(try python.string("list(a)") == "[0, 2, 4, 6, 8, 10]")
            try copy("every", "a")
            #expect(try python.string("every.tolist()") == "[0, 2, 4, 6, 8, 10]")
            expectError("ValueError") { () throws(PythonError) in try copy("every", "columns") }
            expectError("ValueError: cannot copy 12 bytes to a buffer of 6") { () throws(PythonError) in
                try copy("a", "bytes(12)")
            }
            expectError("BufferError") { () throws(PythonError) in try copy("bytes(6)", "a") }
        }
    }

    @Test func parsedBuffersAreAcquiredAndReleasedEach() throws {
        try withPython {
            let python = try Namespace()
            try python.run("a = bytearray(b'abc'); b = bytearray(b'de')")
            let arguments = try python.evaluate("(a, 'text', None, b)")
            do {
                let parsed = try arguments.parsedBuffers(codes: "y* s* z* w*")
                var counts: [Int] = []
                counts.append(parsed.next()?.byteCount ?? -1)
                // The rest are still held, and end with `parsed`.
                expectError("BufferError") { () throws(PythonError) in try python.run("b.append(1)") }
                try python.run("a.append(1)")
                while let next = parsed.next() { counts.append(next.byteCount) }
                #expect(counts == [3, 4, 0, 2])
            }
            try python.run("a.append(1); b.append(1)")
            do { _ = try arguments.parsedBuffers(codes: "y*s*z*w*") }
            try python.run("a.append(1); b.append(1)")
            expectError("TypeError") { () throws(PythonError) in _ = try arguments.parsedBuffers(codes: "y*y*y*y*") }
            try python.run("a.append(1); b.append(1)")
            for codes in ["i", "y", "y#", "*y", String(repeating: "y*", count: 9)] {
                expectError("ValueError: codes must be") { () throws(PythonError) in
                    _ = try arguments.parsedBuffers(codes: codes)
                }
            }
        }
    }

    @Test func aMemoryviewIsObservedOnlyWhileItIsThere() throws {
        try withPython {
            let python = try Namespace()
            try python.run("a = bytearray(3); m = memoryview(a)")
            do {
                let buffer = try PythonBuffer(observing: python.evaluate("m"))
                #expect(try buffer.bytes.byteCount == 3)
                expectError("BufferError") { () throws(PythonError) in try python.run("m.release()") }
            }
            try python.run("m.release()")
            expectError("ValueError") { () throws(PythonError) in
                _ = try PythonBuffer(observing: python.evaluate("m")).ndim
            }
            expectError("TypeError: expected a memoryview, not bytearray") { () throws(PythonError) in
                _ = try PythonBuffer(observing: python.evaluate("a")).ndim
            }
        }
    }

    @Test func stridesAreFilledInOnlyForShapesThatCanBe() throws {
        try withPython {
            func expectStrides(
                _ shape: [Int], _ itemsize: Int, _ order: Order, _ expected: [Int]
            ) throws(PythonError) {
                let strides = try contiguousStrides(shape: shape, itemsize: itemsize, order: order)
                #expect(strides == expected)
            }
            try expectStrides([2, 3, 4], 2, .c, [24, 8, 2])
            try expectStrides([2, 3, 4], 2, .fortran, [2, 4, 12])
            try expectStrides([], 8, .c, [])
            expectError("ValueError") { () throws(PythonError) in
                _ = try contiguousStrides(shape: [-1], itemsize: 1, order: .c)
            }
            expectError("OverflowError") { () throws(PythonError) in
                _ = try contiguousStrides(shape: [.max, 2], itemsize: 1, order: .c)
            }
            expectError("OverflowError") { () throws(PythonError) in
                _ = try contiguousStrides(shape: [1], itemsize: 1 << 40, order: .c)
            }
        }
    }
}
