// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface
internal import KernelShims

extension Kernels {
    /// Whether every item equals the one with the same index, as Python compares the values: numbers of different
    /// types by their exact value (`2**53 + 1 != 2.0**53`, `1 == 1.0 == True`), NaN unequal to itself, 0.0 equal to
    /// -0.0, complex with real by both parts, and ``Scalar/char`` (a `bytes` object) equal to no number.
    ///
    /// Layouts may differ in everything but the shape. Stops at the first tile that holds a difference; arrays without
    /// items are equal.
    ///
    /// - Precondition: equal shapes; each layout's strides and memory fit items of its scalar's size.
    /// - Complexity: linear in the number of items up to the first difference.
    public static func equal(
        _ a: UnsafeRawPointer, layout aLayout: borrowing LayoutView, scalar aType: Scalar,
        swapped aSwapped: Bool = false,
        _ b: UnsafeRawPointer, layout bLayout: borrowing LayoutView, scalar bType: Scalar,
        swapped bSwapped: Bool = false
    ) -> Bool {
        if (aType == .char) != (bType == .char) { return aLayout.hasNoItems }
        let bMutable = unsafe UnsafeMutableRawPointer(mutating: b)
        let job = Comparison(a: aType.part, aSwapped: aSwapped, b: bType.part, bSwapped: bSwapped)
        switch (aType.isComplex, bType.isComplex) {
        case (true, true):
            return unsafe withAxes(
                a, aLayout, bMutable, bLayout, parts: 2, sourcePart: aType.part.size, destinationPart: bType.part.size
            ) { (pair) throws(Never) in unsafe job.run(&pair) }
        case (false, false):
            return unsafe withAxes(a, aLayout, bMutable, bLayout) { (pair) throws(Never) in unsafe job.run(&pair) }
        case (true, false):
            let zero = Conversion(from: aType.part, fromSwapped: aSwapped, to: .bool, toSwapped: false, exact: false)
            return unsafe withAxes(a, aLayout, bMutable, bLayout) { (pair) throws(Never) in
                guard unsafe job.run(&pair) else { return false }
                unsafe pair.source += aType.part.size
                return unsafe zero.isSourceZero(&pair)
            }
        case (false, true):
            return unsafe equal(
                b, layout: bLayout, scalar: bType, swapped: bSwapped, a, layout: aLayout, scalar: aType,
                swapped: aSwapped)
        }
    }
}

/// A comparison of the values of one pair of axes.
struct Comparison {
    var a: Scalar
    var aSwapped: Bool
    var b: Scalar
    var bSwapped: Bool

    func run(_ pair: inout AxisPair) -> Bool {
        // Integers that are both swapped need no swapping: only their bytes are compared.
        let swapped =
            a == b && aSwapped == bSwapped && (a.kind == .signed || a.kind == .unsigned)
            ? (false, false) : (aSwapped && a.size > 1, bSwapped && b.size > 1)
        let isRun =
            unsafe pair.ndim == 0
            || (pair.ndim == 1 && pair.axes[0].source == a.size && pair.axes[0].destination == b.size)
        if isRun && a == b && a != .bool && a != .longDouble && swapped == (false, false) {
            let count = unsafe pair.ndim == 0 ? 1 : pair.axes[0].count
            return unsafe equalReal(
                pair.source, type: a, UnsafeRawPointer(pair.destination), type: b, count: count, nanEqual: false,
                scratch: pair.destination)
        }
        if a == b && swapped == (false, false), let result = unsafe runTransposed(&pair) { return result }
        // Values of one type are compared without conversion, others in a type that holds both.
        let converts = a != b || a == .bool || a == .longDouble
        let items = unsafe min(converts ? tileItems : 4 &* tileItems, pair.count)
        let (aBytes, bBytes) = (items &* a.size, items &* b.size)
        return unsafe withScratch(aBytes &+ bBytes &+ (converts ? 32 &* items : 0)) { scratch in
            let room = unsafe scratch + (aBytes &+ bBytes)
            return unsafe forEachTile(&pair, items: items) { (tile) throws(Never) in
                unsafe tile.prefetchDestination(b.size)
                let x = unsafe tile.packedSource(a.size, swapped: swapped.0, scratch)
                if !swapped.1 {
                    let (applies, all) = unsafe tile.forEachRun(b.size) { start, run, count in
                        let x = unsafe x + start &* a.size
                        if converts {
                            return unsafe equalReal(
                                x, type: a, UnsafeRawPointer(run), type: b, count: count, nanEqual: false,
                                scratch: room)
                        }
                        return unsafe a.kind == .float
                            ? loops.equalFloats(x, UnsafeRawPointer(run), type: a, count: count, nanEqual: false)
                            : sameBytes(x, UnsafeRawPointer(run), count &* a.size)
                    }
                    if applies { return all }
                }
                return unsafe equalReal(
                    x, type: a, tile.packedDestination(b.size, swapped: swapped.1, scratch + aBytes), type: b,
                    count: tile.count, nanEqual: false, scratch: room)
            }
        }
    }
}

extension Comparison {
    /// Compares values of one type where the fastest axes of the two sides differ; `nil` if they do not, or no loop
    /// supports them.
    private func runTransposed(_ pair: inout AxisPair) -> Bool? {
        guard unsafe pair.ndim >= 2 && a != .bool && a.size <= 8 && (a.kind != .float || a.size >= 4) else {
            return nil
        }
        unsafe pair.bringSourceAxisInside()
        let (rows, columns) = unsafe (pair.axes[pair.ndim &- 2], pair.axes[pair.ndim &- 1])
        guard rows.source == a.size && columns.destination == a.size else { return nil }
        var result: Bool? = true
        unsafe pair.forEach(pair.ndim &- 2) { (x, y) throws(Never) in
            guard result == true else { return }
            result = unsafe loops.equalTransposed(
                TransposedPair(
                    a: x, aRow: columns.source, b: UnsafeRawPointer(y), bRow: rows.destination, rows: columns.count,
                    columns: rows.count, itemsize: a.size),
                isFloat: a.kind == .float)
        }
        return result
    }
}

extension Kernels {
    /// Whether two blocks hold the same bytes, as `memcmp` compares them.
    ///
    /// - Precondition: each block has `count` bytes.
    package static func areSameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
        unsafe sameBytes(a, b, count)
    }
}

/// Whether two blocks hold the same bytes.
func sameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool { unsafe ks_same_bytes(a, b, count) }
