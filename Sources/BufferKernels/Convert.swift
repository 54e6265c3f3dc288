// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface

extension Kernels {
    /// Converts every item of `source` to another scalar type at the place with the same index in `destination`.
    ///
    /// The rules are those of C, with its undefined cases defined in the same way on every platform:
    /// - integer to integer wraps modulo two to the width;
    /// - to a float rounds to nearest, ties to even; what is too large becomes infinite;
    /// - float to integer truncates; what is out of range gives the nearest integer in range, NaN gives 0;
    /// - to bool, zero is false and everything else true, NaN included; from bool, 0 and 1;
    /// - complex to real drops the imaginary part (to bool: both parts zero is false); real to complex adds zero.
    /// ``Scalar/char`` converts as ``Scalar/uint8``.
    ///
    /// Layouts are as for ``copy(from:layout:to:layout:)``, the two sides may overlap in the same way, and `swapped`
    /// says that a side's values (each part of a complex one) are in the byte order that is not the machine's.
    ///
    /// - Parameter exact: whether every value must equal its result, as Python compares numbers, NaN being equal to NaN.
    /// - Parameter adjustment: scaling and the handling of overflow; see ``Adjustment``. It is computed in double
    ///   precision, in which a `long double` loses digits.
    /// - Precondition: equal shapes; each layout's strides and the memory fit items of its scalar's size; no two items
    ///   of the destination share a byte; an adjustment is neither together with `exact` nor, where it scales, of complex
    ///   types.
    /// - Throws: ``KernelError/outOfRange(index:)`` for an adjustment whose overflow is `.raise`, and
    ///   ``KernelError/inexact(index:)`` for `exact`, with the C-order index of the first value concerned; the
    ///   destination's contents are unspecified then. ``KernelError/outOfMemory(byteCount:)`` with nothing written.
    /// - Complexity: linear in the number of items.
    public static func convert(
        from source: UnsafeRawPointer, layout sourceLayout: borrowing LayoutView, scalar from: Scalar,
        swapped sourceSwapped: Bool = false,
        to destination: UnsafeMutableRawPointer, layout destinationLayout: borrowing LayoutView, scalar to: Scalar,
        swapped destinationSwapped: Bool = false, exact: Bool = false, adjustment: Adjustment? = nil
    ) throws(KernelError) {
        let adjusted = adjustment.flatMap {
            AdjustedConversion(
                from: from.part, fromSwapped: sourceSwapped, to: to.part, toSwapped: destinationSwapped, $0)
        }
        let plain = from == to && from != .bool && sourceSwapped == destinationSwapped
        if plain && adjusted == nil {
            return try unsafe copy(from: source, layout: sourceLayout, to: destination, layout: destinationLayout)
        }
        if unsafe needsTemporary(source, sourceLayout, destination, destinationLayout)
            || ((exact || adjustment?.overflow == .raise) && UnsafeRawPointer(destination) == source)
        {
            return try unsafe withPackedCopy(of: source, sourceLayout) { (packed, packedLayout) throws(KernelError) in
                try unsafe convert(
                    from: packed, layout: packedLayout, scalar: from, swapped: sourceSwapped, to: destination,
                    layout: destinationLayout, scalar: to, swapped: destinationSwapped, exact: exact,
                    adjustment: adjustment)
            }
        }
        if let adjusted {
            let isInRange = unsafe withAxes(source, sourceLayout, destination, destinationLayout) {
                (pair) throws(Never) in unsafe adjusted.run(&pair)
            }
            guard !isInRange else { return }
            throw unsafe .outOfRange(index: firstIndex(source, sourceLayout) { unsafe adjusted.holds($0) })
        }
        let isExact = unsafe convertDistinct(
            from: source, layout: sourceLayout, scalar: from, swapped: sourceSwapped, to: destination,
            layout: destinationLayout, scalar: to, swapped: destinationSwapped, exact: exact)
        guard !isExact else { return }
        throw unsafe .inexact(
            index: firstIndex(source, sourceLayout) { unsafe isConvertible($0, from, sourceSwapped, to) })
    }

