// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
package import CPython
internal import CPythonShims

/// `bf_getbuffer` of every exporter of this project.
///
/// The object begins with an ``SBExporter``, whose record describes its memory. Compiled to straight-line code: no
/// allocation, no reference counting by Swift, no lock. Source: the table of "Buffer request types" in CPython's C API
/// manual, in the order of checks of `memory_getbuf`.
// Only optimised builds inline enough for the compiler to prove this attribute.
#if !DEBUG
    @_noLocks
#endif
package func exportBuffer(
    _ exporter: UnsafeMutablePointer<PyObject>?, _ view: UnsafeMutablePointer<Py_buffer>?, _ flags: CInt
) -> CInt {
    // CPython passes neither as NULL.
    guard let exporter = unsafe exporter, let view = unsafe view else { return -1 }
    let record = unsafe sb_record(exporter)
    guard unsafe sb_retain_export(record) != 0 else {
        return unsafe refuse(exporter, view, flags, .closed)
    }
    if let refusal = unsafe fill(view, from: record, BufferRequest(rawValue: flags)) {
        // The message describes the memory, which must not change before it is written.
        defer { unsafe sb_release_export(record) }
        return unsafe refuse(exporter, view, flags, refusal)
    }
    unsafe sb_incref(exporter)
    unsafe view.pointee.obj = exporter
    return 0
}

/// `bf_releasebuffer` of every exporter of this project. CPython drops the reference in `view->obj` itself.
#if !DEBUG
    @_noLocks
#endif
package func releaseExport(_ exporter: UnsafeMutablePointer<PyObject>?, _ view: UnsafeMutablePointer<Py_buffer>?) {
    guard let exporter = unsafe exporter else { return }
    unsafe sb_release_export(sb_record(exporter))
}

#if !DEBUG
    @_noLocks
#endif
@inline(__always)
private func fill(
    _ view: UnsafeMutablePointer<Py_buffer>, from record: UnsafeMutablePointer<SBRecord>, _ request: BufferRequest
) -> Refusal? {
    // What nearly every consumer requests: every field, of memory in any layout. Here it is what the table below says.
    let fields = PyBUF_STRIDES | PyBUF_FORMAT
    let anyway = PyBUF_INDIRECT ^ PyBUF_STRIDES | PyBUF_WRITABLE
    guard request.rawValue & ~anyway == fields else { return unsafe fillAsRequested(view, from: record, request) }
    let isWritten = request.rawValue & PyBUF_WRITABLE
    if unsafe record.pointee.suboffsets != nil { return unsafe fillAsRequested(view, from: record, request) }
    if unsafe isWritten & CInt(record.pointee.readonly) != 0 {
        return unsafe fillAsRequested(view, from: record, request)
    }
    if unsafe Scalar.isSmallFloat(record.pointee.scalar) { return unsafe fillAsRequested(view, from: record, request) }

    unsafe view.pointee.buf = UnsafeMutableRawPointer(record.pointee.address)
    unsafe view.pointee.len = record.pointee.length
    unsafe view.pointee.itemsize = record.pointee.itemsize
    unsafe view.pointee.readonly = CInt(record.pointee.readonly)
    unsafe view.pointee.format = UnsafeMutablePointer(mutating: record.pointee.format)
    unsafe view.pointee.ndim = record.pointee.ndim
    unsafe view.pointee.shape = record.pointee.shape
    unsafe view.pointee.strides = record.pointee.strides
    unsafe view.pointee.suboffsets = nil
    unsafe view.pointee.internal = nil
    return nil
}

/// The table of requests: the fields that each flag sets, and the memory that it refuses.
#if !DEBUG
    @_noLocks
#endif
@inline(never)
private func fillAsRequested(
    _ view: UnsafeMutablePointer<Py_buffer>, from record: UnsafeMutablePointer<SBRecord>, _ request: BufferRequest
) -> Refusal? {
    let isCContiguous = unsafe record.pointee.isCContiguous
    let isFContiguous = unsafe record.pointee.isFContiguous
    let isReadOnly = unsafe record.pointee.readonly != 0
    let isIndirect = unsafe record.pointee.suboffsets != nil

    if request.includes(.writable) && isReadOnly { return .readOnly }
    if request.includes(.cContiguous) && !isCContiguous { return .notCContiguous }
    if request.includes(.fContiguous) && !isFContiguous { return .notFContiguous }
    if request.includes(.anyContiguous) && !isCContiguous && !isFContiguous { return .notContiguous }
    if isIndirect && !request.includes(.indirect) { return .needsSuboffsets }
    if !request.includes(.strides) && !isCContiguous { return .needsStrides }
    if request.includes(.format) {
        // Without a shape the memory is plain bytes, to which no format applies.
        if !request.includes(.shape) { return .formatWithoutShape }
        // PEP 3118 has no format for them, and the integers that others could take them for are wrong.
        if unsafe Scalar.isSmallFloat(record.pointee.scalar) && sb_reads_all_formats(view) == 0 { return .smallFloat }
    }

    unsafe view.pointee.buf = UnsafeMutableRawPointer(record.pointee.address)
    unsafe view.pointee.len = record.pointee.length
    unsafe view.pointee.itemsize = record.pointee.itemsize
    unsafe view.pointee.readonly = CInt(record.pointee.readonly)
    unsafe view.pointee.format =
        unsafe request.includes(.format) ? UnsafeMutablePointer(mutating: record.pointee.format) : nil
    unsafe view.pointee.ndim = request.includes(.shape) ? record.pointee.ndim : 1
    unsafe view.pointee.shape = request.includes(.shape) ? record.pointee.shape : nil
    unsafe view.pointee.strides = request.includes(.strides) ? record.pointee.strides : nil
    unsafe view.pointee.suboffsets = record.pointee.suboffsets
    unsafe view.pointee.internal = nil
    return nil
}

#if !DEBUG
    @_noLocks
#endif
@inline(never)
private func refuse(
    _ exporter: UnsafeMutablePointer<PyObject>, _ view: UnsafeMutablePointer<Py_buffer>, _ flags: CInt,
    _ refusal: Refusal
) -> CInt {
    unsafe view.pointee.obj = nil
    unsafe swiftbuffer_refuse(exporter, flags, refusal.rawValue)
    return -1
}

/// Why an exporter refused a request, in the order in which the reference exporter, memoryview, checks.
enum Refusal: CInt {
    case closed = 1
    case readOnly
    case notCContiguous
    case notFContiguous
    case notContiguous
    case needsSuboffsets
    case needsStrides
    case formatWithoutShape
    case smallFloat
}
