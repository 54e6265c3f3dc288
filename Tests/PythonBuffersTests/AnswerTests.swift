// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import Testing

@testable import PythonBuffers

/// Exporters that answer nonsense are refused, not followed.
@Suite struct AnswerTests {
    /// The same defects as in `test_inconsistent_buffers.py`, through every way to read a buffer.
    @Test(arguments: [
        (Answer(ndim: -1), "ndim is -1"),
        (Answer(count: -1, shape: [4]), "len is -1"),
        (Answer(count: -1, shape: nil), "len is -1"),
        (Answer(count: 3, shape: [4]), "len is 3, but shape (4,) with itemsize 1 takes 4 bytes"),
        (Answer(count: 0, shape: [4], strides: [0]), "len is 0, but shape (4,) with itemsize 1 takes 4 bytes"),
        (Answer(count: 8, ndim: 2, shape: [.max, 0]), "len is 8, but shape (9223372036854775807, 0)"),
        (Answer(count: 4, itemsize: -1, shape: [4]), "itemsize is -1"),
        (Answer(count: 4, shape: [-4]), "axis 0 has length -4"),
        (Answer(count: 4, ndim: 2, shape: [.max, .max]), "does not fit"),
        (Answer(count: 4, ndim: 2, shape: [1 << 32, 1 << 32], strides: [1, 1]), "does not fit"),
        (Answer(count: 4, shape: [4], strides: [.min]), "does not fit"),
        (Answer(count: 4, itemsize: .max, shape: [4]), "does not fit"),
        (Answer(count: 4, shape: [4], memory: -1), "buf is NULL, but len is 4"),
    ])
    func inconsistentBuffersAreTheSameErrorEverywhere(answer: Answer, found: String) throws {
        try withPython {
            try expectEverywhere(answer, "BufferError: exporter returned an inconsistent Py_buffer: ", found)
        }
    }

    @Test(arguments: [
        Answer(ndim: 65, shape: Array(repeating: 1, count: 65)), Answer(ndim: .max, shape: [1]),
    ])
    func moreThan64DimensionsAreAValueErrorEverywhere(answer: Answer) throws {
        try withPython {
            try expectEverywhere(answer, "ValueError: number of dimensions must not exceed 64", "\(answer.ndim)")
        }
    }

    private func expectEverywhere(_ answer: Answer, _ start: String, _ part: String) throws {
        let buffer = try answer.buffer()
        expectError(start, part) { () throws(PythonError) in _ = try buffer.layout }
        expectError(start, part) { () throws(PythonError) in _ = try buffer.bytes.byteCount }
        expectError(start, part) { () throws(PythonError) in _ = try buffer.stridedSpan(of: UInt8.self).count }
        expectError(start, part) { () throws(PythonError) in _ = try buffer.span(of: UInt8.self).count }
        expectError(start, part) { () throws(PythonError) in _ = try buffer.contiguousBytes(order: .c) }
        expectError(start, part) { () throws(PythonError) in _ = try unsafe buffer.address(of: [0]) }
        let object = try answer.make()
        expectError(start, part) { () throws(PythonError) in _ = try BufferMemory(sharing: object) }
    }

    /// As ctypes answers for an object that was resized.
    @Test(arguments: [
        Answer(count: 5, shape: [4]), Answer(count: 8, ndim: 2, shape: [2, 2]), Answer(count: 3, shape: [0]),
    ])
    func itemsOfALongerMemoryAreThoseOfTheShape(answer: Answer) throws {
        try withPython {
            let buffer = try answer.buffer()
            expectError("BufferError") { () throws(PythonError) in _ = try buffer.bytes.byteCount }
            #expect(try buffer.stridedSpan(of: UInt8.self).shape == answer.shape)
        }
    }

    @Test func formatsThatCannotBeReadAreABufferError() throws {
        try withPython {
            for format in ["", "&", "T{", "zz", "\u{1F600}", "(", "999999999999999999999999i"] {
                let buffer = try Answer(count: 4, format: format, shape: [4]).buffer()
                expectError("BufferError: items of UInt8") { () throws(PythonError) in
                    _ = try buffer.span(of: UInt8.self).count
                }
                #expect(try buffer.bytes.byteCount == 4)
            }
        }
    }

    @Test func whatIsLeftOutStandsForWhatTheProtocolSays() throws {
        try withPython {
            let rows = try Answer(count: 6, ndim: 2, shape: [2, 3]).buffer()
            #expect(try rows.layout.strides == [3, 1])
            let plain = try Answer(count: 6, format: nil).buffer()
            #expect(try plain.layout.shape == [6])
            #expect(plain.format == "B")
            #expect(try plain.span(of: UInt8.self).count == 6)
            // As NumPy answers a request without a shape.
            let bare = try Answer(count: 48, itemsize: 8, format: nil, ndim: 0).buffer(.simple)
            #expect(try bare.bytes.byteCount == 48)
            // Consumers of plain bytes disregard the itemsize.
            #expect(try bare.layout.shape == [48])
            #expect(try bare.layout.itemsize == 1)
            #expect(try shape(of: Answer(count: 8, itemsize: 8, ndim: 0).make()) == [])
            let direct = try Answer(count: 2, shape: [2], strides: [1], suboffsets: [-1]).buffer()
            #expect(try direct.layout.suboffsets == [])
        }
    }
}