    /// Converts where no item is written before it is read; false if `exact` and a result is not.
    static func convertDistinct(
        from source: UnsafeRawPointer, layout sourceLayout: borrowing LayoutView, scalar from: Scalar,
        swapped sourceSwapped: Bool,
        to destination: UnsafeMutableRawPointer, layout destinationLayout: borrowing LayoutView, scalar to: Scalar,
        swapped destinationSwapped: Bool, exact: Bool
    ) -> Bool {
        let job = Conversion(
            from: from.part, fromSwapped: sourceSwapped, to: to.part, toSwapped: destinationSwapped, exact: exact)
        let step = (from.isComplex ? from.part.size : 0, to.isComplex ? to.part.size : 0)
        var isExact = true
        switch (from.isComplex, to.isComplex) {
        case (true, true):
            isExact = unsafe withAxes(
                source, sourceLayout, destination, destinationLayout, parts: 2, sourcePart: step.0,
                destinationPart: step.1
            ) { (pair) throws(Never) in unsafe job.run(&pair) }
        case (true, false):
            isExact = unsafe withAxes(source, sourceLayout, destination, destinationLayout) { (pair) throws(Never) in
                unsafe job.run(&pair)
            }
            if isExact && to == .bool {
                _ = unsafe withAxes(source, sourceLayout, destination, destinationLayout) { (pair) throws(Never) in
                    unsafe pair.source += step.0
                    return unsafe job.addTruth(&pair)
                }
            }
            if isExact && exact {
                // The imaginary parts, which are dropped, must be zero.
                isExact = unsafe withAxes(source, sourceLayout, destination, destinationLayout) {
                    (pair) throws(Never) in
                    unsafe pair.source += step.0
                    return unsafe job.isSourceZero(&pair)
                }
            }
        case (false, true):
            isExact = unsafe withAxes(source, sourceLayout, destination, destinationLayout) { (pair) throws(Never) in
                let isExact = unsafe job.run(&pair)
                unsafe pair.destination += step.1
                unsafe job.clearDestination(&pair)
                return isExact
            }
        case (false, false):
            isExact = unsafe withAxes(source, sourceLayout, destination, destinationLayout) { (pair) throws(Never) in
                unsafe job.run(&pair)
            }
        }
        return isExact
    }

    /// The C-order index of the first value that does not satisfy `isValid`. There must be one.
    private static func firstIndex(
        _ source: UnsafeRawPointer, _ layout: borrowing LayoutView, _ isValid: (UnsafeRawPointer) -> Bool
    ) -> Int {
        var index = 0
        _ = unsafe forEachItem(source, layout) { item in
            let isValid = unsafe isValid(item)
            index &+= isValid ? 1 : 0
            return isValid
        }
        return index
    }

    /// Whether the conversion of one value to another type is exact.
    static func isConvertible(_ item: UnsafeRawPointer, _ from: Scalar, _ swapped: Bool, _ to: Scalar) -> Bool {
        unsafe withScratch(64) { scratch in
            withItemLayout(from.size) { source in
                withItemLayout(to.size) { destination in
                    let job = Conversion(
                        from: from.part, fromSwapped: swapped, to: to.part, toSwapped: false, exact: true)
                    return unsafe withAxes(
                        item, source, scratch, destination, parts: from.isComplex && to.isComplex ? 2 : 1,
                        sourcePart: from.part.size, destinationPart: to.part.size
                    ) { (pair) throws(Never) in
                        guard unsafe job.run(&pair) else { return false }
                        guard from.isComplex && !to.isComplex else { return true }
                        unsafe pair.source += from.part.size
                        return unsafe job.isSourceZero(&pair)
                    }
                }
            }
        }
    }
}

/// Converting the values of one pair of axes between two real types.
struct Conversion {
    var from: Scalar
    var fromSwapped: Bool
    var to: Scalar
    var toSwapped: Bool
    var exact: Bool

    /// Converts; false if `exact` and a result is not.
    func run(_ pair: inout AxisPair) -> Bool {
        unsafe inParallel(&pair, pair.count &* max(from.size, to.size)) { unsafe runPart(&$0) }
    }

