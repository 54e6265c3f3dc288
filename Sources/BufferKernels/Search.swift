// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import KernelInterface

extension Kernels {
    /// How many items equal `value`, one native value of type `valueType`, as Python compares them
    /// (see ``equal(_:layout:scalar:swapped:_:layout:scalar:swapped:)``).
    ///
    /// - Complexity: linear in the number of items.
    public static func count(
        of value: UnsafeRawPointer, scalar valueType: Scalar, in source: UnsafeRawPointer,
        layout: borrowing LayoutView, scalar: Scalar, swapped: Bool = false
    ) -> Int {
        if let few = FewItems(layout, scalar) {
            switch unsafe PlainNeedle(value, valueType, in: scalar, swapped: swapped) {
            case .none: return 0
            case .bits(let bits, let mask): return unsafe few.count(of: bits, under: mask, in: source)
            case .unknown: break
            }
        }
        guard let needle = unsafe Needle(value, valueType, in: scalar, swapped: swapped) else { return 0 }
        if isSearchedInPlace(layout, scalar) { return unsafe needle.count(source, layout.shape[0]) }
        var total = 0
        _ = unsafe withAxes(
            source, layout, UnsafeMutableRawPointer(mutating: source), layout
        ) { (pair) throws(Never) in
            unsafe forEachTile(&pair) { (tile) throws(Never) in
                unsafe needle.withItems(of: tile) { unsafe total &+= needle.count($0, tile.count) }
                return true
            }
        }
        return total
    }

    /// The C-order index of the first item that equals `value`, or nil; as
    /// ``count(of:scalar:in:layout:scalar:swapped:)``.
    public static func firstIndex(
        of value: UnsafeRawPointer, scalar valueType: Scalar, in source: UnsafeRawPointer,
        layout: borrowing LayoutView, scalar: Scalar, swapped: Bool = false
    ) -> Int? {
        if let few = FewItems(layout, scalar) {
            switch unsafe PlainNeedle(value, valueType, in: scalar, swapped: swapped) {
            case .none: return nil
            case .bits(let bits, let mask): return unsafe few.firstIndex(of: bits, under: mask, in: source)
            case .unknown: break
            }
        }
        guard let needle = unsafe Needle(value, valueType, in: scalar, swapped: swapped) else { return nil }
        if isSearchedInPlace(layout, scalar) {
            let match = unsafe needle.firstIndex(source, layout.shape[0])
            return match < 0 ? nil : match
        }
        var start = 0
        var found: Int?
        unsafe forEachRun(source, layout) { (run, stride, count) in
            var i = 0
            let axis = Axis(count: count, source: stride, destination: stride)
            while i < count && found == nil {
                var tile = unsafe Tile(
                    source: run + i &* stride, destination: UnsafeMutableRawPointer(mutating: run),
                    rows: Axis(count: 1, source: 0, destination: 0), columns: axis)
                // A contiguous run is searched in place, as one tile.
                unsafe tile.columns.count =
                    stride == scalar.size && scalar != .bool ? count : min(tileItems, count &- i)
                let match = unsafe needle.withItems(of: tile) { unsafe needle.firstIndex($0, tile.count) }
                if match >= 0 { found = start &+ i &+ match }
                unsafe i &+= tile.columns.count
            }
            start &+= count
            return found == nil
        }
        return found
    }

    /// Whether any item equals `value`; as ``count(of:scalar:in:layout:scalar:swapped:)``.
    public static func contains(
        _ value: UnsafeRawPointer, scalar valueType: Scalar, in source: UnsafeRawPointer,
        layout: borrowing LayoutView, scalar: Scalar, swapped: Bool = false
    ) -> Bool {
        unsafe firstIndex(of: value, scalar: valueType, in: source, layout: layout, scalar: scalar, swapped: swapped)
            != nil
    }
}

/// Whether the items are numbers of one word that follow each other.
@inline(__always)
private func isSearchedInPlace(_ layout: borrowing LayoutView, _ scalar: Scalar) -> Bool {
    layout.ndim == 1 && layout.strides[0] == scalar.size && scalar.size <= 8 && scalar != .bool
        && layout.suboffsets.isEmpty
}

/// So few numbers that a straight loop has searched them before the loop for this machine would have begun.
private struct FewItems {
    private static let maximum = 16

    private let itemsize: Int
    private let count: Int

    /// Nil for more, and for items that are not searched in place.
    @inline(__always)
    init?(_ layout: borrowing LayoutView, _ scalar: Scalar) {
        guard isSearchedInPlace(layout, scalar), layout.shape[0] <= Self.maximum, scalar.size.nonzeroBitCount == 1
        else { return nil }
        itemsize = scalar.size
        count = layout.shape[0]
    }

