// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import PythonBuffers

// `PyObject_*`, `PyBuffer_*` and `PyArg_ParseTuple` as Python functions.

extension CAPI {
    static var bufferFunctions: [MethodDefinition] {
        [
            checkBuffer.method {
                checkBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    PythonObject(call.object(0).isExporter)
                }
            },
            getBuffer.method {
                getBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let request = try call.request(1)
                    let buffer = try PythonBuffer(call[0], request, readsAllFormats: false)
                    return try PyBufferObject.make(buffer, in: call.receiver)
                }
            },
            releaseBuffer.method {
                releaseBuffer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PyBufferObject.release(call.pyBuffer(0))
                    return .none
                }
            },
            isContiguous.method {
                isContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.order(1)
                    return try PyBufferObject.withBuffer(of: call.pyBuffer(0)) { (buffer) throws(PythonError) in
                        PythonObject(buffer.isContiguous(order))
                    }
                }
            },
            getPointer.method {
                getPointer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let indices = try integersOf(call[1], "indices")
                    return try PyBufferObject.withBuffer(of: call.pyBuffer(0)) { (buffer) throws(PythonError) in
                        try unsafe PythonObject(address: buffer.address(of: indices))
                    }
                }
            },
            toContiguous.method {
                toContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.order(1)
                    return try PyBufferObject.withBuffer(of: call.pyBuffer(0)) { (buffer) throws(PythonError) in
                        try buffer.contiguousBytes(order: order)
                    }
                }
            },
            fromContiguous.method {
                fromContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.order(2)
                    let target = try call.pyBuffer(0)
                    let data = try PythonBuffer(call[1], .simple)
                    try PyBufferObject.withBuffer(of: target) { (buffer) throws(PythonError) in
                        try buffer.copyContiguousBytes(from: data, order: order)
                    }
                    return .none
                }
            },
            copyData.method {
                copyData.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try call.object(0).copyData(from: call.object(1))
                    return .none
                }
            },
            copyToObject.method {
                copyToObject.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.order(2)
                    let data = try PythonBuffer(call[1], .simple)
                    try call.object(0).copyContiguousBytes(from: data, order: order)
                    return .none
                }
            },
            fillContiguousStrides.method {
                fillContiguousStrides.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let shape = try integersOf(call[0], "shape")
                    let strides = try contiguousStrides(shape: shape, itemsize: call.int(1), order: call.order(2))
                    return try PythonObject(tuple: strides.span)
                }
            },
            fillInfo.method {
                fillInfo.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let count = try call.byteCount(2, "len")
                    let address = try unsafe call.address(1, count: count)
                    let isReadOnly = try call.bool(3, default: true)
                    let buffer = try unsafe PythonBuffer(
                        filling: call.optional(0), memory: address, count: count, isReadOnly: isReadOnly,
                        call.request(4))
                    return try PyBufferObject.make(buffer, in: call.receiver)
                }
            },
            sizeFromFormat.method {
                sizeFromFormat.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try PythonObject(itemsize(ofFormat: call.string(0)))
                }
            },
            parseTuple.method {
                parseTuple.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let parsed = try call.object(0).parsedBuffers(codes: call.string(1))
                    var tuple = try TupleBuilder(capacity: parsed.count)
                    while let buffer = parsed.next() {
                        tuple.append(try PyBufferObject.make(buffer, in: call.receiver))
                    }
                    return tuple.finish()
                }
            },
        ]
    }
}

private let checkBuffer = Callable(
    "PyObject_CheckBuffer", "obj",
    """
    Return whether obj exports a buffer. O(1).

    Source: PyObject_CheckBuffer, "Buffer-related functions" in the C API manual.
    """)
private let getBuffer = Callable(
    "PyObject_GetBuffer", "obj, flags",
    """
    Acquire the buffer of obj as a Py_buffer, showing exactly what the exporter filled in.

    flags is a combination of the PyBUF_* constants or of BufferFlags. Raises TypeError if obj exports no buffer,
    BufferError if the exporter refuses the request, OverflowError for flags beyond a C int. PyBUF_READ or PyBUF_WRITE
    alone is a SystemError from Python 3.13 on. O(1), and what the exporter takes.

    Source: PyObject_GetBuffer.
    """)
private let releaseBuffer = Callable(
    "PyBuffer_Release", "view",
    """
    Release the Py_buffer view; does nothing if it is released.

    Raises BufferError while memoryviews made of it by PyMemoryView_FromBuffer are alive. O(1). Source:
    PyBuffer_Release.
    """)
