// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import Testing

@testable import PythonBuffers

@Suite struct ConsumerTests {
    @Test func bytesAreReadThroughARawSpan() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("b'hello'"))
            let bytes = try buffer.bytes
            #expect(bytes.byteCount == 5)
            #expect(unsafe bytes.unsafeLoad(fromByteOffset: 1, as: UInt8.self) == UInt8(ascii: "e"))
            // The shape of `bytes` points into the Py_buffer, which moving would break.
            #expect(try buffer.layout.shape == [5])
        }
    }

    @Test func bytearrayIsWrittenThroughAMutableSpan() throws {
        try withPython {
            let python = try Namespace()
            try python.run("a = bytearray(b'abc')")
            do {
                var buffer = try PythonBuffer(python.evaluate("a"), [.writable, .shape, .format])
                var span = try buffer.mutableSpan(of: UInt8.self)
                span[1] = UInt8(ascii: "X")
                expectError("BufferError: Existing exports") { () throws(PythonError) in try python.run("a.append(1)") }
            }
            #expect(try python.string("a") == "bytearray(b'aXc')")
            try python.run("a.append(1)")
        }
    }

    @Test func emptyMemoryMakesEmptySpans() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("bytearray()"))
            #expect(try buffer.bytes.byteCount == 0)
            #expect(try buffer.span(of: UInt8.self).count == 0)
            #expect(try buffer.stridedSpan(of: UInt8.self).elements == [])
            let nowhere = try Answer(shape: [0], memory: -1).buffer()
            #expect(try nowhere.bytes.byteCount == 0)
            #expect(try nowhere.span(of: UInt8.self).count == 0)
        }
    }

    @Test(arguments: ["q", "l", "@l", "=q", "<q", "1q", "^q", "n"])
    func everySpellingOfInt64IsReadAsInt64(format: String) throws {
        try withPython {
            let buffer = try Answer(count: 16, itemsize: 8, format: format, shape: [2]).buffer()
            let span = try buffer.span(of: Int64.self)
            #expect(span[0] == 0x0706_0504_0302_0100)
            #expect(try buffer.span(of: Int.self)[1] == 0x0f0e_0d0c_0b0a_0908)
        }
    }

    @Test(arguments: ["Q", ">q", "!q", "d", "2i", "i", "T{q:a:}", "P", "8B", "8s"])
    func anyOtherFormatIsRefusedAsInt64(format: String) throws {
        try withPython {
            let buffer = try Answer(count: 16, itemsize: 8, format: format, shape: [2]).buffer()
            expectError("BufferError: items of Int64 (format 'q') requested", "'\(format)'", "would work") {
                () throws(PythonError) in _ = try buffer.span(of: Int64.self).count
            }
            // These are swapped when they are read.
            guard format != ">q" && format != "!q" else { return }
            expectError("BufferError: items of Int64 (format 'q') requested") { () throws(PythonError) in
                _ = try buffer.stridedSpan(of: Int64.self).count
            }
        }
    }

    /// Names of types as NumPy has them, offsets as `struct` counts them.
    @Test(arguments: [
        ("T{f:a:h:x:}", 6, "expected float32, got int16 at field 'x', offset 4;"),
        ("T{f:a:T{f:b:>d:c:}:in:}", 16, "expected float32, got byte-swapped float64 at field 'in.c', offset 8;"),
        ("T{(2,3)f:m:}", 24, "expected float32, got float32 in an array of shape (2, 3) at field 'm', offset 0;"),
        ("T{f:a:3x5s:name:}", 12, "expected float32, got format '5s' at field 'name', offset 7;"),
        ("T{f:a:f:b:}", 8, "items of Float (format 'f') requested"),
    ])
    func recordsAreRefusedByTheFieldThatDiffers(format: String, itemsize: Int, start: String) throws {
        try withPython {
            let buffer = try Answer(count: 2 * itemsize, itemsize: itemsize, format: format, shape: [2]).buffer()
            expectError("BufferError: \(start)", "'\(format)'") { () throws(PythonError) in
                _ = try buffer.span(of: Float.self).count
            }
        }
    }

    @Test(arguments: [">q", "!q", ">l", "!l"])
    func swappedItemsAreReadThroughStridedSpans(format: String) throws {
        try withPython {
            let isLong = format.hasSuffix("l")
            let buffer = try Answer(
                count: 16, itemsize: isLong ? 4 : 8, format: format, shape: [isLong ? 4 : 2]
            ).buffer()
            if isLong {
                let items = try buffer.stridedSpan(of: Int32.self)
                #expect(items[1] == 0x0405_0607 && items.isSwapped)
            } else {
                let items = try buffer.stridedSpan(of: Int64.self)
                #expect(items[1] == 0x0809_0a0b_0c0d_0e0f && items.isSwapped)
            }
        }
    }

    @Test func standardLongIsInt32() throws {
        try withPython {
            let buffer = try Answer(count: 8, itemsize: 4, format: "<l", shape: [2]).buffer()
            #expect(try buffer.span(of: Int32.self)[0] == 0x0302_0100)
        }
    }

    @Test func itemsizeThatIsNotTheFormatsIsRefused() throws {
        try withPython {
            let buffer = try Answer(count: 16, itemsize: 8, format: "i", shape: [2]).buffer()
            expectError("BufferError: items of Int32", "items of 8 bytes") { () throws(PythonError) in
                _ = try buffer.span(of: Int32.self).count
            }
        }
    }

    @Test func formatIsNotGuessedWhereNoneWasAsked() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("memoryview(bytes(16)).cast('d')"), .shape)
            expectError("BufferError: items of Double", "acquire it with .format") { () throws(PythonError) in
                _ = try buffer.span(of: Double.self).count
            }
            #expect(try buffer.bytes.byteCount == 16)
        }
    }

    @Test func readOnlyMemoryIsNotWritten() throws {
        try withPython {
            var buffer = try PythonBuffer(evaluate("bytes(8)"))
            expectError("BufferError: writable memory requested", "read-only") { () throws(PythonError) in
                _ = try buffer.mutableBytes().byteCount
            }
            expectError("BufferError: writable memory requested") { () throws(PythonError) in
                _ = try buffer.mutableSpan(of: UInt8.self).count
            }
            expectError("BufferError: writable memory requested") { () throws(PythonError) in
                _ = try buffer.mutableStridedSpan(of: UInt8.self).count
            }
        }
    }

    @Test func misalignedItemsAreRefusedAsASpanAndReadByIndex() throws {
        try withPython {
            let buffer = try Answer(count: 8, itemsize: 4, format: "i", shape: [2], offset: 1).buffer()
            expectError("BufferError: items of Int32 aligned to 4", "misaligned", "strided span") {
                () throws(PythonError) in _ = try buffer.span(of: Int32.self).count
            }
            #expect(try buffer.stridedSpan(of: Int32.self).elements == [0x0403_0201, 0x0807_0605])
        }
    }

    @Test func stridesAreRefusedAsASpanAndReadByIndex() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("memoryview(bytes(range(10)))[::-3]"))
            expectError("BufferError: C-contiguous memory requested", "shape (4,) has strides (-3,)", "strided span") {
                () throws(PythonError) in _ = try buffer.bytes.byteCount
            }
            let span = try buffer.stridedSpan(of: UInt8.self, ndim: 1)
            #expect(span.elements == [9, 6, 3, 0])
            #expect(span[2] == 3)
            #expect(try span.element(at: [-1]) == 0)
            expectError("IndexError") { () throws(PythonError) in _ = try span.element(at: [4]) }
            expectError("IndexError") { () throws(PythonError) in _ = try span.element(at: []) }
        }
    }

    @Test func fortranOrderIsTakenOnlyWhereAskedFor() throws {
        try withPython {
            let buffer = try Answer(count: 6, ndim: 2, shape: [2, 3], strides: [1, 2]).buffer()
            expectError("BufferError: C-contiguous memory requested") { () throws(PythonError) in
                _ = try buffer.span(of: UInt8.self).count
            }
            #expect(try buffer.span(of: UInt8.self, order: .fortran)[1] == 1)
            #expect(try buffer.bytes(order: .any).byteCount == 6)
            let span = try buffer.stridedSpan(of: UInt8.self, ndim: 2)
            #expect(span[0, 1] == 2)
            #expect(span.elements == [0, 2, 4, 1, 3, 5])
        }
    }

    @Test func anUnexpectedNumberOfDimensionsIsRefused() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("memoryview(bytes(6)).cast('B', (2, 3))"))
            expectError("BufferError: 3 dimensions requested", "shape (2, 3)") { () throws(PythonError) in
                _ = try buffer.stridedSpan(of: UInt8.self, ndim: 3).count
            }
        }
    }

    @Test func scalarsWithoutDimensionsHaveOneItem() throws {
        try withPython {
            let buffer = try Answer(count: 4, itemsize: 4, format: "i", ndim: 0).buffer()
            #expect(try buffer.span(of: Int32.self)[0] == 0x0302_0100)
            let span = try buffer.stridedSpan(of: Int32.self)
            #expect(span.count == 1 && span.ndim == 0)
            #expect(try span.element(at: []) == 0x0302_0100)
        }
    }

    @Test func pointersAreFollowed() throws {
        try withPython {
            // Two rows in the opposite order of their pointers, each item behind two bytes.
            let buffer = try Answer(
                count: 6, ndim: 2, shape: [2, 3], strides: [8, 1], suboffsets: [2, -1], pointers: [100, 50]
            ).buffer()
            let span = try buffer.stridedSpan(of: UInt8.self, ndim: 2)
            #expect(span.elements == [102, 103, 104, 52, 53, 54])
            #expect(span[1, 2] == 54)
            #expect(try span.element(at: [-1, 0]) == 52)
            let target = try BufferMemory(byteCount: 8)
            try target.withMutableSpan(of: UInt8.self) { (target) throws(PythonError) in try span.copy(to: &target) }
            #expect(target.span(of: UInt8.self)[3] == 52)
            expectError("BufferError: C-contiguous") { () throws(PythonError) in _ = try buffer.bytes.byteCount }
        }
    }

    @Test func boolTakesEveryByteButZeroForTrue() throws {
        try withPython {
            let buffer = try Answer(count: 3, format: "?", shape: [3]).buffer()
            #expect(try buffer.stridedSpan(of: Bool.self).elements == [false, true, true])
        }
    }

    @Test func halvesAreRead() throws {
        try withPython {
            let buffer = try Answer(count: 4, itemsize: 2, format: "e", shape: [2]).buffer()
            #expect(try buffer.span(of: Float16.self)[1] == Float16(bitPattern: 0x0302))
        }
    }

    @Test func aMutableStridedSpanWritesItemByItem() throws {
        try withPython {
            let python = try Namespace()
            try python.run("a = bytearray(range(12)); m = memoryview(a)[::2]")
            var buffer = try PythonBuffer(python.evaluate("m"), .full)
            var span = try buffer.mutableStridedSpan(of: UInt8.self, ndim: 1)
            span[1] = 99
            span[5] += 1
            #expect(try python.string("list(a)") == "[0, 1, 99, 3, 4, 5, 6, 7, 8, 9, 11, 11]")
            span.update { $0 &+ 100 }
            #expect(try python.string("list(a)") == "[100, 1, 199, 3, 104, 5, 106, 7, 108, 9, 111, 11]")
            span.fill(7)
            #expect(try python.string("list(a)") == "[7, 1, 7, 3, 7, 5, 7, 7, 7, 9, 7, 11]")
            let other = try PythonBuffer(python.evaluate("memoryview(bytes(range(6)))[::-1]"))
            try span.copy(from: other.stridedSpan(of: UInt8.self))
            #expect(try python.string("list(m)") == "[5, 4, 3, 2, 1, 0]")
            let short = try PythonBuffer(python.evaluate("bytes(5)"))
            expectError("ValueError: cannot copy shape (5,) to shape (6,)") { () throws(PythonError) in
                try span.copy(from: short.stridedSpan(of: UInt8.self))
            }
        }
    }

    @Test func aCopyIntoTooShortASpanIsRefused() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("bytes(9)"))
            let memory = try BufferMemory(byteCount: 8)
            let span = try buffer.stridedSpan(of: UInt8.self)
            expectError("ValueError: 9 items do not fit into a span of 8") { () throws(PythonError) in
                try memory.withMutableSpan(of: UInt8.self) { (to) throws(PythonError) in try span.copy(to: &to) }
            }
        }
    }

    @Test func whatHasNoBufferIsATypeError() throws {
        try withPython {
            expectError("TypeError: a bytes-like object is required, not 'int'") { () throws(PythonError) in
                _ = try PythonBuffer(evaluate("1")).ndim
            }
        }
    }

    @Test func workWithoutTheInterpreterLetsOtherThreadsIn() throws {
        try withPython {
            let buffer = try PythonBuffer(evaluate("bytes(range(100))"))
            let span = try buffer.span(of: UInt8.self)
            let sum = Python.detach {
                var sum = 0
                for index in span.indices { sum += Int(span[index]) }
                #expect(Python.attach { (try? evaluate("40 + 2").int()) == 42 })
                return sum
            }
            #expect(sum == 4950)
        }
    }
}
