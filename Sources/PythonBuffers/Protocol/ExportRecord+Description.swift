// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
public import CPythonShims

// The one writing and the one reading of an export record's description.

/// What an export record says of one item: its format, and the scalar that it is, where it is one.
@safe @usableFromInline
package struct ExportedItem {
    @usableFromInline let format: UnsafePointer<CChar>
    @usableFromInline let scalar: UInt8
    @usableFromInline let swapped: UInt8

    /// The scalar that the item is; `nil` where it is none.
    @inlinable package var asScalar: (type: Scalar, swapped: Bool)? {
        Scalar(known: scalar).map { ($0, swapped != 0) }
    }

    /// - Precondition: `format` stays in place for as long as the record is used.
    @unsafe @inlinable @inline(__always)
    package init(format: UnsafePointer<CChar>, scalar: (type: Scalar, swapped: Bool)?) {
        unsafe self.format = format
        self.scalar = scalar?.type.rawValue ?? UInt8(SB_NO_SCALAR)
        swapped = scalar?.swapped == true ? 1 : 0
    }

    /// The item of a format, which is a scalar only if it has the scalar's size.
    ///
    /// - Precondition: as for ``init(format:scalar:)``.
    @unsafe @inlinable @inline(__always)
    package init(reading format: UnsafePointer<CChar>, itemsize: Int) {
        if let (scalar, swapped) = unsafe Format.scalar(ofCString: format), scalar.size == itemsize {
            unsafe self.init(format: format, scalar: (scalar, swapped))
        } else {
            unsafe self.init(format: format, scalar: nil)
        }
    }

    /// The item that a record describes.
    @unsafe @inlinable @inline(__always)
    package init(of record: UnsafePointer<SBRecord>) {
        unsafe format = record.pointee.format
        unsafe scalar = record.pointee.scalar
        unsafe swapped = record.pointee.swapped
    }
}

extension SBRecord {
    /// Describes memory, with an export count of zero.
    ///
    /// - Parameters:
    ///   - length: the bytes of the memory; more than the items take for a ctypes object that was resized.
    ///   - facts: those of `layout`.
    ///   - dimensions: where the numbers of `layout` are, as ``storeDimensions(of:at:)`` writes them.
    /// - Precondition: `dimensions` stays in place for as long as the record is used.
    @inlinable @inline(__always)
    package init(
        address: UnsafeMutableRawPointer?, length: Int, layout: borrowing LayoutView, facts: LayoutSummary,
        dimensions: UnsafeMutablePointer<Int>, item: ExportedItem, isReadOnly: Bool
    ) {
        let ndim = layout.ndim
        unsafe self.init(
            address: address?.assumingMemoryBound(to: CChar.self), length: length, itemsize: layout.itemsize,
            format: item.format, shape: ndim == 0 ? nil : dimensions, strides: ndim == 0 ? nil : dimensions + ndim,
            suboffsets: layout.isIndirect ? dimensions + 2 * ndim : nil, ndim: CInt(ndim),
            readonly: isReadOnly ? 1 : 0, contiguity: facts.contiguity, scalar: item.scalar, swapped: item.swapped,
            exports: 0)
    }

    /// The fast path for one contiguous axis, whose length and stride are the two numbers at `dimensions`.
    ///
    /// - Precondition: as for the general initialiser.
    @inlinable @inline(__always)
    package init(
        contiguousAxis dimensions: UnsafeMutablePointer<Int>, address: UnsafeMutableRawPointer?, length: Int,
        itemsize: Int, item: ExportedItem, isReadOnly: Bool
    ) {
        unsafe self.init(
            address: address?.assumingMemoryBound(to: CChar.self), length: length, itemsize: itemsize,
            format: item.format, shape: dimensions, strides: dimensions + 1, suboffsets: nil, ndim: 1,
            readonly: isReadOnly ? 1 : 0, contiguity: UInt8(SB_C_CONTIGUOUS | SB_F_CONTIGUOUS), scalar: item.scalar,
            swapped: item.swapped, exports: 0)
    }

    /// Describes the same memory as items of another format and the same size.
    ///
    /// - Precondition: nothing else can read the record yet.
    package mutating func setItem(_ item: ExportedItem) {
        unsafe format = item.format
        unsafe scalar = item.scalar
        unsafe swapped = item.swapped
    }

    /// Writes the shape of a layout, then its strides, then, for an indirect layout, its suboffsets.
    ///
    /// - Precondition: there is room for `ndim` numbers each.
    @inlinable @inline(__always)
    package static func storeDimensions(of layout: borrowing LayoutView, at dimensions: UnsafeMutablePointer<Int>) {
        let ndim = layout.ndim
        for axis in 0..<ndim {
            unsafe (dimensions + axis).initialize(to: layout.shape[unchecked: axis])
            unsafe (dimensions + ndim + axis).initialize(to: layout.strides[unchecked: axis])
        }
        guard layout.isIndirect else { return }
        for axis in 0..<ndim { unsafe (dimensions + 2 * ndim + axis).initialize(to: layout.suboffsets[axis]) }
    }

    @inlinable package var isCContiguous: Bool {
        @_noLocks @inline(__always) get { unsafe contiguity & UInt8(SB_C_CONTIGUOUS) != 0 }
    }
    @inlinable package var isFContiguous: Bool {
        @_noLocks @inline(__always) get { unsafe contiguity & UInt8(SB_F_CONTIGUOUS) != 0 }
    }
}

extension LayoutSummary {
    /// The record's bits for the orders in which the memory is contiguous.
    @inlinable @inline(__always)
    var contiguity: UInt8 {
        (isCContiguous ? UInt8(SB_C_CONTIGUOUS) : 0) | (isFContiguous ? UInt8(SB_F_CONTIGUOUS) : 0)
    }
}

extension LayoutView {
    /// The layout that a record describes.
    ///
    /// - Precondition: the description neither changes nor ends while the view is used.
    @unsafe @inlinable @inline(__always)
    @_lifetime(immortal)
    package init(_ record: UnsafePointer<SBRecord>) {
        unsafe self.init(
            itemsize: record.pointee.itemsize, ndim: Int(record.pointee.ndim), shape: record.pointee.shape,
            strides: record.pointee.strides, suboffsets: record.pointee.suboffsets)
    }
}
