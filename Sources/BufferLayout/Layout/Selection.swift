// SPDX-License-Identifier: Apache-2.0

/// What an index selects of an array: a layout, and how to get from the array's address to the layout's.
public struct Selection: Sendable, Hashable {
    /// The layout of what is selected.
    public let layout: Layout
    /// Bytes to add to the array's address. If there are ``dereferences``, a pointer lies there.
    public let offset: Int
    /// Pointers to follow, in this order, because integer indices dropped all axes up to an indirect one: each entry is
    /// the number of bytes to add to the pointer read. Empty for every array without suboffsets.
    public let dereferences: [Int]

    @usableFromInline
    init(layout: Layout, offset: Int, dereferences: [Int] = []) {
        self.layout = layout
        self.offset = offset
        self.dereferences = dereferences
    }

    /// Whether the new address is the array's plus ``offset``, with no pointer to follow.
    @inlinable public var isDirect: Bool { dereferences.isEmpty }

    /// The address of the selection's item `(0, ..., 0)`, or of its first pointer.
    ///
    /// - Parameter base: the address of the array that the index was applied to.
    /// - Precondition: the array's layout describes the memory at `base`, pointers included.
    @unsafe @inlinable
    public func address(from base: UnsafeRawPointer) -> UnsafeRawPointer {
        var address = unsafe base + offset
        for suboffset in dereferences { unsafe address = follow(address, suboffset: suboffset) }
        return unsafe address
    }
}
