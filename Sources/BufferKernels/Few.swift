// SPDX-License-Identifier: Apache-2.0
public import BufferLayout

// Few items, which a straight loop has moved before the planner has chosen a way.

extension Kernels {
    /// How many items count as few.
    public static let fewItems = 128

    /// Converts few numbers of two real types to contiguous memory, by the rules of `convert`: in C order, or as they
    /// lie where they are contiguous in either order.
    ///
    /// - Returns: false, with nothing done, for more numbers, other types, and where pointers are followed.
    /// - Precondition: `destination` has room for the numbers, and shares no byte with the source.
    public static func convertFew(
        from source: UnsafeRawPointer, layout: borrowing LayoutView, scalar from: Scalar,
        to destination: UnsafeMutableRawPointer, scalar to: Scalar
    ) -> Bool {
        guard let count = fewCount(layout), !from.isComplex && !to.isComplex else { return false }
        func convert(_ numbers: UnsafeRawPointer) {
            unsafe convertReal(numbers, from: from.part, destination, to: to.part, count: count)
        }
        if layout.isCContiguous || layout.isFContiguous {
            unsafe convert(source)
            return true
        }
        return unsafe withScratch(count &* layout.itemsize) { packed in
            guard unsafe pack(source, layout, packed) else { return false }
            unsafe convert(packed)
            return true
        }
    }

    /// Copies few items to contiguous memory in C order.
    ///
    /// - Returns: false, with nothing done, for more items, itemsizes without a loop, and where pointers are followed.
    /// - Precondition: `destination` has room for the items, and shares no byte with the source.
    public static func packFew(
        from source: UnsafeRawPointer, layout: borrowing LayoutView, to destination: UnsafeMutableRawPointer
    ) -> Bool {
        guard fewCount(layout) != nil else { return false }
        return unsafe pack(source, layout, destination)
    }

    /// Whether few floats of one native type, which follow each other, equal those of another address, as Python's are.
    ///
    /// - Returns: nil for more, and for other types.
    /// - Precondition: both are addresses of so many items.
    public static func equalFew(
        _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, scalar: Scalar, count: Int
    ) -> Bool? {
        guard count <= fewItems else { return nil }
        return switch scalar {
        case .float32: unsafe equal(Float.self, first, second, count)
        case .float64: unsafe equal(Double.self, first, second, count)
        default: nil
        }
    }

    @inline(__always)
    private static func equal<Number: BinaryFloatingPoint & BitwiseCopyable>(
        _: Number.Type, _ first: UnsafeRawPointer, _ second: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        for index in 0..<count {
            let offset = index &* MemoryLayout<Number>.size
            let (a, b) = unsafe (
                first.loadUnaligned(fromByteOffset: offset, as: Number.self),
                second.loadUnaligned(fromByteOffset: offset, as: Number.self)
            )
            if a != b { return false }
        }
        return true
    }

    /// Puts items that follow each other into the opposite order, in place.
    ///
    /// - Returns: false, with nothing done, for itemsizes without a loop.
    /// - Precondition: `items` is the address of so many writable ones.
    /// - Complexity: linear in the number of items, however many there are.
    public static func reverse(_ items: UnsafeMutableRawPointer, itemsize: Int, count: Int) -> Bool {
        switch itemsize {
        case 1: unsafe reverse(UInt8.self, items, count)
        case 2: unsafe reverse(UInt16.self, items, count)
        case 4: unsafe reverse(UInt32.self, items, count)
        case 8: unsafe reverse(UInt64.self, items, count)
        case 16: unsafe reverse(SIMD2<UInt64>.self, items, count)
        default: return false
        }
        return true
    }

    @inline(__always)
    private static func reverse<Item: BitwiseCopyable>(_: Item.Type, _ items: UnsafeMutableRawPointer, _ count: Int) {
        for index in 0..<count / 2 {
            let (first, second) = unsafe (
                items + index &* MemoryLayout<Item>.size, items + (count &- 1 &- index) &* MemoryLayout<Item>.size
            )
            let (former, latter) = unsafe (first.loadUnaligned(as: Item.self), second.loadUnaligned(as: Item.self))
            unsafe first.storeBytes(of: latter, as: Item.self)
            unsafe second.storeBytes(of: former, as: Item.self)
        }
    }

    /// Whether ``packFew(from:layout:to:)`` copies items of this layout.
    public static func areFew(_ layout: borrowing LayoutView) -> Bool {
        let itemsize = layout.itemsize
        return fewCount(layout) != nil && itemsize > 0 && itemsize <= 16 && itemsize & (itemsize - 1) == 0
    }

    /// The number of items, where they are few and no pointers are followed.
    private static func fewCount(_ layout: borrowing LayoutView) -> Int? {
        guard layout.suboffsets.isEmpty else { return nil }
        var count = 1
        for axis in layout.shape.indices {
            let length = layout.shape[axis]
            // Neither factor is larger.
            guard length <= fewItems else { return nil }
            count &*= length
            guard count <= fewItems else { return nil }
        }
        return count
    }

    private static func pack(
        _ source: UnsafeRawPointer, _ layout: borrowing LayoutView, _ destination: UnsafeMutableRawPointer
    ) -> Bool {
        switch layout.itemsize {
        case 1: unsafe pack(UInt8.self, source, layout, destination)
        case 2: unsafe pack(UInt16.self, source, layout, destination)
        case 4: unsafe pack(UInt32.self, source, layout, destination)
        case 8: unsafe pack(UInt64.self, source, layout, destination)
        case 16: unsafe pack(SIMD2<UInt64>.self, source, layout, destination)
        default: return false
        }
        return true
    }

    @inline(__always)
    private static func pack<Item: BitwiseCopyable>(
        _: Item.Type, _ source: UnsafeRawPointer, _ layout: borrowing LayoutView,
        _ destination: UnsafeMutableRawPointer
    ) {
        let ndim = layout.ndim
        var next = unsafe destination
        /// Copies the items behind `address` along the axes from `axis` on.
        func copy(_ address: UnsafeRawPointer, _ axis: Int) {
            if axis == ndim {
                unsafe next.storeBytes(of: address.loadUnaligned(as: Item.self), as: Item.self)
                unsafe next += MemoryLayout<Item>.size
                return
            }
            let (length, stride) = (layout.shape[axis], layout.strides[axis])
            if axis < ndim &- 1 {
                for i in 0..<length { unsafe copy(address + i &* stride, axis &+ 1) }
                return
            }
            for i in 0..<length {
                unsafe next.storeBytes(of: (address + i &* stride).loadUnaligned(as: Item.self), as: Item.self)
                unsafe next += MemoryLayout<Item>.size
            }
        }
        unsafe copy(source, 0)
    }
}
