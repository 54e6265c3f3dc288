// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import PythonBuffers

/// Python's `swiftbuffer.capi`: the functions and constants of the C API under their C names.
///
/// Each function calls the C function of its name behind the checks that C leaves to its callers: wrong types, released
/// views, unknown orders, negative sizes and null addresses raise.
enum CAPI {
    static var functions: [MethodDefinition] { bufferFunctions + memoryViewFunctions }

    /// Adds the type ``PyBufferObject`` and the constants; the functions belong to the module's own table.
    static func add(to builder: borrowing ModuleBuilder) throws(PythonError) {
        try builder.keep(builder.add(PyBufferObject.type), at: CoreState.pyBufferType.rawValue)
        for (name, value) in constants {
            try builder.add(name, PythonObject(Int(value)))
        }
    }

    /// Source: `cpython/object.h` (3.11) and `pybuffer.h`.
    private static let constants: [(String, CInt)] = [
        ("PyBUF_MAX_NDIM", PyBUF_MAX_NDIM),
        ("PyBUF_SIMPLE", BufferRequest.simple.rawValue),
        ("PyBUF_WRITABLE", BufferRequest.writable.rawValue),
        // The spelling of the first headers, still there.
        ("PyBUF_WRITEABLE", BufferRequest.writable.rawValue),
        ("PyBUF_FORMAT", BufferRequest.format.rawValue),
        ("PyBUF_ND", BufferRequest.shape.rawValue),
        ("PyBUF_STRIDES", BufferRequest.strides.rawValue),
        ("PyBUF_C_CONTIGUOUS", BufferRequest.cContiguous.rawValue),
        ("PyBUF_F_CONTIGUOUS", BufferRequest.fContiguous.rawValue),
        ("PyBUF_ANY_CONTIGUOUS", BufferRequest.anyContiguous.rawValue),
        ("PyBUF_INDIRECT", BufferRequest.indirect.rawValue),
        ("PyBUF_CONTIG", BufferRequest.contiguous.rawValue),
        ("PyBUF_CONTIG_RO", BufferRequest.contiguousReadOnly.rawValue),
        ("PyBUF_STRIDED", BufferRequest.strided.rawValue),
        ("PyBUF_STRIDED_RO", BufferRequest.stridedReadOnly.rawValue),
        ("PyBUF_RECORDS", BufferRequest.records.rawValue),
        ("PyBUF_RECORDS_RO", BufferRequest.recordsReadOnly.rawValue),
        ("PyBUF_FULL", BufferRequest.full.rawValue),
        ("PyBUF_FULL_RO", BufferRequest.fullReadOnly.rawValue),
        ("PyBUF_READ", PyBUF_READ),
        ("PyBUF_WRITE", PyBUF_WRITE),
    ]
}
