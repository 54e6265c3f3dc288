internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Test arrays with memory of their own, from values.

extension TestBuffer {
    /// What the arguments of `ndarray` and `push` describe. The caller keeps the objects alive.
    @safe
    struct Description {
        /// A list or tuple, or any value for an array without dimensions.
        let items: ObjectReference
        let shape: ObjectReference
        /// `nil` for contiguous memory.
        let strides: ObjectReference?
        let offset: Int
        let format: ObjectReference?
        let flags: TestFlags
    }

    /// - Throws: `TypeError`, `ValueError`, `OverflowError` and `struct.error`, as `_testbuffer` does.
    static func make(_ description: Description) throws(PythonError) -> TestBuffer {
        let flags = description.flags
        let format = if let format = description.format { try stringValue(of: format) } else { "B" }
        let shape = try integers(description.shape, "shape")
        guard shape.count <= TestFlags.maximumDimensions else {
            throw PythonError(
                .value,
                "\(shape.count) dimensions asked for, but at most "
                    + "\(TestFlags.maximumDimensions) are allowed")
        }
        if let length = shape.first(where: { $0 < 0 }) {
            throw PythonError(.value, "a length cannot be negative: \(length)")
        }
        let strides =
            if let strides = description.strides {
                try integers(strides, "strides")
            } else { [Int]() }
        if flags.contains(.fortran) && !strides.isEmpty {
            throw PythonError(.type, "ND_FORTRAN cannot go together with strides")
        }
        let codec = try StructCodec(PythonObject(format))
        guard codec.itemsize > 0 else { throw PythonError(.value, "format '\(format)' describes items of no bytes") }

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
        let memory = try unsafe packed(description.items, layout, at: description.offset, codec)
        do throws(PythonError) {
            try check(layout, at: description.offset, inside: memory.count)
            guard !flags.contains(.pointers) || layout.ndim > 0 else {
                throw PythonError(.type, "ND_PIL needs a dimension")
            }
            if flags.contains(.pointers) {
                return try unsafe withPointers(
                    memory, at: description.offset, layout, format: format, codec, flags)
            }
            return try unsafe own(
                memory.baseAddress!, at: description.offset, layout: layout, format: format, codec: codec,
                flags: flags)
        } catch {
            unsafe PyMem_RawFree(memory.baseAddress)
            throw error
        }
    }

    /// A list or tuple of ints.
    private static func integers(_ sequence: ObjectReference, _ name: String) throws(PythonError) -> [Int] {
        guard sequence.isList || sequence.isTuple else {
            throw PythonError(.type, "\(name) must be a list or a tuple, not \(typeNameOf(sequence))")
        }
        let tuple = try unsafe PythonObject(result: PySequence_Tuple(sequence.pointer))
        var values: [Int] = []
        for index in 0..<(tuple.tupleCount) {
            let item = tuple.reference.tupleItem(index)
            guard item.isInt else {
                throw PythonError(.value, "\(name) must be made of ints, not \(typeNameOf(item))")
            }
            values.append(try intValue(of: item))
        }
        return values
    }

    /// New memory with the items in a row.
    ///
    /// - Throws: `ValueError` where `offset` does not lead to an item.
    private static func packed(
        _ items: ObjectReference, _ layout: Layout, at offset: Int, _ codec: StructCodec
    ) throws(PythonError) -> UnsafeMutableRawBufferPointer {
        let tuple: PythonObject
        if layout.ndim == 0 {
            tuple = try unsafe PythonObject(result: PyTuple_New(1))
            unsafe sb_incref(items.pointer)
            unsafe sb_tuple_set(tuple.pointer, 0, items.pointer)
        } else {
            guard items.isList || items.isTuple else {
                throw PythonError(.type, "items must be a list or a tuple, not \(typeNameOf(items))")
            }
            tuple = try unsafe PythonObject(result: PySequence_Tuple(items.pointer))
        }
        let count = tuple.tupleCount
        guard count > 0 else { throw PythonError(.value, "at least one item is needed") }
        guard let byteCount = Optional(count.multipliedReportingOverflow(by: codec.itemsize)), !byteCount.overflow
        else { throw PythonError.outOfMemory() }
        // Before any item is looked at, as CPython's exporter does; the layout itself it checks afterwards.
        try check(offset, layout.itemsize, inside: byteCount.partialValue)
        let memory = try unsafe TestBuffer.allocate(byteCount.partialValue)
        do {
            for index in 0..<count {
                let bytes = try codec.bytes(of: tuple.reference.tupleItem(index))
                unsafe (memory.baseAddress! + index * codec.itemsize).copyMemory(
                    from: sb_bytes_address(bytes.pointer), byteCount: codec.itemsize)
            }
        } catch {
            unsafe PyMem_RawFree(memory.baseAddress)
            throw error
        }
        return unsafe memory
    }

    private static func check(_ offset: Int, _ itemsize: Int, inside byteCount: Int) throws(PythonError) {
        guard offset >= 0 && offset <= byteCount - itemsize else {
            throw PythonError(.value, "an offset of \(offset) bytes leaves no item in \(byteCount) bytes of memory")
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

    /// The same items behind a table of pointers, one for each index of the first axis, which lie in memory in the
    /// order of the pointers' targets. Takes over the memory of the items.
    private static func withPointers(
        _ items: UnsafeMutableRawBufferPointer, at offset: Int, _ layout: Layout, format: String, _ codec: StructCodec,
        _ flags: TestFlags
    ) throws(PythonError) -> TestBuffer {
        let pointerSize = unsafe MemoryLayout<UnsafeRawPointer>.size
        let count = layout.shape[0]
        let isBackwards = layout.strides[0] < 0
        // A pointer leads to the lowest item of its part of the memory, and the suboffset from there to the first.
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
        guard let table = Optional(count.multipliedReportingOverflow(by: pointerSize)), !table.overflow,
            table.partialValue <= Int.max - items.count - 16
        else { throw PythonError.outOfMemory() }
        // Without items the table is not read, however long the first axis.
        let tableSize = layout.view.hasNoBytes ? 0 : (table.partialValue + 15) & ~15
        let block = try unsafe TestBuffer.allocate(tableSize + items.count)
        let data = unsafe block.baseAddress! + tableSize
        unsafe data.copyMemory(from: items.baseAddress!, byteCount: items.count)
        if tableSize > 0 {
            for index in 0..<count {
                let place = isBackwards ? count - 1 - index : index
                let target = unsafe data + offset + index * layout.strides[0] - suboffset
                unsafe (block.baseAddress! + place * pointerSize).storeBytes(
                    of: target, as: UnsafeMutableRawPointer.self)
            }
        }
        let start = isBackwards && tableSize > 0 ? (count - 1) * pointerSize : 0
        let buffer: TestBuffer
        do {
            buffer = try unsafe own(
                block.baseAddress!, at: start, layout: indirect, format: format, codec: codec, flags: flags)
        } catch {
            unsafe PyMem_RawFree(block.baseAddress)
            throw error
        }
        unsafe PyMem_RawFree(items.baseAddress)
        return buffer
    }
}