    @inline(__always)
    func count(of bits: UInt64, under mask: UInt64, in items: UnsafeRawPointer) -> Int {
        var total = 0
        for index in 0..<count where unsafe self.bits(of: index, in: items) & mask == bits { total &+= 1 }
        return total
    }

    @inline(__always)
    func firstIndex(of bits: UInt64, under mask: UInt64, in items: UnsafeRawPointer) -> Int? {
        for index in 0..<count where unsafe self.bits(of: index, in: items) & mask == bits { return index }
        return nil
    }

    @inline(__always)
    private func bits(of index: Int, in items: UnsafeRawPointer) -> UInt64 {
        let item = unsafe items + index &* itemsize
        return switch itemsize {
        case 1: unsafe UInt64(item.loadUnaligned(as: UInt8.self))
        case 2: unsafe UInt64(item.loadUnaligned(as: UInt16.self))
        case 4: unsafe UInt64(item.loadUnaligned(as: UInt32.self))
        default: unsafe item.loadUnaligned(as: UInt64.self)
        }
    }
}

/// A value to search for, as bits: an item equals the value if its bits under the mask are those of the pattern.
///
/// Numbers that compare equal have equal bits except for the sign of zero and the padding of `long double`, which the
/// mask leaves out. For swapped items the mask and the pattern are swapped, not the items.
private struct Needle {
    var scalar: Scalar
    var mask = (UInt64.max, UInt64.max, UInt64.max, UInt64.max)
    var pattern: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Nil if no item of type `scalar` can equal the value.
    init?(_ value: UnsafeRawPointer, _ valueType: Scalar, in scalar: Scalar, swapped: Bool) {
        if (valueType == .char) != (scalar == .char) { return nil }
        switch unsafe PlainNeedle(value, valueType, in: scalar, swapped: swapped) {
        case .none: return nil
        case .bits(let bits, let mask):
            self.scalar = scalar
            (pattern.0, self.mask.0) = (bits, mask)
            return
        case .unknown: break
        }
        guard unsafe valueType == scalar || Kernels.isConvertible(value, valueType, false, scalar) else { return nil }
        self.scalar = scalar
        var isNaN = false
        let part = scalar.part
        unsafe withUnsafeMutableBytes(of: &pattern) { pattern in
            unsafe withUnsafeMutableBytes(of: &mask) { mask in
                let p = pattern.baseAddress!
                let m = mask.baseAddress!
                withItemLayout(valueType.size) { source in
                    withItemLayout(scalar.size) { destination in
                        _ = unsafe Kernels.convertDistinct(
                            from: value, layout: source, scalar: valueType, swapped: false, to: p, layout: destination,
                            scalar: scalar, swapped: false, exact: false)
                    }
                }
                for offset in stride(from: 0, to: scalar.size, by: part.size) {
                    unsafe withScratch(64) { scratch in
                        isNaN =
                            unsafe isNaN
                            || !equalReal(
                                UnsafeRawPointer(p + offset), type: part, UnsafeRawPointer(p + offset), type: part,
                                count: 1, nanEqual: false, scratch: scratch)
                        unsafe convertReal(UnsafeRawPointer(p + offset), from: part, scratch, to: .bool, count: 1)
                        guard part.kind == .float || part.kind == .longDouble else { return }
                        let bytes = part == .longDouble ? Self.longDoubleBytes : part.size
                        for i in bytes..<max(bytes, part.size) {
                            unsafe m.storeBytes(of: 0, toByteOffset: offset + i, as: UInt8.self)
                            unsafe p.storeBytes(of: 0, toByteOffset: offset + i, as: UInt8.self)
                        }
                        if unsafe part.hasSignedZero && scratch.load(as: UInt8.self) == 0 {
                            unsafe m.storeBytes(of: 0x7f, toByteOffset: offset + bytes - 1, as: UInt8.self)
                            unsafe p.storeBytes(of: 0, toByteOffset: offset + bytes - 1, as: UInt8.self)
                        }
                    }
                    if swapped {
                        unsafe loops.swapContiguous(
                            UnsafeRawPointer(p + offset), p + offset, width: part.size, count: 1)
                        unsafe loops.swapContiguous(
                            UnsafeRawPointer(m + offset), m + offset, width: part.size, count: 1)
                    }
                }
            }
        }
        if isNaN { return nil }
    }

    /// The bytes of a `long double` that are not padding.
    private static var longDoubleBytes: Int {
        #if arch(x86_64) || arch(i386)
            10
        #else
            Scalar.longDouble.size
        #endif
    }