    private func runPart(_ pair: inout AxisPair) -> Bool {
        if from == to && from != .bool && fromSwapped == toSwapped {
            // A part of a complex number of the same type.
            unsafe move(&pair, to.size)
            return true
        }
        if unsafe !exact && isOneRun(pair) {
            let count = unsafe pair.ndim == 0 ? 1 : pair.axes[0].count
            if from == to && from != .bool {
                unsafe loops.swapContiguous(pair.source, pair.destination, width: to.size, count: count)
                return true
            }
            if !fromSwapped && !toSwapped {
                if unsafe isLimitedByMemory(pair) {
                    _ = unsafe memoryBoundLoops.convertContiguous(
                        pair.source, from: from, pair.destination, to: to, count: count)
                } else {
                    unsafe convertReal(pair.source, from: from, pair.destination, to: to, count: count)
                }
                return true
            }
        }
        let items = unsafe min(exact ? tileItems : 4 &* tileItems, pair.count)
        let (sourceBytes, resultBytes) = (items &* from.size, items &* to.size)
        return unsafe withScratch(sourceBytes &+ resultBytes &+ (exact ? 32 &* items : 0)) { scratch in
            let results = unsafe scratch + sourceBytes
            /// Converts contiguous values, and checks the results if `exact`.
            func convert(_ values: UnsafeRawPointer, _ result: UnsafeMutableRawPointer, _ count: Int) -> Bool {
                unsafe convertReal(values, from: from, result, to: to, count: count)
                return unsafe !exact
                    || equalReal(
                        values, type: from, UnsafeRawPointer(result), type: to, count: count, nanEqual: true,
                        scratch: results + resultBytes)
            }
            return unsafe forEachTile(&pair, items: items) { (tile) throws(Never) in
                let values = unsafe tile.packedSource(from.size, swapped: fromSwapped && from.size > 1, scratch)
                if !toSwapped {
                    let (applies, all) = unsafe tile.forEachRun(to.size) { start, run, count in
                        unsafe convert(values + start &* from.size, run, count)
                    }
                    if applies { return all }
                }
                guard unsafe convert(values, results, tile.count) else { return false }
                unsafe tile.store(results, to.size, swapped: toSwapped && to.size > 1)
                return true
            }
        }
    }

    /// Whether memory bandwidth is the bottleneck, so that shorter vectors are faster. Conversions that have no instruction
    /// for 32 bytes stay limited by the CPU.
    private func isLimitedByMemory(_ pair: AxisPair) -> Bool {
        guard unsafe pair.totalCount &* to.size >= runStreamingThreshold else { return false }
        return switch (from.kind, to.kind) {
        case (.longDouble, _), (_, .longDouble): false
        // Widening a bfloat16 is a shift; to and from all other small floats there is more to compute.
        case (.float, .float) where from == .bfloat16 && to == .float32: true
        case (.float, .float) where from.isSmallFloat || to.isSmallFloat: false
        case (.float, .float): from != .float64 || to != .float16
        case (.float, _): false
        case (_, .float): from.size < 8 && from != .uint32
        default: true
        }
    }

    /// Writes true where the source is not zero, and leaves other items of the destination unchanged.
    func addTruth(_ pair: inout AxisPair) -> Bool {
        let size = tileItems &* 16
        return unsafe withScratch(3 &* size) { scratch in
            unsafe forEachTile(&pair) { (tile) throws(Never) in
                let values = unsafe tile.packedSource(from.size, swapped: fromSwapped, scratch)
                let truth = unsafe scratch + size
                unsafe convertReal(values, from: from, truth, to: .bool, count: tile.count)
                let old = unsafe tile.packedDestination(1, swapped: false, scratch + 2 &* size)
                for i in unsafe 0..<tile.count where unsafe old.load(fromByteOffset: i, as: UInt8.self) != 0 {
                    unsafe truth.storeBytes(of: 1, toByteOffset: i, as: UInt8.self)
                }
                unsafe tile.store(truth, 1, swapped: false)
                return true
            }
        }
    }

    /// Whether every value of the source is zero.
    func isSourceZero(_ pair: inout AxisPair) -> Bool {
        let size = tileItems &* 16
        return unsafe withScratch(2 &* size) { scratch in
            unsafe forEachTile(&pair) { (tile) throws(Never) in
                let values = unsafe tile.packedSource(from.size, swapped: fromSwapped, scratch)
                unsafe convertReal(values, from: from, scratch + size, to: .bool, count: tile.count)
                let isTrue = BitPattern(width: 1, mask: 0xff, bits: 1)
                return unsafe loops.firstMatch(of: isTrue, in: scratch + size, count: tile.count) < 0
            }
        }
    }

    /// Writes zeros to the destination.
    func clearDestination(_ pair: inout AxisPair) {
        unsafe withScratch(16) { zero in
            unsafe zero.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
            for i in unsafe 0..<pair.ndim { unsafe pair.axes[i].source = 0 }
            unsafe pair.source = UnsafeRawPointer(zero)
            unsafe move(&pair, to.size)
        }
    }

    private func isOneRun(_ pair: AxisPair) -> Bool {
        unsafe pair.ndim == 0
            || (pair.ndim == 1 && pair.axes[0].source == from.size && pair.axes[0].destination == to.size)
    }
}
