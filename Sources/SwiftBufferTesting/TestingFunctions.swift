// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The functions of `swiftbuffer.testing` that CPython's private `_testbuffer` has, for any exporter.
enum TestingFunctions {
    static let definitions: [MethodDefinition] =
        [
            sliceIndices.method {
                sliceIndices.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let slice = call.object(0)
                    guard slice.isSlice else { throw call.wrongType(0, expected: "a slice") }
                    let length = try call.int(1)
                    var (start, stop, step) = try slice.sliceBounds()
                    // `SliceRange` refuses a negative length; CPython does not, and this function shows CPython's
                    // result.
                    let count = unsafe PySlice_AdjustIndices(length, &start, &stop, step)
                    return try PythonObject(tuple: [start, stop, step, count].span)
                }
            },
            getPointer.method {
                getPointer.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let buffer = try TestBuffer.acquired(from: call.object(0), .fullReadOnly)
                    return try buffer.item(at: call.indices(1))
                }
            },
            getSizeofVoidP.method {
                getSizeofVoidP.call($0, $1, $2, $3) { (_) throws(PythonError) in
                    try unsafe PythonObject(MemoryLayout<UnsafeRawPointer>.size)
                }
            },
            getContiguous.method {
                getContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    guard call.object(1).isInt else { throw call.wrongType(1, expected: "an int") }
                    let order = try call.firstLetter(2)
                    return try PythonObject(
                        contiguousMemoryViewOf: call.object(0), isWritable: call.isWritable(1, "buffertype"),
                        order: order)
                }
            },
            pyBufferToContiguous.method {
                pyBufferToContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let letter = try call.ascii(1)
                    let buffer = try call.buffer(0, call.request(2))
                    let order = try Order(String(letter.prefix(1)))
                    // As `PyBuffer_ToContiguous`, to which memory with any suboffsets at all is not contiguous.
                    let isIndirect = unsafe buffer.view.pointee.suboffsets != nil
                    return try buffer.contiguousBytes(order: order == .any && isIndirect ? .c : order)
                }
            },
            isContiguous.method {
                isContiguous.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let order = try call.firstLetter(1)
                    // Without a request to the array itself, which may refuse it.
                    if let array = try call.testArray(0) { return PythonObject(array.shown.isContiguous(order)) }
                    return try PythonObject(PythonBuffer(exporter(call, 0)).isContiguous(order))
                }
            },
            cmpContig.method {
                cmpContig.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let first = try TestBuffer.acquired(from: exporter(call, 0), .fullReadOnly)
                    let second = try TestBuffer.acquired(from: exporter(call, 1), .fullReadOnly)
                    return PythonObject(first.isSameMemory(as: second))
                }
            },
        ]

    /// Adds the types and constants.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(builder.add(TestArray.type), at: TestingState.testArrayType.rawValue)
        _ = try builder.add(StaticArray.type)
        _ = try builder.add(ScriptedExporter.type)
        try builder.add("ND_MAX_NDIM", PythonObject(TestFlags.maximumDimensions))
        for (name, flags) in TestFlags.constants {
            try builder.add(name, PythonObject(Int(flags.rawValue)))
        }
    }

    /// - Throws: `TypeError` if the object does not give its whole buffer, whatever it raises itself.
    private static func exporter(_ call: borrowing Arguments, _ index: Int) throws(PythonError) -> PythonObject {
        do {
            _ = try call.buffer(index)
        } catch {
            throw call.wrongType(index, expected: "an object that exports its whole buffer")
        }
        return call.object(index)
    }
}

extension TestBuffer {
    /// The item at indices that count from 0.
    ///
    /// - Throws: `ValueError` for the wrong number of them, and for one that is out of range or negative.
    fileprivate func item(at indices: [Int]) throws(PythonError) -> PythonObject {
        guard indices.count == layout.ndim else {
            throw PythonError(.value, "\(indices.count) indices given for \(layout.ndim) dimensions")
        }
        for (axis, length) in layout.shape.enumerated() where !(0..<length).contains(indices[axis]) {
            throw PythonError(.value, "index \(indices[axis]) is out of range for axis \(axis) with length \(length)")
        }
        guard let address = unsafe address else {
            throw PythonError(.buffer, "the exporter returned a buffer without an address")
        }
        // In range, and there are items.
        let place = unsafe layout.view.uncheckedAddress(of: indices.span, from: address)
        return try unsafe itemCodec().value(at: place)
    }