    /// Calls `body` with the items of a tile, contiguous; truth values as 0 and 1.
    func withItems<Result>(of tile: Tile, _ body: (UnsafeRawPointer) -> Result) -> Result {
        let size = scalar.size
        if unsafe scalar != .bool && tile.columns.source == size
            && (tile.rows.count == 1 || tile.rows.source == size &* tile.columns.count)
        {
            return unsafe body(tile.source)
        }
        return unsafe withScratch(tileItems &* size) { scratch in
            // Room for one tile, which is all that the callers pass where items are not searched in place.
            let items = unsafe tile.packedSource(size, swapped: false, scratch)
            guard scalar == .bool else { return unsafe body(items) }
            unsafe convertReal(items, from: .bool, scratch, to: .bool, count: tile.count)
            return unsafe body(UnsafeRawPointer(scratch))
        }
    }

    /// The mask and the bits of an item of at most 8 bytes.
    private var narrowPattern: BitPattern { BitPattern(width: scalar.size, mask: mask.0, bits: pattern.0) }

    func count(_ items: UnsafeRawPointer, _ count: Int) -> Int {
        if scalar.size <= 8 {
            return unsafe loops.countMatches(of: narrowPattern, in: items, count: count)
        }
        var total = 0
        for i in 0..<count where unsafe isMatch(items + i &* scalar.size) { total &+= 1 }
        return total
    }

    func firstIndex(_ items: UnsafeRawPointer, _ count: Int) -> Int {
        if scalar.size <= 8 {
            return unsafe loops.firstMatch(of: narrowPattern, in: items, count: count)
        }
        for i in 0..<count where unsafe isMatch(items + i &* scalar.size) { return i }
        return -1
    }

    /// Whether an item of 16 or 32 bytes matches.
    private func isMatch(_ item: UnsafeRawPointer) -> Bool {
        func word(_ i: Int) -> UInt64 { unsafe item.loadUnaligned(fromByteOffset: 8 &* i, as: UInt64.self) }
        guard word(0) & mask.0 == pattern.0 && word(1) & mask.1 == pattern.1 else { return false }
        return scalar.size <= 16 || (word(2) & mask.2 == pattern.2 && word(3) & mask.3 == pattern.3)
    }
}

/// The fast path of ``Needle``: a number of one word as an integer or a float of up to eight bytes.
private enum PlainNeedle {
    /// What items that equal the number have under a mask.
    case bits(UInt64, mask: UInt64)
    /// No item can equal it.
    case none
    /// Not for here.
    case unknown

    init(_ value: UnsafeRawPointer, _ valueType: Scalar, in scalar: Scalar, swapped: Bool) {
        #if _endian(little)
            switch valueType {
            case .int64: self.init(unsafe value.loadUnaligned(as: Int64.self), in: scalar, swapped)
            case .float64: self.init(unsafe value.loadUnaligned(as: Double.self), in: scalar, swapped)
            default: self = .unknown
            }
        #else
            self = .unknown
        #endif
    }

    private init(_ number: Int64, in scalar: Scalar, _ swapped: Bool) {
        switch scalar {
        case .int8: self.init(Int8(exactly: number), false)
        case .uint8: self.init(UInt8(exactly: number), false)
        case .int16: self.init(Int16(exactly: number), swapped)
        case .uint16: self.init(UInt16(exactly: number), swapped)
        case .int32: self.init(Int32(exactly: number), swapped)
        case .uint32: self.init(UInt32(exactly: number), swapped)
        case .int64: self.init(number, swapped)
        case .uint64: self.init(UInt64(exactly: number), swapped)
        case .float32: self.init(float: Float(exactly: number)?.bitPattern, swapped)
        case .float64: self.init(float: Double(exactly: number)?.bitPattern, swapped)
        default: self = .unknown
        }
    }

    private init(_ number: Double, in scalar: Scalar, _ swapped: Bool) {
        switch scalar {
        case .float64: self.init(float: number.isNaN ? nil : number.bitPattern, swapped)
        case .float32: self.init(float: Float(exactly: number)?.bitPattern, swapped)
        default:
            guard scalar.isInteger, let whole = Int64(exactly: number) else {
                self = .unknown
                return
            }
            self.init(whole, in: scalar, swapped)
        }
    }

    private init<Integer: FixedWidthInteger>(_ number: Integer?, _ swapped: Bool) {
        guard let number else {
            self = .none
            return
        }
        let bits = UInt64(truncatingIfNeeded: swapped ? number.byteSwapped : number)
        self = .bits(bits & (.max >> UInt64(64 - Integer.bitWidth)), mask: .max)
    }

    /// Of a float, of which both zeros are equal.
    private init<Bits: FixedWidthInteger & UnsignedInteger>(float bits: Bits?, _ swapped: Bool) {
        guard let bits, bits & (.max >> 1) == 0 else {
            self.init(bits, swapped)
            return
        }
        let mask: Bits = swapped ? (Bits.max >> 1).byteSwapped : .max >> 1
        self = .bits(0, mask: UInt64(truncatingIfNeeded: mask))
    }
}
