// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

/// What a format says by itself, without memory.
enum FormatFunctions {
    static let definitions: [MethodDefinition] =
        [
            formatSize.method {
                formatSize.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(size(of: call[0]))
                }
            }
        ]

    private static func size(of format: ObjectReference) throws(PythonError) -> Int {
        do {
            guard !format.isString else { return try Format(stringValue(of: format)).itemsize }
            let buffer = try PythonBuffer(format, .simple)
            // An exporter without bytes may have no address.
            let bytes = unsafe UnsafeRawBufferPointer(start: buffer.view.pointee.buf, count: buffer.byteCount)
            return try unsafe Format(utf8: [UInt8](bytes).span).itemsize
        } catch let error as FormatError {
            throw PythonError(.value, error.message)
        } catch let error as PythonError {
            throw error
        } catch {
            throw PythonError(.system, "\(error)")
        }
    }
}

private let formatSize = Callable(
    "format_size", "format, /",
    """
    Return the itemsize of a format: the size of one item in bytes, an int.

    ``format`` is a str, or its UTF-8 bytes, as a Py_buffer has them. The size is that of ``struct.calcsize``, and where
    that does not read the format, of PEP 3118. Raises ValueError for what is neither, whatever the bytes are.
    O(length of the format).

    >>> swiftbuffer._core.format_size("T{i:x:(2,3)d:y:}")
    56

    Source: the documentation of the struct module, and PEP 3118.
    """)
