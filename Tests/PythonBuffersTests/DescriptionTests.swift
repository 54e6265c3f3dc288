// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import CPython
import Testing

@testable import PythonBuffers

@Suite struct DescriptionTests {
    private func describe(
        _ byteCount: Int, offset: Int = 0, shape: [Int], strides: [Int], suboffsets: [Int] = [], itemsize: Int = 1,
        format: String = "B"
    ) throws(PythonError) {
        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, strides: strides, suboffsets: suboffsets, itemsize: itemsize)
        }
        _ = try BufferDescription(BufferMemory(byteCount: byteCount), offset: offset, layout: layout, format: format)
    }

    @Test func itemsMustLieInTheMemory() throws {
        try withPython {
            try describe(10, shape: [10], strides: [1])
            try describe(10, offset: 9, shape: [10], strides: [-1])
            try describe(0, shape: [0], strides: [1])
            try describe(1, shape: [0, 1 << 40], strides: [1 << 20, 1])
            expectError("BufferError", "reaches bytes 0 up to 11") { () throws(PythonError) in
                try describe(10, shape: [11], strides: [1])
            }
            expectError("BufferError", "reaches bytes -9 up to 1") { () throws(PythonError) in
                try describe(10, offset: 8, shape: [10], strides: [-1])
            }
            expectError("BufferError") { () throws(PythonError) in
                try describe(10, offset: 1, shape: [10], strides: [1])
            }
            expectError("BufferError: offset -1 is outside") { () throws(PythonError) in
                try describe(10, offset: -1, shape: [1], strides: [1])
            }
            expectError("BufferError: offset 11 is outside") { () throws(PythonError) in
                try describe(10, offset: 11, shape: [0], strides: [1])
            }
        }
    }

    @Test func lengthsAndSizesMustMakeSense() throws {
        try withPython {
            expectError("ValueError", "cannot be negative") { () throws(PythonError) in
                try describe(10, shape: [-1], strides: [1])
            }
            expectError("OverflowError") { () throws(PythonError) in
                try describe(10, shape: [1 << 40, 1 << 40], strides: [1, 1])
            }
            expectError("ValueError", "at most 64") { () throws(PythonError) in
                let ones = Array(repeating: 1, count: 65)
                try describe(10, shape: ones, strides: ones)
            }
            expectError("ValueError: format 'i' describes items of 4 bytes, but the layout has items of 8") {
                () throws(PythonError) in try describe(16, shape: [2], strides: [8], itemsize: 8, format: "i")
            }
            expectError("ValueError") { () throws(PythonError) in
                try describe(16, shape: [2], strides: [8], format: "k")
            }
            expectError("MemoryError") { () throws(PythonError) in _ = try BufferMemory(byteCount: -1) }
            expectError("OverflowError") { () throws(PythonError) in _ = try BufferMemory(count: .max, of: Double.self)
            }
        }
    }

    @Test func memoryOfPointersOrObjectsIsNotTakenOnTrust() throws {
        try withPython {
            expectError("BufferError: suboffsets (0,) would follow pointers") { () throws(PythonError) in
                try describe(80, shape: [2], strides: [8], suboffsets: [0], itemsize: 8, format: "q")
            }
            for format in ["O", "T{O:a:}", "(1)O"] {
                expectError("ValueError: format '\(format)' has Python objects") { () throws(PythonError) in
                    try describe(80, shape: [2], strides: [8], itemsize: 8, format: format)
                }
            }
        }
    }

    @Test func memoryIsZeroedAndAligned() throws {
        try withPython {
            for byteCount in [0, 1, 100, 5 << 20] {
                let memory = try BufferMemory(byteCount: byteCount)
                #expect(unsafe UInt(bitPattern: memory.start) % 64 == 0)
                let span = memory.span(of: UInt8.self)
                #expect(span.indices.allSatisfy { span[$0] == 0 })
            }
        }
    }

    @Test func aContiguousDescriptionTakesItsFormatFromTheElement() throws {
        try withPython {
            let memory = try BufferMemory(count: 6, of: Float.self)
            let description = try BufferDescription(memory, shape: [2, 3], of: Float.self, order: .fortran)
            #expect(description.format == "f")
            #expect(description.layout.strides == [4, 8])
            expectError("BufferError") { () throws(PythonError) in
                _ = try BufferDescription(memory, shape: [7], of: Float.self)
            }
        }
    }
}
