// SPDX-License-Identifier: Apache-2.0

// As PythonModules.swift, for Sources/PythonBuffers.

import CPython
import PythonBuffers

struct Histogram: Sendable {
    init(of pixels: Span<Float>) {}
}

func blur(_ pixels: inout MutableSpan<Float>) {}
func checksum(of bytes: RawSpan) -> Int { bytes.byteCount }

func usesPointers(_ object: borrowing PythonObject) {
    // snippet: withPointer
    _ = size
}

func detaches(_ buffer: borrowing PythonBuffer) throws {
    // snippet: detach
    _ = histogram
}

func detachesWithSpan(_ buffer: inout PythonBuffer) throws {
    // snippet: detach again
}

func readsBytes(_ object: borrowing PythonObject) throws {
    // snippet: bytes
    _ = sum
}

func readsItems(_ object: borrowing PythonObject) throws {
    // snippet: span
    _ = samples.count
}

func readsAnyNumbers(_ items: borrowing AnyNumericSpan) throws {
    // snippet: AnyNumericSpan
    _ = total
}

func readsImages(_ object: borrowing PythonObject, _ y: Int, _ x: Int) throws {
    // snippet: StridedSpan
    _ = red
}

// snippet: HeldObject

func makesMemory() throws {
    // snippet: BufferMemory
}

func describesPlanes(_ red: BufferMemory, _ green: BufferMemory, _ blue: BufferMemory) throws -> BufferDescription {
    // snippet: BufferDescription+Planes
}

func describes(_ pixels: BufferMemory) throws -> BufferDescription {
    // snippet: BufferDescription
}

// snippet: BufferExporter

func holdsSamples() throws {
    // snippet: ContiguousElements
    _ = memory
}

// snippet: GrowingMemory
