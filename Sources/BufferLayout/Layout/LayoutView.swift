// SPDX-License-Identifier: Apache-2.0

/// How items lie in memory: shape, strides and suboffsets, borrowed.
///
/// The arithmetic of layouts is written once, over this type. Dimensions stored inside a Python object or a
/// `Py_buffer` are read in place, without allocation; ``Layout`` owns dimensions where new ones are built.
///
/// - `shape[i]` is the number of items along axis `i`, never negative.
/// - `strides[i]` is the distance in bytes from one item to the next along axis `i`.
/// - `suboffsets` is empty, or holds one entry an axis: where it is not negative, the address reached so far holds a
///   pointer, which is followed and then advanced by that many bytes (PEP 3118, "PIL-style").
///
/// The numbers may be any that an exporter filled in: arithmetic that overflows throws.
public struct LayoutView: ~Escapable {
    /// The bytes of one item.
    public let itemsize: Int
    /// The number of items along each axis.
    public let shape: Span<Int>
    /// The bytes from one item to the next along each axis.
    public let strides: Span<Int>
    /// Empty, or for each axis the bytes to add after its pointer is followed; negative where there is none.
    public let suboffsets: Span<Int>

    /// Borrows dimensions. `strides.count` equals `shape.count`; `suboffsets.count` is zero or equals it too.
    @inlinable
    @_lifetime(copy shape, copy strides, copy suboffsets)
    public init(itemsize: Int, shape: Span<Int>, strides: Span<Int>, suboffsets: Span<Int>) {
        precondition(strides.count == shape.count && (suboffsets.isEmpty || suboffsets.count == shape.count))
        self.itemsize = itemsize
        self.shape = shape
        self.strides = strides
        self.suboffsets = suboffsets
    }

    /// Borrows dimensions through pointers, as a `Py_buffer` or a Python object holds them.
    ///
    /// - Precondition: `ndim` is not negative. `shape`, `strides`, and `suboffsets` if given, point at `ndim` integers
    ///   that stay valid and unchanged as long as the view is used: the compiler knows of no owner here. `strides` is `nil` only where `ndim` is 0; a buffer whose
    ///   `strides` are `NULL` is C-contiguous, and ``Layout/init(contiguous:itemsize:order:maximumDimensions:)``
    ///   makes the strides it stands for.
    @unsafe @inlinable
    @_lifetime(immortal)
    public init(
        itemsize: Int, ndim: Int, shape: UnsafePointer<Int>?, strides: UnsafePointer<Int>?,
        suboffsets: UnsafePointer<Int>?
    ) {
        // The precondition covers the lifetime and the size of each span.
        let shape = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: shape, count: ndim))
        let strides = unsafe Span(_unsafeElements: UnsafeBufferPointer(start: strides, count: ndim))
        let suboffsets = unsafe Span(
            _unsafeElements: UnsafeBufferPointer(start: suboffsets, count: suboffsets == nil ? 0 : ndim))
        let view = LayoutView(itemsize: itemsize, shape: shape, strides: strides, suboffsets: suboffsets)
        self = unsafe _overrideLifetime(view, copying: ())
    }

    /// The number of dimensions.
    @inlinable public var ndim: Int { shape.count }

    /// The suboffset of `axis`; negative where no pointer is followed.
    @inlinable
    public func suboffset(_ axis: Int) -> Int { suboffsets.isEmpty ? -1 : suboffsets[axis] }

    /// The first axis at which a pointer is followed, or `nil` if items lie at fixed offsets.
    @inlinable public var firstIndirectAxis: Int? {
        for axis in suboffsets.indices where suboffsets[axis] >= 0 { return axis }
        return nil
    }

    /// Whether a pointer is followed to reach an item.
    @inlinable public var isIndirect: Bool { firstIndirectAxis != nil }
}
