// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface

extension Kernels {
    /// Swaps the byte order of every value in place. An item is `itemsize / width` values of `width` bytes: two for a
    /// complex number.
    ///
    /// - Precondition: `width` is positive and divides the itemsize; no two items share a byte.
    /// - Complexity: linear in the number of bytes.
    public static func swapBytes(_ destination: UnsafeMutableRawPointer, layout: borrowing LayoutView, width: Int) {
        let parts = ValueRun.Axis(count: layout.itemsize / width, stride: width)
        unsafe swapBytes(
            destination, layout: layout, values: [ValueRun(offset: 0, length: width, axes: [parts])])
    }

    /// Swaps the byte order of numbers that follow each other, in place.
    ///
    /// - Precondition: `numbers` is the address of so many writable ones.
    public static func swapBytes(_ numbers: UnsafeMutableRawPointer, scalar: Scalar, count: Int) {
        let part = scalar.part
        guard part.size > 1 else { return }
        if scalar.size == 8 && part.size == 8 && count <= 16 {
            // Done before the loop for this machine would have begun.
            for index in 0..<count {
                let number = unsafe numbers + 8 &* index
                unsafe number.storeBytes(of: number.loadUnaligned(as: UInt64.self).byteSwapped, as: UInt64.self)
            }
            return
        }
        unsafe loops.swapContiguous(
            UnsafeRawPointer(numbers), numbers, width: part.size, count: count &* (scalar.size / part.size))
    }

    /// Swaps the byte order of some values of every item in place: each of `values` is one value, or an axis of them.
    ///
    /// - Precondition: no two values share a byte.
    /// - Complexity: linear in the number of bytes.
    public static func swapBytes(
        _ destination: UnsafeMutableRawPointer, layout: borrowing LayoutView, values: [ValueRun]
    ) {
        let values = values.filter { $0.length > 1 }
        let itemsize = layout.itemsize
        if itemsize == 0 || values.isEmpty { return }
        _ = unsafe withAxes(UnsafeRawPointer(destination), layout, destination, layout) { (pair) throws(Never) in
            unsafe pair.forEachRun(values, itemsize: itemsize) { part, value in unsafe swap(&part, value.length) }
            return true
        }
    }

    private static func swap(_ pair: inout AxisPair, _ width: Int) {
        let inner = unsafe pair.ndim > 0 ? pair.axes[pair.ndim &- 1] : Axis(count: 1, source: width, destination: width)
        unsafe pair.forEach(max(0, pair.ndim &- 1)) { (source, values) throws(Never) in
            if inner.destination == width {
                unsafe loops.swapContiguous(source, values, width: width, count: inner.count)
            } else {
                for i in 0..<inner.count {
                    unsafe loops.swapContiguous(
                        source + i &* inner.source, values + i &* inner.destination, width: width, count: 1)
                }
            }
        }
    }
}