    /// Whether both are contiguous in the same order, with the same format, shape and bytes, and the same strides along
    /// axes of two items or more.
    fileprivate func isSameMemory(as other: TestBuffer) -> Bool {
        guard format == other.format, layout.itemsize == other.layout.itemsize, layout.shape == other.layout.shape,
            isContiguous(.c) && other.isContiguous(.c) || isContiguous(.fortran) && other.isContiguous(.fortran),
            length == other.length,
            layout.shape.indices.allSatisfy({ axis in
                layout.shape[axis] < 2 || layout.strides[axis] == other.layout.strides[axis]
            })
        else { return false }
        guard length > 0, let bytes = unsafe address, let others = unsafe other.address else { return true }
        return unsafe UnsafeRawBufferPointer(start: bytes, count: length).elementsEqual(
            UnsafeRawBufferPointer(start: others, count: length))
    }
}

extension Arguments {
    /// The order that the first letter of an ASCII string stands for.
    fileprivate func firstLetter(_ index: Int) throws(PythonError) -> Order {
        try Order(String(ascii(index).prefix(1)))
    }

    /// The text of a `str` that is ASCII; `UnicodeEncodeError` otherwise.
    fileprivate func ascii(_ index: Int) throws(PythonError) -> String {
        guard object(index).isString else { throw wrongType(index, expected: "a str") }
        _ = try unsafe PythonObject(result: PyUnicode_AsASCIIString(self[index].pointer))
        return try string(index)
    }

    /// A list or tuple of ints.
    fileprivate func indices(_ index: Int) throws(PythonError) -> [Int] {
        let sequence = object(index)
        guard sequence.isList || sequence.isTuple else { throw wrongType(index, expected: "a list or a tuple") }
        return try sequence.integers("indices")
    }

    /// The argument as a test array; `nil` for any other object.
    fileprivate func testArray(_ index: Int) throws(PythonError) -> TestArrayObject? {
        // The type has no subclasses.
        let type = try PythonObject(borrowing: moduleObject(TestingState.testArrayType.rawValue, of: receiver))
        return unsafe object(index).type.reference == type.reference ? TestArrayObject(self[index]) : nil
    }
}

private let sliceIndices = Callable(
    "slice_indices", "key, length, /",
    """
    Return (start, stop, step, count) of the slice key of a sequence of that length.

    Raises TypeError for what is no slice, ValueError for a step of 0. O(1). Source: PySlice_GetIndicesEx.
    """)
private let getPointer = Callable(
    "get_pointer", "obj, indices, /",
    """
    Return the item of obj at indices, read as struct reads it from where PyBuffer_GetPointer points.

    Raises ValueError for the wrong number of indices, and for one that is out of range or negative. O(ndim). Source:
    PyBuffer_GetPointer.
    """)
private let getSizeofVoidP = Callable(
    "get_sizeof_void_p", "", "Return the size of a pointer in bytes. O(1). Source: ``sizeof(void *)``.")
private let getContiguous = Callable(
    "get_contiguous", "obj, buffertype, order, /",
    """
    Return a memoryview of contiguous memory with the items of obj in order 'C', 'F' or 'A' (either).

    It is obj's own memory if that is contiguous, and for the buffertype PyBUF_READ otherwise a copy. Raises BufferError
    for PyBUF_WRITE where there would be a copy, or the memory is read-only; ValueError for another buffertype or order.
    O(items) for a copy. Source: PyMemoryView_GetContiguous.
    """)
private let pyBufferToContiguous = Callable(
    "py_buffer_to_contiguous", "obj, order, flags, /",
    """
    Request a buffer of obj with flags, and return its items as bytes in order 'C' or 'F'; 'A' keeps the order of
    contiguous memory.

    Raises BufferError if obj refuses the flags, ValueError for another order. O(items). Source: PyBuffer_ToContiguous.
    """)
private let isContiguous = Callable(
    "is_contiguous", "obj, order, /",
    """
    Return whether the memory of obj is contiguous in order 'C', 'F' or 'A' (either).

    Raises TypeError if obj exports no buffer, ValueError for another order. O(ndim). Source: PyBuffer_IsContiguous.
    """)
private let cmpContig = Callable(
    "cmp_contig", "first, second, /",
    """
    Return whether the exporters first and second have the same format, shape and bytes, contiguous in the same order.

    Raises TypeError if one of them exports no buffer. O(bytes). Source: CPython's private _testbuffer.cmp_contig.
    """)
