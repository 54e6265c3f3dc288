internal import PythonBuffers

extension Arguments {
    /// A `Py_buffer` object.
    func pyBuffer(_ index: Int) throws(PythonError) -> ObjectPointer {
        guard try unsafe PyBufferObject.isInstance(self[index], in: receiver) else {
            throw wrongType(index, expected: "a Py_buffer")
        }
        return unsafe self[index]
    }
}
