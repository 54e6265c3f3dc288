// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Test arrays with memory of their own, from values.

extension TestBuffer {
    /// What the arguments of `ndarray` and `push` describe.
    struct Description: ~Copyable {
        /// A list or tuple, or any value for an array without dimensions.
        let items: PythonObject
        let shape: PythonObject
        /// Empty for contiguous memory.
        let strides: PythonObject
        let offset: Int
        let format: String
        let flags: TestFlags
    }

    /// - Throws: `TypeError`, `ValueError`, `OverflowError` and `struct.error`, as `_testbuffer` does.
    static func make(_ description: borrowing Description) throws(PythonError) -> TestBuffer {
        let flags = description.flags
        let format = description.format
        let shape = try integers(description.shape, "shape")
        guard shape.count <= TestFlags.maximumDimensions else {
            throw PythonError(
                .value,
                "the shape has \(shape.count) dimensions, but at most "
                    + "\(TestFlags.maximumDimensions) are allowed")
        }
        if let length = shape.first(where: { $0 < 0 }) {
            throw PythonError(.value, "a length must not be negative: \(length)")
        }
        let strides = try integers(description.strides, "strides")
        if flags.contains(.fortran) && !strides.isEmpty {
            throw PythonError(.type, "ND_FORTRAN cannot go together with strides")
        }
        let codec = try StructCodec(format)
        guard codec.itemsize > 0 else { throw PythonError(.value, "format '\(format)' describes items of 0 bytes") }

        let layout = try raisingLayoutErrors { () throws(LayoutError) in
            if strides.isEmpty {
                return try Layout(
                    contiguous: shape.span, itemsize: codec.itemsize, order: flags.contains(.fortran) ? .fortran : .c,
                    maximumDimensions: TestFlags.maximumDimensions)
            }
            return try Layout(
                shape: shape.span, strides: strides.span, itemsize: codec.itemsize,
                maximumDimensions: TestFlags.maximumDimensions)
        }
        let block = try packed(description.items, layout, at: description.offset, codec)
        try check(layout, at: description.offset, inside: block.byteCount)
        guard flags.contains(.pointers) else {
            return try own(
                block, at: description.offset, layout: layout, format: format, codec: codec, flags: flags)
        }
        guard layout.ndim > 0 else { throw PythonError(.type, "ND_PIL needs a dimension") }
        return try withPointers(block, at: description.offset, layout, format: format, codec, flags)
    }

    /// A list or tuple of ints.
    private static func integers(_ sequence: borrowing PythonObject, _ name: String) throws(PythonError) -> [Int] {
        guard sequence.isList || sequence.isTuple else {
            throw PythonError(.type, "\(name) must be a list or a tuple, not \(sequence.typeName)")
        }
        let tuple = try sequence.asTuple()
        var values: [Int] = []
        for index in 0..<tuple.tupleCount {
            let item = unsafe PythonObject(borrowing: tuple.tupleItem(index))
            guard item.isInt else {
                throw PythonError(.value, "\(name) must be made of ints, not \(item.typeName)")
            }
            values.append(try item.int())
        }
        return values
    }

