// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

extension BufferDescription {
    /// Describes planes of one shape as one memory, without a copy: the first axis has a pointer to each plane
    /// (suboffsets, PEP 3118).
    ///
    /// ```swift
    /// try BufferDescription(planes: [red, green, blue], shape: [240, 320], of: UInt8.self)  // shape (3, 240, 320)
    /// ```
    ///
    /// Many consumers, NumPy among them, refuse suboffsets; `swiftbuffer.View` and `memoryview` read them. The memory is
    /// read-only if one of the planes is. `shape` is that of each plane, whose items are contiguous in C order.
    ///
    /// - Throws: `ValueError` without planes or for a negative length, and `BufferError` if a plane has too few bytes.
    public init<Element: BufferElement>(
        planes: [BufferMemory], shape: [Int], of _: Element.Type
    ) throws(PythonError) {
        guard !planes.isEmpty else { throw PythonError(.value, "planes requested, but there are none") }
        let scalar = Element.scalar
        let (plane, layout) = try raisingLayoutErrors { () throws(LayoutError) in
            let plane = try Layout(shape: shape, itemsize: scalar.size)
            let layout = try Layout(
                shape: [planes.count] + shape, strides: [MemoryLayout<UInt>.stride] + plane.strides,
                suboffsets: [0] + shape.map { _ in -1 }, itemsize: scalar.size)
            return (plane, layout)
        }
        for (index, memory) in planes.enumerated() where memory.byteCount < plane.summary.byteCount {
            throw PythonError(
                .buffer,
                "plane \(index) has \(memory.byteCount) bytes of memory, but shape \(plane.shapeText) needs "
                    + "\(plane.summary.byteCount)")
        }
        let item = Format(scalar)
        // The table's pointers lead to memory that the closure keeps.
        let table = UnsafeMutableBufferPointer<UInt>.allocate(capacity: planes.count)
        for (index, memory) in planes.enumerated() {
            unsafe table.initializeElement(at: index, to: UInt(bitPattern: memory.start))
        }
        let memory = unsafe BufferMemory(
            adopting: table, isReadOnly: planes.contains(where: \.isReadOnly)
        ) { table in
            unsafe table.deallocate()
            extendLifetime(planes)
        }
        try unsafe self.init(pointersIn: memory, layout: layout, item: item, format: item.description)
    }
}
