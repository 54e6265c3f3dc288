// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// Writing all items at once. The caller checks that the memory is writable: a read-only array is filled while it is
// made.

extension MemoryObject.Contents {
    /// Writes items of the same shape over these: bytes where both formats describe the same element, numbers converted
    /// where they are numbers. Both may overlap. Padding stays as it is.
    ///
    /// - Parameter conversion: what may happen to numbers; by C's rules if it is not given.
    /// - Throws: `TypeError` for items that cannot become these, `ValueError` for numbers that `conversion` refuses.
    /// - Precondition: `address` is that of memory that `layout` and `theirs` describe.
    func copyItems(
        from address: UnsafeRawPointer, layout: borrowing LayoutView, item theirs: ItemFormat,
        by conversion: NumberConversion = NumberConversion()
    ) throws(PythonError) {
        // With an explicit conversion, the formats `b` and `B` differ: 200 must not become -56.
        let areNumbers = conversion.casting == .exact || conversion.adjustment != nil
        let isCopy =
            try areNumbers
            ? storedItem.isEquivalent(to: theirs) && !conversion.isScaling : storedItem.isAssignable(from: theirs)
        try checkHoldsNoObjects()
        // A copy of bytes needs no readable format; a conversion needs two.
        let (mine, format) = try isCopy ? (storedItem.format, theirs.format) : (item.format, theirs.readable.format)
        let runs = try storedItem.valueRuns
        try conversion.check(from: format, to: mine)
        guard isCopy || (mine.scalar != nil && format.scalar != nil) else {
            throw PythonError(
                .type, "items of format '\(format)' cannot become items of format '\(mine)': only numbers convert")
        }
        let theirLength = try raisingLayoutErrors { () throws(LayoutError) in try layout.byteCount }
        guard theirLength > 0 else { return }
        let to = unsafe self.address
        try detached(if: max(theirLength, length) >= detachThreshold) { () throws(KernelError) in
            if !isCopy, let a = format.scalar, let b = mine.scalar {
                try unsafe Kernels.convert(
                    from: address, layout: layout, scalar: a.0, swapped: a.swapped,
                    to: to, layout: self.layout, scalar: b.0, swapped: b.swapped, exact: conversion.casting == .exact,
                    adjustment: conversion.adjustment)
            } else {
                try unsafe Kernels.copy(from: address, layout: layout, to: to, layout: self.layout, runs: runs)
            }
        }
    }

    /// Writes one item over all of them, whose padding stays as it is.
    func fill(with item: borrowing EncodedItem) throws(PythonError) {
        guard let pattern = unsafe item.bytes.baseAddress else { return }
        try unsafe fill(with: pattern)
    }

    /// As ``fill(with:)``.
    ///
    /// - Precondition: `pattern` is the address of an item.
    func fill(with pattern: UnsafeRawPointer) throws(PythonError) {
        guard length > 0 else { return }
        let to = unsafe address
        let runs = valueRuns
        try detached(if: length >= detachThreshold) { () throws(KernelError) in
            unsafe Kernels.fill(to, layout: layout, with: pattern, runs: runs)
        }
    }

    /// - Throws: `NotImplementedError` if the items hold pointers to Python objects: copied bytes would be references
    ///   without a reference count, and those that were overwritten would leak.
    func checkHoldsNoObjects() throws(PythonError) {
        guard holdsObjects else { return }
        throw PythonError(
            .notImplemented,
            "items of format '\(formatText)' can be neither copied nor cast: the references in the "
                + "copy would not be counted")
    }

    /// Whether there are pointers to Python objects among the items.
    private var holdsObjects: Bool {
        scalar == nil && (rememberedItem?.holdsObjects ?? Format.mayHoldObjects(formatText))
    }
}
