// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import CPython

/// What an exporter filled into a `Py_buffer`, checked: the one reading of it, for every consumer.
///
/// Fields that the exporter left NULL are filled in as the protocol says: without a shape the memory is one axis,
/// without strides it is in C order. Everything that arithmetic can check is checked. The exporter's own numbers are read
/// in place, without a copy.
///
/// Source: "Buffer structure" and "NULL shape, strides and suboffsets" in CPython's C API manual.
@safe @usableFromInline
package struct BufferAnswer: ~Escapable {
    @usableFromInline let view: UnsafePointer<Py_buffer>
    /// Shape, strides and suboffsets.
    @usableFromInline package let layout: LayoutView
    /// Contiguity, and the bytes that the items take.
    @usableFromInline package let summary: LayoutSummary

    /// Runs `body` on a checked `Py_buffer`.
    ///
    /// - Parameters:
    ///   - isShapeRequested: whether a shape was requested, so that none means no dimensions.
    ///   - keepsItemsize: whether plain bytes are read as items of the exporter's itemsize, which consumers must disregard
    ///     according to the protocol.
    ///   - maximumDimensions: the protocol's 64, unless an exporter of test cases has more.
    /// - Precondition: the buffer is held, and its fields do not change, while `body` runs.
    /// - Throws: `BufferError` for fields that contradict each other, `ValueError` for too many dimensions.
    /// - Complexity: O(*ndim*), without allocation where shape and strides are filled in.
    @inlinable @inline(__always)
    package static func reading<Result: ~Copyable>(
        _ view: UnsafePointer<Py_buffer>, isShapeRequested: Bool, keepsItemsize: Bool = false,
        maximumDimensions: Int = BufferLayout.maximumDimensions,
        _ body: (borrowing BufferAnswer) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        let ndim = unsafe Int(view.pointee.ndim)
        if unsafe ndim > 0 && ndim <= maximumDimensions && view.pointee.shape != nil && view.pointee.strides != nil {
            // The exporter keeps its numbers in place while the buffer is held.
            let layout = unsafe LayoutView(
                itemsize: view.pointee.itemsize, ndim: ndim, shape: view.pointee.shape, strides: view.pointee.strides,
                suboffsets: view.pointee.suboffsets)
            return try body(try unsafe BufferAnswer(view, layout))
        }
        let completed = try unsafe completedLayout(
            view, isShapeRequested: isShapeRequested, keepsItemsize: keepsItemsize,
            maximumDimensions: maximumDimensions)
        return try body(try unsafe BufferAnswer(view, completed.view))
    }

    @inlinable @inline(__always)
    @_lifetime(copy layout)
    init(_ view: UnsafePointer<Py_buffer>, _ layout: LayoutView) throws(PythonError) {
        unsafe self.view = view
        self.layout = layout
        do throws(LayoutError) {
            summary = try layout.summary()
        } catch {
            throw unsafe Self.contradiction(view, error)
        }
        let length = unsafe view.pointee.len
        guard layout.allows(length: length, byteCount: summary.byteCount) else {
            throw Self.wrongLength(length, layout, summary)
        }
        guard unsafe length == 0 || view.pointee.buf != nil else { throw Self.noAddress(length) }
    }

    @inlinable package var address: UnsafeMutableRawPointer? { unsafe view.pointee.buf }
    /// `len`: the bytes of the memory, at least as many as the items take.
    @inlinable package var byteCount: Int { unsafe view.pointee.len }
    @inlinable package var isReadOnly: Bool { unsafe view.pointee.readonly != 0 }
    /// The item; `B` where the exporter gave no format, as the protocol says.
    @inlinable package var item: ExportedItem {
        unsafe ExportedItem(reading: formatOrBytes(view.pointee.format), itemsize: layout.itemsize)
    }

    /// A copy of the layout, which outlives the buffer.
    package func copyLayout() throws(PythonError) -> Layout {
        do {
            return try Layout(layout)
        } catch {
            throw unsafe Self.contradiction(view, error)
        }
    }

    /// - Throws: `BufferError` if the memory is longer than its items, as that of a ctypes object that was resized.
    func checkExactLength() throws(PythonError) {
        guard summary.byteCount == byteCount else { throw Self.wrongLength(byteCount, layout, summary) }
    }

    /// - Throws: `BufferError` for a negative number of dimensions, `ValueError` for too many, as memoryview does.
    package static func checkDimensions(
        _ ndim: Int, limit: Int = BufferLayout.maximumDimensions
    ) throws(PythonError) {
        guard ndim >= 0 else { throw PythonError(inconsistent: "ndim is \(ndim)") }
        guard ndim <= limit else {
            throw PythonError(
                .value, "number of dimensions must not exceed \(limit), but the exporter's Py_buffer has \(ndim)")
        }
    }

    /// The layout of an answer without shape or strides.
    @usableFromInline
    static func completedLayout(
        _ view: UnsafePointer<Py_buffer>, isShapeRequested: Bool, keepsItemsize: Bool, maximumDimensions: Int
    ) throws(PythonError) -> Layout {
        try unsafe checkDimensions(Int(view.pointee.ndim), limit: maximumDimensions)
        let length = unsafe view.pointee.len
        guard length >= 0 else { throw PythonError(inconsistent: "len is \(length)") }
        do throws(LayoutError) {
            if let shape = unsafe view.pointee.shape {
                let lengths = unsafe Span(_unsafeStart: UnsafePointer(shape), count: Int(view.pointee.ndim))
                return try unsafe Layout(
                    contiguous: lengths, itemsize: view.pointee.itemsize, maximumDimensions: maximumDimensions)
            }
            let itemsize =
                unsafe keepsItemsize ? view.pointee.itemsize : Self.itemsize(view, isShapeRequested: isShapeRequested)
            let isScalar = unsafe isScalar(view, isShapeRequested: isShapeRequested)
            return try Layout(shape: isScalar ? [] : [itemsize > 0 ? length / itemsize : 0], itemsize: itemsize)
        } catch {
            throw unsafe contradiction(view, error)
        }
    }

    /// The bytes of an item: 1, whatever the exporter's itemsize is, where it gave neither shape nor format
    /// (`PyBUF_SIMPLE`).
    static func itemsize(_ view: UnsafePointer<Py_buffer>, isShapeRequested: Bool) -> Int {
        guard unsafe view.pointee.shape == nil && view.pointee.format == nil && view.pointee.ndim <= 1,
            unsafe !isScalar(view, isShapeRequested: isShapeRequested)
        else { return unsafe view.pointee.itemsize }
        return 1
    }

    /// Whether an answer without a shape is one item. NumPy answers without dimensions for plain bytes as well, and a
    /// ctypes object that was resized has more bytes than its item.
    private static func isScalar(_ view: UnsafePointer<Py_buffer>, isShapeRequested: Bool) -> Bool {
        unsafe view.pointee.ndim == 0
            && (view.pointee.len == view.pointee.itemsize
                || isShapeRequested && view.pointee.len > view.pointee.itemsize)
    }
}

