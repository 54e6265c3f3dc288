// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface

extension Kernels {
    /// Writes one item to every place: `pattern` holds the `layout.itemsize` bytes of it, outside the destination.
    ///
    /// - Parameter runs: the bytes of an item to write, or `nil` for all: other bytes do not change.
    /// - Complexity: linear in the number of bytes.
    public static func fill(
        _ destination: UnsafeMutableRawPointer, layout: borrowing LayoutView, with pattern: UnsafeRawPointer,
        runs: [ValueRun]? = nil
    ) {
        let itemsize = layout.itemsize
        if itemsize == 0 { return }
        _ = unsafe withAxes(UnsafeRawPointer(destination), layout, destination, layout) { (pair) throws(Never) in
            // A copy from a source whose strides are all zero.
            unsafe pair.source = unsafe pattern
            for i in unsafe 0..<pair.ndim { unsafe pair.axes[i].source = 0 }
            unsafe pair.normalize()
            unsafe move(&pair, itemsize, runs)
            return true
        }
    }
}
