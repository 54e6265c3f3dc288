// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// `PyMemoryView_*` as Python functions.

extension CAPI {
    static var memoryViewFunctions: [MethodDefinition] {
        [
            fromObject.method {
                fromObject.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(memoryViewOf: call.object(0))
                }
            },
            fromMemory.method {
                fromMemory.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let count = try call.byteCount(1, "size")
                    let address = try unsafe call.address(0, count: count)
                    let isWritable = try call.isWritable(2, "flags")
                    return try unsafe PythonObject(memoryViewAt: address, count: count, isReadOnly: !isWritable)
                }
            },
            fromBuffer.method {
                fromBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PyBufferObject.memoryView(of: call.pyBuffer(0))
                }
            },
            getContiguous.method {
                getContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(
                        contiguousMemoryViewOf: call.object(0), isWritable: call.isWritable(1, "buffertype"),
                        order: call.order(2))
                }
            },
            check.method {
                check.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    PythonObject(call.object(0).isMemoryView)
                }
            },
            getBuffer.method {
                getBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PyBufferObject.make(PythonBuffer(observing: call.object(0)), in: call.receiver)
                }
            },
            getBase.method {
                getBase.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try call.object(0).memoryViewBase() ?? .none
                }
            },
        ]
    }
}

private let fromObject = Callable(
    "PyMemoryView_FromObject", "obj",
    """
    Return a memoryview of obj, which exports a buffer.

    Raises TypeError if it exports none, and what the exporter raises. O(ndim). Source: PyMemoryView_FromObject.
    """)
private let fromMemory = Callable(
    "PyMemoryView_FromMemory", "address, size, flags",
    """
    Return a memoryview of size bytes at an address, read-only for PyBUF_READ, writable for PyBUF_WRITE.

    Nothing keeps the memory in place; from_memory takes an owner and a release function. Raises ValueError for a null
    address, a negative size or other flags. O(1). Source: PyMemoryView_FromMemory.
    """)
private let fromBuffer = Callable(
    "PyMemoryView_FromBuffer", "view",
    """
    Return a memoryview of what the Py_buffer view describes.

    The Py_buffer is kept alive, and cannot be released, until the last memoryview made of it goes; in C nothing keeps
    it. Raises ValueError for a released view or one without an address, BufferError if its fields contradict each
    other. O(ndim). Source: PyMemoryView_FromBuffer.
    """)
private let getContiguous = Callable(
    "PyMemoryView_GetContiguous", "obj, buffertype, order",
    """
    Return a memoryview of contiguous memory in order 'C', 'F' or 'A' (either): obj's own, or else a read-only copy.

    Raises BufferError if buffertype is PyBUF_WRITE and the memory is read-only or not contiguous, ValueError for a
    buffertype other than PyBUF_READ and PyBUF_WRITE or another order. O(1), and O(items) for a copy. Source: PyMemoryView_GetContiguous.
    """)
private let check = Callable(
    "PyMemoryView_Check", "obj",
    """
    Return whether obj is a memoryview. O(1).

    Source: PyMemoryView_Check.
    """)
private let getBuffer = Callable(
    "PyMemoryView_GET_BUFFER", "mview",
    """
    Return the Py_buffer inside of the memoryview mview, as it stands there.

    The memoryview cannot be released while the Py_buffer is held. Raises TypeError for anything but a memoryview,
    ValueError for a released one; the macro checks neither. O(ndim). Source: PyMemoryView_GET_BUFFER.
    """)
private let getBase = Callable(
    "PyMemoryView_GET_BASE", "mview",
    """
    Return the object whose memory the memoryview mview shows; None if it was made from plain memory.

    Raises TypeError for anything but a memoryview, ValueError for a released one; the macro checks neither. O(1). Source:
    PyMemoryView_GET_BASE.
    """)
