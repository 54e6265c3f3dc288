// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

extension Arguments {
    /// A `Py_buffer` object.
    func pyBuffer(_ index: Int) throws(PythonError) -> ObjectReference {
        guard try PyBufferObject.isInstance(self[index], in: receiver) else {
            throw wrongType(index, expected: "a Py_buffer")
        }
        return self[index]
    }
}
