// SPDX-License-Identifier: Apache-2.0

// swift-options: -strict-memory-safety -Werror StrictMemorySafety
import PythonBuffers

// What safe code must not do without saying so.

func adoptAnyAddress(_ start: UnsafeMutableRawPointer) -> BufferMemory {
    BufferMemory(adopting: start, byteCount: 8) {}  // error: not marked with 'unsafe'
}

func takeOverAnyReference(_ pointer: ObjectPointer) -> PythonObject {
    PythonObject(owning: pointer)  // error: not marked with 'unsafe'
}

func handOver(_ object: consuming PythonObject) -> ObjectPointer {
    object.intoPointer()  // error: not marked with 'unsafe'
}

func lookInside(_ object: borrowing PythonObject) -> Bool {
    object.withPointer { _ in true }  // error: not marked with 'unsafe'
}

func adoptItems(_ items: UnsafeMutableBufferPointer<Float>) -> BufferMemory {
    BufferMemory(adopting: items)  // error: not marked with 'unsafe'
}

func holdAnyContainer<Container: ContiguousElements & ~Copyable>(_ container: consuming Container) -> BufferMemory {
    BufferMemory(holding: container)  // error: not marked with 'unsafe'
}
