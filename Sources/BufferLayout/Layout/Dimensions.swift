// SPDX-License-Identifier: Apache-2.0

/// A fixed number of integers, stored inline if they are few: shape and strides of four dimensions need no allocation.
@usableFromInline
struct Dimensions: Sendable {
    @usableFromInline static let inlineCapacity = 8

    @usableFromInline let count: Int
    @usableFromInline var inline: InlineArray<8, Int>
    /// Holds all integers if there are more than ``inlineCapacity``, and is empty otherwise.
    @usableFromInline var heap: [Int]

    /// `count` integers, all zero.
    @inlinable
    init(count: Int) {
        self.count = count
        inline = [0, 0, 0, 0, 0, 0, 0, 0]
        heap = count > Self.inlineCapacity ? [Int](repeating: 0, count: count) : []
    }

    @inlinable var span: Span<Int> {
        @_lifetime(borrow self)
        get {
            if count > Self.inlineCapacity { return heap.span }
            return inline.span.extracting(first: count)
        }
    }

    @inlinable
    subscript(index: Int) -> Int {
        get { count > Self.inlineCapacity ? heap[index] : inline[index] }
        set {
            if count > Self.inlineCapacity { heap[index] = newValue } else { inline[index] = newValue }
        }
    }
}

extension Dimensions {
    /// Runs `body` with the address of the first integer, which is that of nothing if there are none.
    mutating func withUnsafeMutablePointer<Result>(_ body: (UnsafeMutablePointer<Int>) -> Result) -> Result {
        if count > Self.inlineCapacity {
            return unsafe heap.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
        }
        var span = inline.mutableSpan
        return unsafe span.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress.unsafelyUnwrapped) }
    }
}

extension Dimensions: Hashable {
    @usableFromInline
    static func == (first: Self, second: Self) -> Bool {
        guard first.count == second.count else { return false }
        for i in 0..<first.count where first[i] != second[i] { return false }
        return true
    }

    @usableFromInline
    func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for i in 0..<count { hasher.combine(self[i]) }
    }
}

extension Dimensions {
    /// A copy of the dimensions of a layout; without suboffsets if all of them are negative.
    init(_ view: borrowing LayoutView) {
        let ndim = view.ndim
        let indirect = view.isIndirect
        self.init(count: (indirect ? 3 : 2) * ndim)
        for axis in 0..<ndim {
            self[axis] = view.shape[axis]
            self[ndim + axis] = view.strides[axis]
            if indirect { self[2 * ndim + axis] = view.suboffsets[axis] }
        }
    }
}