private let isContiguous = Callable(
    "PyBuffer_IsContiguous", "view, order",
    """
    Return whether the memory of view is contiguous: order 'C', 'F', or 'A' for either.

    Raises ValueError for another order or a released view. O(ndim). Source: PyBuffer_IsContiguous.
    """)
private let getPointer = Callable(
    "PyBuffer_GetPointer", "view, indices",
    """
    Return the address of the item at indices, one an axis, each from 0 up to the axis's length; suboffsets followed.

    Raises IndexError for an index out of range or the wrong number of them, ValueError for a released view; the C
    function checks neither. O(ndim). Source: PyBuffer_GetPointer.
    """)
private let toContiguous = Callable(
    "PyBuffer_ToContiguous", "view, order",
    """
    Return the items as bytes in order 'C' or 'F'; 'A' keeps that of contiguous memory, and means 'C' for other.

    Raises ValueError for another order or a released view. O(items). Source: PyBuffer_ToContiguous.
    """)
private let fromContiguous = Callable(
    "PyBuffer_FromContiguous", "view, data, order",
    """
    Write contiguous data (any object with a contiguous buffer) into the buffer, item by item in order 'C', 'F' or 'A'.

    Data beyond the buffer is not used; items beyond the data stay as they are. Raises BufferError if the buffer is
    read-only, ValueError for another order or a released view. O(items). Source: PyBuffer_FromContiguous.
    """)
private let copyData = Callable(
    "PyObject_CopyData", "dest, src",
    """
    Copy the items of src into dest, of the same shape and itemsize but any strides.

    Where both are C-contiguous the shapes may differ, and dest may be longer. Raises BufferError if dest is read-only,
    ValueError if shape or itemsize differ; the C function compares lengths alone. O(items). Source: PyObject_CopyData.
    """)
private let copyToObject = Callable(
    "PyObject_CopyToObject", "obj, data, order",
    """
    Copy contiguous data into the buffer of obj, item by item in order 'C' or 'F', or 'A' for obj's own.

    Raises TypeError if obj exports no buffer, BufferError if it is read-only, ValueError if the lengths differ or for
    another order. O(items). Source: PyObject_CopyToObject of PEP 3118, which CPython's manuals described and no CPython
    had.
    """)
private let fillContiguousStrides = Callable(
    "PyBuffer_FillContiguousStrides", "shape, itemsize, order",
    """
    Return the strides, in bytes, of a contiguous array of that shape in order 'C' (or 'A') or 'F'.

    Raises ValueError for a negative length or itemsize, more than 64 dimensions or another order, OverflowError where
    the array would be larger than memory. O(ndim). Source: PyBuffer_FillContiguousStrides.
    """)
private let fillInfo = Callable(
    "PyBuffer_FillInfo", "obj, buf, len, readonly, flags",
    """
    Return a Py_buffer of len bytes at the address buf, as an exporter of plain bytes would answer a request with flags.

    obj is kept alive as long as the Py_buffer is held, but counts no export and is not told of the release; None stands
    for NULL. Raises BufferError for a writable request of memory said to be readonly, ValueError for a negative len and
    for a null buf with a len above zero, OverflowError for numbers that are no address; PyBUF_READ or PyBUF_WRITE
    alone is a SystemError from Python 3.13 on. The memory must stay in place: nothing checks it. O(1). Source:
    PyBuffer_FillInfo.
    """)
private let sizeFromFormat = Callable(
    "PyBuffer_SizeFromFormat", "format",
    """
    Return the itemsize that a format stands for, as struct.calcsize does.

    Raises struct.error for a format that struct does not know, ValueError for one that holds a NUL. O(length). Source:
    PyBuffer_SizeFromFormat.
    """)
private let parseTuple = Callable(
    "PyArg_ParseTuple", "args, codes",
    """
    Parse args, a tuple of arguments, by up to eight of the codes 's*', 'y*', 'z*' and 'w*'; return a tuple of Py_buffers.

    y* takes contiguous buffers, s* also str (as UTF-8), z* also None (all NULL), w* only writable ones. Raises
    TypeError for an argument of another kind or the wrong number of them, BufferError as the exporters do, ValueError
    for other codes. O(arguments). Source: PyArg_ParseTuple, "Strings and buffers" in the C API manual.
    """)
