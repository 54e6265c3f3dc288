// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// `swiftbuffer.from_planes`: memory in several pieces, as one with a pointer to each.
enum Planes {
    static let function: MethodDefinition =
        fromPlanes.method {
            fromPlanes.call($0, $1, $2, $3) { (call) throws(PythonError) in
                try view(of: call[0], for: call.receiver)
            }
        }

    private static func view(
        of planes: ObjectReference, for module: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: module)
        let exporters = try planes.asTuple()
        let count = unsafe exporters.reference.tupleCount
        guard count > 0 else { throw PythonError(.value, "from_planes() needs at least one plane") }
        var owners = try TupleBuilder(capacity: count + 1)
        var pointers: [UInt] = []
        var description: (layout: Layout, item: ItemFormat, format: String)?
        var isReadOnly = false
        for index in 0..<count {
            let view = try ViewObject.make(types, of: unsafe exporters.tupleItem(index))
            let plane = unsafe MemoryObject(view.reference)
            guard let lease = try plane.lease() else { throw PythonError(.system, "a view without a lease") }
            try plane.withExportPinned { (contents) throws(PythonError) in
                try contents.checkHoldsNoObjects()
                pointers.append(UInt(bitPattern: unsafe contents.record.address))
                isReadOnly = isReadOnly || contents.isReadOnly
                let layout = try raisingLayoutErrors { () throws(LayoutError) in try Layout(contents.layout) }
                let item = try contents.storedItem
                guard let first = description else {
                    description = (layout, item, contents.formatText)
                    return
                }
                guard layout == first.layout && item.format == first.item.format else {
                    throw PythonError(
                        .value,
                        "plane \(index) has \(text(of: layout, contents.formatText)), but plane 0 has "
                            + "\(text(of: first.layout, first.format)); frame_planes() gives planes of different shapes "
                            + "by name")
                }
            }
            // Not the view, which may be released.
            owners.append(lease)
        }
        guard let (plane, item, format) = description else { return .none }
        let layout = try stacked(plane.view, count)
        // An object of Python's, so that one tuple owns all.
        let table = try unsafe PythonObject(bytes: pointers.span.bytes)
        let address = unsafe UnsafeMutableRawPointer(mutating: sb_bytes_address(table.pointer))
        owners.append(table)
        // Without items no pointer is followed; otherwise each leads to items that a lease keeps.
        let memory = unsafe BufferMemory(
            adopting: address, byteCount: pointers.count * MemoryLayout<UInt>.size, isReadOnly: isReadOnly,
            owner: owners.finish())
        return try unsafe ForeignMemory.view(
            of: BufferDescription(pointersIn: memory, layout: layout, item: item.format, format: format), for: module)
    }

    /// The layout of planes behind pointers, one after the other in a table.
    private static func stacked(_ plane: borrowing LayoutView, _ count: Int) throws(PythonError) -> Layout {
        let axes = 0..<plane.ndim
        let shape = [count] + axes.map { plane.shape[$0] }
        let strides = [MemoryLayout<UInt>.size] + axes.map { plane.strides[$0] }
        let suboffsets = [0] + axes.map { plane.isIndirect ? plane.suboffsets[$0] : -1 }
        return try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(shape: shape, strides: strides, suboffsets: suboffsets, itemsize: plane.itemsize)
        }
    }

    private static func text(of layout: Layout, _ format: String) -> String {
        "format '\(format)', shape \(layout.shapeText) and strides \(layout.stridesText)"
    }
}

private let fromPlanes = Callable(
    "from_planes", "planes, /",
    """
    Return a View of several planes as one memory, without a copy: its first axis has a pointer to each plane
    (suboffsets, PEP 3118).

    ``planes`` is an iterable of buffers of the same shape, strides and format, which are held until the view is released.
    It is read-only if one of them is. Consumers that follow no pointers, such as NumPy, take a plane, or a ``copy()``.

    Raises ValueError for planes that differ, and for none. O(planes).

    >>> y, u, v = bytearray(b'abcd'), bytearray(b'efgh'), bytearray(b'ijkl')
    >>> frame = swiftbuffer.from_planes([y, u, v])
    >>> frame.shape, frame[1, 2], frame[:, 0].tobytes()
    ((3, 4), 103, b'aei')

    Source: "Complex arrays" in the C API manual.
    """)
