// SPDX-License-Identifier: Apache-2.0
import Dispatch
import PythonBuffers

// Each line with a comment that begins with "error" must be refused, with an error that has its text; no other line may be.

func use(_ pointer: UnsafeMutableRawPointer) {}

func pointerOfATemporary() throws {
    use(try PythonObject("x").pointer)  // error: inaccessible due to 'package' protection level
}

func referenceToATemporary() throws {
    _ = try PythonObject("x").reference  // error: inaccessible due to 'package' protection level
}

func bufferOfATemporary(_ object: borrowing PythonObject) throws {
    use(try PythonBuffer(object).view)  // error: inaccessible due to 'package' protection level
}

func makeDetached() throws {
    _ = try Python.detach { () throws(PythonError) in try PythonObject(5000) }  // error: Sendable
}

func captureDetached(_ buffer: borrowing PythonBuffer) {
    Python.detach { print(buffer.byteCount) }  // error: non-Sendable
}

func useHeldObjectDetached(_ held: HeldObject) {
    Python.detach { print(try? held.object().typeName) }  // error: non-Sendable
}

func useMemoryDetached(_ memory: BufferMemory) {
    Python.detach { print(memory.byteCount) }  // error: non-Sendable
}

func useHeldObjectElsewhere(_ held: HeldObject) {
    DispatchQueue.global().async { print(held) }  // error: non-Sendable
}

func setAnException(_ error: PythonError) {
    error.raise()  // error: inaccessible due to 'package' protection level
    _ = PythonError.pending()  // error: inaccessible due to 'package' protection level
}

func adoptMemoryWithoutItsOwner() throws {
    _ = try BufferDescription([1, 2, 3], shape: [3], of: Float.self)  // error: cannot convert value
}
