// SPDX-License-Identifier: Apache-2.0

/// Why an operation on a layout failed. The messages become those of Python exceptions: they say what was requested, what was
/// found, and what would work.
public struct LayoutError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, so that a caller can choose the exception.
    public enum Kind: Sendable, Hashable {
        /// An index lies outside of its axis: `IndexError`.
        case indexOutOfRange
        /// More indices than dimensions, or more than one ellipsis: `IndexError`.
        case tooManyIndices
        /// Fewer indices than dimensions where an item was requested: `IndexError`.
        case tooFewIndices
        /// An invalid argument, such as a negative length: `ValueError`.
        case invalid
        /// Shapes that do not match: `ValueError`.
        case shapeMismatch
        /// The result exists only as a copy, not as a view of the same memory: `ValueError` or `BufferError`.
        case wouldNeedCopy
        /// Items would lie outside of the memory: `ValueError` or `BufferError`.
        case outsideMemory
        /// The operation needs items at fixed offsets, but a pointer has to be followed: `BufferError`.
        case indirect
        /// A number that does not fit in a signed machine word: `OverflowError`.
        case overflow
    }

    /// What went wrong, and so which exception Python gets.
    public let kind: Kind
    /// One line, without a full stop.
    public let message: String
    public var description: String { message }

    /// An error with its message: one line, without a full stop.
    @inline(never)
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension LayoutError {
    @inline(never) @usableFromInline
    static func index(_ index: Int, axis: Int, length: Int) -> Self {
        if length <= 0 { return Self(.indexOutOfRange, "index \(index) is out of range: axis \(axis) has no items") }
        return Self(
            .indexOutOfRange,
            "index \(index) is out of range for axis \(axis) with length \(length); "
                + "\(-length) to \(length - 1) would work")
    }

    @inline(never) @usableFromInline
    static func indexCount(_ count: Int, ndim: Int) -> Self {
        if count > ndim {
            return Self(.tooManyIndices, "too many indices: \(count) given, but there are \(dimensions(ndim))")
        }
        return Self(.tooFewIndices, "an item needs one index a dimension: \(count) given of \(ndim)")
    }

    static func ellipses() -> Self {
        Self(.tooManyIndices, "an index can have only one ellipsis ('...')")
    }

    @inline(never) @usableFromInline
    static func zeroStep() -> Self { Self(.invalid, "slice step cannot be zero") }

    @inline(never) @usableFromInline
    static func slice(start: Int, step: Int, count: Int, axis: Int, length: Int) -> Self {
        Self(
            .indexOutOfRange,
            "\(count) items from \(start) by steps of \(step) are outside of axis \(axis) with length \(length)")
    }

    @inline(never) @usableFromInline
    static func overflow(_ what: String, shape: borrowing Span<Int>, itemsize: Int) -> Self {
        Self(
            .overflow,
            "\(what) of shape \(tupleText(shape)) with items of \(itemsize) bytes does not fit in \(Int.bitWidth) bits")
    }

    @inline(never) @usableFromInline
    static func indirect(_ operation: String, axis: Int, suboffset: Int) -> Self {
        Self(
            .indirect,
            "\(operation) needs items at fixed offsets, but axis \(axis) holds pointers (suboffset \(suboffset)); "
                + "a copy would work")
    }

    static func noIndirectResult(_ operation: String) -> Self {
        Self(
            .wouldNeedCopy,
            "\(operation) of a layout with pointers cannot be described by strides and suboffsets; "
                + "it would need a copy")
    }

    static func outside(_ extent: Range<Int>, memory: Range<Int>, view: borrowing LayoutView) -> Self {
        Self(
            .outsideMemory,
            "shape \(view.shapeText) with strides \(view.stridesText) and items of \(view.itemsize) bytes "
                + "reaches bytes \(extent.lowerBound) up to \(extent.upperBound), outside of the memory from "
                + "\(memory.lowerBound) up to \(memory.upperBound)")
    }

    static func outside(
        _ extent: Range<Int>, offset: Int, memory: Range<Int>, view: borrowing LayoutView
    ) -> Self {
        let asked =
            "shape \(view.shapeText) with strides \(view.stridesText) and items of \(view.itemsize) bytes takes "
            + "bytes \(extent.lowerBound) up to \(extent.upperBound) from offset \(offset), but the memory has bytes "
            + "\(memory.lowerBound) up to \(memory.upperBound)"
        // The extents of layouts fit in an `Int`, which their differences need not.
        guard let lowest = memory.lowerBound.checkedMinus(extent.lowerBound),
            let highest = memory.upperBound.checkedMinus(extent.upperBound), lowest <= highest
        else { return Self(.outsideMemory, asked + "; no offset would fit") }
        return Self(
            .outsideMemory,
            asked + (lowest == highest ? "; offset \(lowest)" : "; offsets from \(lowest) to \(highest)") + " would fit"
        )
    }

    static func tooManyDimensions(_ count: Int, limit: Int) -> Self {
        Self(.invalid, "\(dimensions(count)) requested, but at most \(limit) are allowed")
    }

    @inline(never) @usableFromInline
    static func negativeLength(_ length: Int, axis: Int) -> Self {
        Self(.invalid, "axis \(axis) has length \(length), but a length cannot be negative")
    }

    static func negativeByteCount(_ count: Int) -> Self {
        Self(.invalid, "byte count must not be negative: \(count)")
    }

    @inline(never) @usableFromInline
    static func negativeItemsize(_ itemsize: Int) -> Self {
        Self(.invalid, "items of \(itemsize) bytes requested, but a size cannot be negative")
    }

    @inline(never) @usableFromInline
    static func count(of name: String, _ count: Int, ndim: Int) -> Self {
        Self(.invalid, "\(count) \(name) given for \(dimensions(ndim)); one a dimension is needed")
    }

    static func axes(_ axes: borrowing Span<Int>, ndim: Int) -> Self {
        Self(.invalid, "axes \(tupleText(axes)) are not an ordering of \(dimensions(ndim)); name each axis once")
    }

    static func axis(_ axis: Int, ndim: Int) -> Self {
        Self(.indexOutOfRange, "axis \(axis) requested, but there are \(dimensions(ndim))")
    }

    static func notUnit(axis: Int, length: Int) -> Self {
        Self(.invalid, "axis \(axis) cannot be squeezed: its length is \(length), not 1")
    }

    static func reshape(_ old: borrowing Span<Int>, to new: borrowing Span<Int>, items: Int) -> Self {
        Self(
            .shapeMismatch,
            "cannot reshape \(items) items of shape \(tupleText(old)) to shape \(tupleText(new)): "
                + "both must have the same number of items")
    }

    static func lengths(_ shape: borrowing Span<Int>, items: Int) -> Self {
        Self(.shapeMismatch, "shape \(tupleText(shape)) cannot hold \(items) items")
    }

    @usableFromInline
    static func wildcards(_ shape: borrowing Span<Int>) -> Self {
        Self(.invalid, "shape \(tupleText(shape)) has more than one open length; only one can be -1")
    }

    static func reshapeNeedsCopy(_ view: borrowing LayoutView, to shape: borrowing Span<Int>) -> Self {
        Self(
            .wouldNeedCopy,
            "shape \(view.shapeText) with strides \(view.stridesText) has no view of shape \(tupleText(shape)); "
                + "it would need a copy")
    }

    static func broadcast(_ shape: borrowing Span<Int>, to target: borrowing Span<Int>) -> Self {
        Self(
            .shapeMismatch,
            "shape \(tupleText(shape)) does not broadcast to shape \(tupleText(target)): "
                + "aligned at the last axis, lengths must be equal or 1")
    }

    static func broadcast(_ first: borrowing Span<Int>, with second: borrowing Span<Int>) -> Self {
        Self(
            .shapeMismatch,
            "shapes \(tupleText(first)) and \(tupleText(second)) do not broadcast together: "
                + "aligned at the last axis, lengths must be equal or 1")
    }

    private static func dimensions(_ count: Int) -> String {
        count == 1 ? "1 dimension" : "\(count) dimensions"
    }
}
