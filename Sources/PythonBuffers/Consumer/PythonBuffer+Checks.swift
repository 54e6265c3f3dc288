// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython

// The checks before Swift reads the memory of a buffer. Each error says what was requested, what was found, and what
// would work.

extension PythonBuffer {
    /// - Throws: `BufferError` if the memory must not be written.
    func checkWritable() throws(PythonError) {
        guard !isReadOnly else {
            throw PythonError(
                .buffer, "writable memory requested, but the buffer is read-only; acquire it with .writable, or copy it"
            )
        }
    }

    /// - Throws: `BufferError` if the items are not what `Element` reads, in native byte order.
    func checkFormat<Element: BufferElement>(_: Element.Type) throws(PythonError) {
        if try isSwapped(Element.self) { throw wrongFormat(Element.self) }
    }

    /// Whether the items are what `Element` reads, but for the order of their bytes.
    ///
    /// - Throws: `BufferError` if they are anything else.
    func isSwapped<Element: BufferElement>(_: Element.Type) throws(PythonError) -> Bool {
        let wanted = Element.scalar
        let size = wanted.size
        if let text = unsafe view.pointee.format {
            // The plain spellings need neither a parser nor an allocation.
            if let (scalar, swapped) = unsafe Format.scalar(ofCString: text) {
                if scalar == wanted && itemsize == size { return swapped }
            } else if itemsize == size, let format = unsafe try? Format(cString: text) {
                if format.isEquivalent(to: Format(wanted)) { return false }
                if format.isEquivalent(to: Format(wanted, swapped: true)) { return true }
            }
        } else if wanted == .uint8 && itemsize == 1 {
            return false
        }
        throw wrongFormat(Element.self)
    }

    private func wrongFormat<Element: BufferElement>(_: Element.Type) -> PythonError {
        // An inconsistent answer has one error, whatever is read from it.
        do {
            try withAnswer { (_) in }
        } catch {
            return error
        }
        let requested = "items of \(Element.self) (format '\(Format(Element.scalar))') requested"
        guard let text = unsafe view.pointee.format else {
            return PythonError(
                .buffer,
                "\(requested), but the buffer was acquired without its format, as items of \(itemsize) "
                    + "byte\(itemsize == 1 ? "" : "s"); acquire it with .format and .shape")
        }
        let found = "the buffer has format '\(unsafe String(cString: text))' with items of \(itemsize) bytes"
        if let (scalar, swapped) = unsafe Format.scalar(ofCString: text), scalar == Element.scalar, swapped {
            return PythonError(
                .buffer,
                "\(requested), but \(found), which is byte-swapped; a strided span to read, or a copy in native byte order, would work"
            )
        }
        if let mismatch = unsafe try? Format(cString: text).recordMismatch(wanted: Element.scalar) {
            return PythonError(
                .buffer,
                "\(mismatch); \(requested), but \(found); a field of a swiftbuffer.View, such as view['x'], would work")
        }
        return PythonError(
            .buffer, "\(requested), but \(found); a matching element type, or a converted copy, would work")
    }

    /// The number of contiguous bytes from `buf` on, in `order`.
    ///
    /// - Throws: `BufferError` if the memory is not contiguous in that order, or longer than its items, and as for
    ///   ``layout``.
    func contiguousByteCount(_ order: Order) throws(PythonError) -> Int {
        try withAnswer { (answer) throws(PythonError) in
            guard answer.summary.isContiguous(order) else { throw notContiguous(order, answer.layout) }
            // Without a shape the memory is `len` bytes, whatever the itemsize is.
            if unsafe view.pointee.shape != nil { try answer.checkExactLength() }
            return answer.byteCount
        }
    }

    private func notContiguous(_ order: Order, _ layout: borrowing LayoutView) -> PythonError {
        let name = order == .c ? "C-contiguous" : order == .fortran ? "Fortran-contiguous" : "contiguous"
        return PythonError(
            .buffer,
            "\(name) memory requested, but shape \(layout.shapeText) has strides \(layout.stridesText); a strided "
                + "span, or a copy, would work")
    }

    /// The number of contiguous items for a `Span` of `Element`.
    func contiguousItemCount<Element: DirectBufferElement>(
        _: Element.Type, _ order: Order
    ) throws(PythonError) -> Int {
        try checkFormat(Element.self)
        let count = try contiguousByteCount(order)
        let size = MemoryLayout<Element>.stride
        guard count.isMultiple(of: size) else {
            throw PythonError(inconsistent: "len is \(count), which is not a multiple of itemsize \(size)")
        }
        // Where there are no items, any address will do.
        if count == 0 { return 0 }
        let alignment = MemoryLayout<Element>.alignment
        guard unsafe UInt(bitPattern: view.pointee.buf).isMultiple(of: UInt(alignment)) else {
            throw PythonError(
                .buffer,
                "items of \(Element.self) aligned to \(alignment) bytes requested, but the buffer's address is "
                    + "misaligned; a strided span, which loads items from any address, or a copy, would work")
        }
        return count / size
    }

    /// The layout for a strided span.
    func stridedLayout(ndim: Int?) throws(PythonError) -> Layout {
        let layout = try layout
        if let ndim, ndim != layout.ndim {
            throw PythonError(
                .buffer,
                "\(ndim) dimension\(ndim == 1 ? "" : "s") requested, but the buffer has shape \(layout.shapeText)")
        }
        return layout
    }
}
