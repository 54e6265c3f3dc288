// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

/// Sets the `BufferError` of a refused request: what was requested, what the memory is, and what would work. Memory that is
/// released is a `ValueError`.
///
/// Out of line and apart from getbuffer, since it allocates.
@c(swiftbuffer_refuse)
func raiseRefusal(exporter: ObjectReference, flags: CInt, refusal: CInt) {
    let record = unsafe sb_record(exporter.pointer)
    if refusal == Refusal.closed.rawValue {
        guard unsafe sb_export_count(record) == sb_closed() else {
            let message = "the memory is being changed by another call; try again when that has ended"
            return PythonError(.buffer, message).raise()
        }
        // As memoryview raises for a released view, whatever the request.
        return PythonError(.value, "operation forbidden on released \(typeNameOf(exporter)) object").raise()
    }
    // The caller holds memory that is neither closed nor changing until this returns.
    let layout = unsafe LayoutView(record)
    // Not every exporter has these methods itself.
    let hasCopy = exporter.hasAttribute("copy")
    let copy = hasCopy ? ".copy" : "swiftbuffer.View(object).copy"
    let contiguous =
        "\(copy)() makes a contiguous copy, \(hasCopy ? "" : "memoryview(object)").tobytes() gives the bytes"
    let found = "shape \(layout.shapeText) has strides \(layout.stridesText)"
    let message =
        switch Refusal(rawValue: refusal) {
        case .readOnly:
            "writable buffer requested, but the memory is read-only; \(copy)() makes a writable copy"
        case .notCContiguous:
            "C-contiguous buffer requested, but \(found); \(contiguous)"
        case .notFContiguous:
            "F-contiguous buffer requested, but \(found); \(copy)(order=\"F\") makes an F-contiguous copy"
        case .notContiguous:
            "contiguous buffer requested, but \(found); \(contiguous)"
        case .needsSuboffsets:
            "buffer without suboffsets requested, but the memory is reached through pointers: suboffsets "
                + "\(layout.suboffsetsText); \(contiguous)"
        case .needsStrides:
            "buffer without strides requested, but \(found); \(contiguous)"
        case .formatWithoutShape:
            "format requested without a shape, which stands for plain bytes; request ND as well as FORMAT"
        case .smallFloat:
            unsafe smallFloatMessage(exporter, record)
        case .closed, nil:
            "buffer refused"
        }
    PythonError(.buffer, message).raise()
}

@unsafe
private func smallFloatMessage(_ exporter: ObjectReference, _ record: UnsafePointer<SBRecord>) -> String {
    let scalar = unsafe Scalar(known: record.pointee.scalar)
    let name = scalar?.name ?? "small floats"
    let integers = unsafe record.pointee.itemsize == 1 ? "B" : "H"
    // Not every exporter has these methods itself.
    let object = exporter.hasAttribute("cast") ? "x" : "swiftbuffer.View(x)"
    return "format requested, but PEP 3118 has none for items of type \(name); "
        + "\(object).cast(\"\(integers)\") shows their bits as integers, \(object).astype(\"f\") converts them"
}