    /// New memory with the packed items, one after the other.
    ///
    /// - Throws: `ValueError` where `offset` does not lead to an item.
    private static func packed(
        _ items: borrowing PythonObject, _ layout: Layout, at offset: Int, _ codec: StructCodec
    ) throws(PythonError) -> TestBlock {
        guard layout.ndim == 0 || items.isList || items.isTuple else {
            throw PythonError(.type, "items must be a list or a tuple, not \(items.typeName)")
        }
        let tuple = try unsafe layout.ndim == 0 ? PythonObject(tupleOf: items.reference) : items.asTuple()
        let count = tuple.tupleCount
        guard count > 0 else { throw PythonError(.value, "at least one item is needed") }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: codec.itemsize)
        if overflow { throw PythonError.outOfMemory() }
        // Before any item is read, as CPython's exporter does, which checks the layout itself afterwards.
        try check(offset, layout.itemsize, inside: byteCount)
        let block = try TestBlock(byteCount: byteCount)
        for index in 0..<count {
            let bytes = try unsafe codec.bytes(of: PythonObject(borrowing: tuple.tupleItem(index)))
            block.write(bytes.contents, at: index * codec.itemsize)
        }
        return block
    }

    private static func check(_ offset: Int, _ itemsize: Int, inside byteCount: Int) throws(PythonError) {
        guard offset >= 0 && offset <= byteCount - itemsize else {
            throw PythonError(
                .value, "an offset of \(offset) bytes leaves no room for an item in \(byteCount) bytes of memory")
        }
        guard offset % itemsize == 0 else {
            throw PythonError(.value, "an offset of \(offset) bytes is not a multiple of the itemsize, \(itemsize)")
        }
    }

    /// - Throws: `ValueError` unless every item lies inside of the memory, at a multiple of the itemsize.
    private static func check(_ layout: Layout, at offset: Int, inside byteCount: Int) throws(PythonError) {
        if let stride = layout.strides.first(where: { $0 % layout.itemsize != 0 }) {
            throw PythonError(
                .value, "a stride of \(stride) bytes is not a multiple of the itemsize, \(layout.itemsize)")
        }
        do {
            try layout.view.checkFits(offset: offset, byteCount: byteCount)
        } catch {
            throw PythonError(.value, error.message)
        }
    }

    /// The same items behind a table of pointers, one for each index of the first axis, in the order of the addresses
    /// that they hold.
    private static func withPointers(
        _ items: TestBlock, at offset: Int, _ layout: Layout, format: String, _ codec: StructCodec,
        _ flags: TestFlags
    ) throws(PythonError) -> TestBuffer {
        let pointerSize = unsafe MemoryLayout<UnsafeRawPointer>.size
        let count = layout.shape[0]
        let isBackwards = layout.strides[0] < 0
        // Each pointer is the address of the lowest item of its part of the memory; the suboffset leads from there to
        // the first item.
        var suboffset = 0
        for axis in 1..<max(layout.ndim, 1) where layout.strides[axis] < 0 {
            suboffset -= layout.strides[axis] * (max(layout.shape[axis], 1) - 1)
        }
        var strides = layout.strides
        strides[0] = isBackwards ? -pointerSize : pointerSize
        var suboffsets = [Int](repeating: -1, count: layout.ndim)
        suboffsets[0] = suboffset
        let indirect = try raisingLayoutErrors { () throws(LayoutError) in
            try Layout(
                shape: layout.shape.span, strides: strides.span, suboffsets: suboffsets.span,
                itemsize: layout.itemsize, maximumDimensions: TestFlags.maximumDimensions)
        }
        let (table, overflow) = count.multipliedReportingOverflow(by: pointerSize)
        guard !overflow && table <= Int.max - items.byteCount - 16 else { throw PythonError.outOfMemory() }
        // Without items the table is not read, however long the first axis.
        let tableSize = layout.view.hasNoBytes ? 0 : (table + 15) & ~15
        let block = try TestBlock(byteCount: tableSize + items.byteCount)
        let data = unsafe block.start + tableSize
        unsafe data.copyMemory(from: items.start, byteCount: items.byteCount)
        if tableSize > 0 {
            for index in 0..<count {
                let place = isBackwards ? count - 1 - index : index
                let target = unsafe data + offset + index * layout.strides[0] - suboffset
                unsafe block.start.storeBytes(
                    of: target, toByteOffset: place * pointerSize, as: UnsafeMutableRawPointer.self)
            }
        }
        let start = isBackwards && tableSize > 0 ? (count - 1) * pointerSize : 0
        return try own(block, at: start, layout: indirect, format: format, codec: codec, flags: flags)
    }
}