// The errors, which are not inlined.
extension BufferAnswer {
    @usableFromInline @inline(never)
    static func contradiction(_ view: UnsafePointer<Py_buffer>, _ error: LayoutError) -> PythonError {
        let itemsize = unsafe view.pointee.itemsize
        return PythonError(inconsistent: itemsize < 0 ? "itemsize is \(itemsize)" : error.message)
    }

    @usableFromInline @inline(never)
    static func wrongLength(_ length: Int, _ layout: borrowing LayoutView, _ summary: LayoutSummary) -> PythonError {
        guard length >= 0 else { return PythonError(inconsistent: "len is \(length)") }
        return PythonError(
            inconsistent: "len is \(length), but shape \(layout.shapeText) with itemsize \(layout.itemsize) takes "
                + "\(summary.byteCount) bytes")
    }

    @usableFromInline @inline(never)
    static func noAddress(_ length: Int) -> PythonError {
        PythonError(inconsistent: "buf is NULL, but len is \(length)")
    }
}

extension PythonError {
    /// The error of every consumer for a `Py_buffer` whose fields contradict each other.
    package init(inconsistent contradiction: String) {
        self.init(.buffer, "exporter returned an inconsistent Py_buffer: \(contradiction)")
    }
}

extension LayoutView {
    /// Whether an exporter may return `length` for items that take `byteCount` bytes.
    ///
    /// It is the product of the shape, for strided and broadcast memory as well. A ctypes object that was resized has
    /// more, which no item takes. Several dimensions without any item take none: consumers walk the other axes, of which
    /// an unchecked shape may have 2**63 - 1.
    @inlinable
    func allows(length: Int, byteCount: Int) -> Bool {
        length == byteCount || (length > byteCount && itemsize > 0 && (byteCount > 0 || ndim <= 1))
    }
}
