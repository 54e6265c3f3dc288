public import BufferLayout
internal import CPython

// What is asked of a buffer before Swift looks at its memory. Each refusal says what was asked, what was found, and
// what would work.

extension PythonBuffer {
    /// - Throws: `BufferError` if the memory must not be written.
    func checkWritable() throws(PythonError) {
        guard !isReadOnly else {
            throw PythonError(
                .buffer, "writable memory asked for, but the buffer is read-only; acquire it with .writable, or copy it"
            )
        }
    }

    /// - Throws: `BufferError` if the items are not what `Element` reads.
    func checkFormat<Element: BufferElement>(_: Element.Type) throws(PythonError) {
        let wanted = Element.scalar
        let size = wanted.size
        if let text = unsafe view.pointee.format {
            // The plain spellings need neither a parser nor an allocation.
            if let (scalar, swapped) = unsafe Format.scalar(ofCString: text) {
                if scalar == wanted && !swapped && itemsize == size { return }
            } else if itemsize == size, let format = unsafe try? Format(cString: text),
                format.isEquivalent(to: Format(wanted))
            {
                return
            }
        } else if wanted == .uint8 && itemsize == 1 {
            return
        }
        throw wrongFormat(Element.self)
    }

    private func wrongFormat<Element: BufferElement>(_: Element.Type) -> PythonError {
        let asked = "items of \(Element.self) (format '\(Format(Element.scalar))') asked for"
        guard let text = unsafe view.pointee.format else {
            return PythonError(
                .buffer,
                "\(asked), but the buffer was acquired without its format, as items of \(itemsize) "
                    + "byte\(itemsize == 1 ? "" : "s"); acquire it with .format and .shape")
        }
        let found = "the buffer has format '\(unsafe String(cString: text))' with items of \(itemsize) bytes"
        if let (scalar, swapped) = unsafe Format.scalar(ofCString: text), scalar == Element.scalar, swapped {
            return PythonError(
                .buffer, "\(asked), but \(found), whose bytes are in the other order; a copy in this order would work")
        }
        return PythonError(.buffer, "\(asked), but \(found); a type that reads them, or a converted copy, would work")
    }

    /// The number of bytes that lie in a row from `buf` on, in `order`.
    ///
    /// - Throws: `BufferError` if the memory is not contiguous in that order, or the exporter's answer makes no sense.
    func contiguousByteCount(_ order: Order) throws(PythonError) -> Int {
        let count = byteCount
        guard count >= 0 else {
            throw PythonError(.buffer, "the exporter's answer makes no sense: a length of \(count) bytes")
        }
        if isPlainlyContiguous(order, count) { return count }
        // Without a shape the answer stands for `len` bytes in a row, whatever itemsize says.
        if unsafe view.pointee.shape != nil || !(0...1).contains(view.pointee.ndim) {
            let layout = try layout
            guard layout.view.isContiguous(order) else {
                let name = order == .c ? "C-contiguous" : order == .fortran ? "Fortran-contiguous" : "contiguous"
                throw PythonError(
                    .buffer,
                    "\(name) memory asked for, but shape \(layout.shapeText) has strides \(layout.stridesText); "
                        + "a strided span, or a copy, would work")
            }
            let needed = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteCount }
            guard needed == count else {
                throw PythonError(
                    .buffer, "the exporter's length of \(count) bytes is not that of its shape, \(needed)")
            }
        }
        try checkAddress(for: count)
        return count
    }

    /// Whether a full and consistent answer says that `count` bytes lie in a row: what nearly every exporter answers, told
    /// without a copy of its dimensions. `false` where it is not so plain.
    private func isPlainlyContiguous(_ order: Order, _ count: Int) -> Bool {
        let ndim = unsafe Int(view.pointee.ndim)
        guard (0...maximumDimensions).contains(ndim), itemsize >= 0, unsafe view.pointee.suboffsets == nil,
            let shape = unsafe view.pointee.shape, let strides = unsafe view.pointee.strides,
            unsafe view.pointee.buf != nil
        else { return false }
        // The exporter keeps `ndim` entries in place while the buffer is held.
        let layout = unsafe LayoutView(itemsize: itemsize, ndim: ndim, shape: shape, strides: strides, suboffsets: nil)
        for axis in layout.shape.indices where layout.shape[axis] < 0 { return false }
        return layout.isContiguous(order) && (try? layout.byteCount) == count
    }

    /// - Throws: `BufferError` if there are bytes and no address.
    func checkAddress(for count: Int) throws(PythonError) {
        guard unsafe count == 0 || view.pointee.buf != nil else {
            throw PythonError(.buffer, "the exporter's answer makes no sense: \(count) bytes without an address")
        }
    }

    /// The number of items in a row that a `Span` of `Element` would cover.
    func contiguousItemCount<Element: DirectBufferElement>(
        _: Element.Type, _ order: Order
    ) throws(PythonError) -> Int {
        try checkFormat(Element.self)
        let count = try contiguousByteCount(order)
        let size = MemoryLayout<Element>.stride
        guard count.isMultiple(of: size) else {
            throw PythonError(
                .buffer, "the exporter's answer makes no sense: \(count) bytes are no whole number of items of \(size)")
        }
        let alignment = MemoryLayout<Element>.alignment
        guard unsafe UInt(bitPattern: view.pointee.buf).isMultiple(of: UInt(alignment)) else {
            throw PythonError(
                .buffer,
                "items of \(Element.self) at a multiple of \(alignment) bytes asked for, but the buffer's address is "
                    + "misaligned; a strided span, which loads items from any address, or a copy, would work")
        }
        return count / size
    }

    /// The layout for a strided span of `Element`.
    func stridedLayout<Element: BufferElement>(_: Element.Type, ndim: Int?) throws(PythonError) -> Layout {
        try checkFormat(Element.self)
        let layout = try checkedLayout
        if let ndim, ndim != layout.ndim {
            throw PythonError(
                .buffer,
                "\(ndim) dimension\(ndim == 1 ? "" : "s") asked for, but the buffer has shape \(layout.shapeText)")
        }
        return layout
    }

    /// The layout of memory that is about to be read or written through it.
    ///
    /// - Throws: `BufferError` if the exporter's answer makes no sense, its length and address included.
    public var checkedLayout: Layout {
        get throws(PythonError) {
            let layout = try layout
            let needed = try raisingLayoutErrors { () throws(LayoutError) in try layout.view.byteCount }
            guard unsafe view.pointee.shape == nil || layout.view.allows(length: byteCount, byteCount: needed) else {
                throw PythonError(
                    .buffer, "the exporter's length of \(byteCount) bytes is not that of its shape, \(needed)")
            }
            try checkAddress(for: needed)
            return layout
        }
    }
}

extension LayoutView {
    /// Whether an exporter may give `length` for items that take `byteCount` bytes.
    ///
    /// It is the product of the shape, for strided and broadcast memory as well. A ctypes object that was resized has more,
    /// which no item takes. Several dimensions without any item take none: consumers walk the other axes, of which a
    /// shape that nobody has checked may have 2**63 - 1.
    public func allows(length: Int, byteCount: Int) -> Bool {
        length == byteCount || (length > byteCount && itemsize > 0 && (byteCount > 0 || ndim <= 1))
    }
}
