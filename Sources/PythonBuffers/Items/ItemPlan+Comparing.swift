// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

// Items compared with each other in memory, as Python compares their values.

extension ItemPlan {
    /// A part of two items to compare: adjacent values whose equality is that of their bytes are one part.
    @safe
    struct Part {
        enum Kind: UInt8 {
            case bytes, truth
            /// Real numbers, of which zeros are equal and NaNs are not; a complex one is two.
            case float32, float64
            /// Structures that repeat, by their own plan.
            case plan
        }

        let kind: Kind
        let swapped: Bool
        let offset: Int
        /// How many bytes, numbers or structures.
        var count: Int
        /// The plan of structures, and how many bytes apart they are.
        let plan: ItemPlan?
        let stride: Int

        /// Bytes of a part that is no structures.
        fileprivate var byteCount: Int {
            switch kind {
            case .bytes, .truth: count
            case .float32: 4 &* count
            case .float64: 8 &* count
            case .plan: stride &* count
            }
        }

        /// Whether the part is equal in two items at these addresses.
        @inline(__always)
        func isEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
            let (a, b) = unsafe (a + offset, b + offset)
            switch kind {
            case .bytes: return unsafe haveSameBytes(a, b, count)
            case .truth:
                for index in 0..<count where unsafe isTrue(a + index) != isTrue(b + index) { return false }
            case .float32:
                for index in 0..<count
                where unsafe float32(a + 4 &* index, swapped) != float32(b + 4 &* index, swapped) {
                    return false
                }
            case .float64:
                for index in 0..<count
                where unsafe float64(a + 8 &* index, swapped) != float64(b + 8 &* index, swapped) {
                    return false
                }
            case .plan:
                guard let plan else { return false }
                return unsafe plan.areEqual(a, b, stride: stride, count: count)
            }
            return true
        }
    }

    /// Whether items can be compared without making objects of them.
    package var comparesInMemory: Bool { unsafe body.pointee.parts != nil }

    /// Whether a value that ``store(_:to:)`` has written is equal to the item that it has written. Where this is false
    /// some values are not, such as 0.1 in a float of four bytes.
    package var storesExactly: Bool { unsafe body.pointee.storesExactly }

    /// The number of the first of `count` items whose equality with another is `equal`; `nil` if there is none. No
    /// Python code runs.
    ///
    /// - Parameter otherStride: 0 to compare all with one.
    /// - Precondition: ``comparesInMemory``; the items are at the addresses, and so many bytes apart.
    @inline(never)
    package func firstIndex(
        equal: Bool, _ first: UnsafeRawPointer, stride: Int, _ second: UnsafeRawPointer, stride otherStride: Int,
        count: Int
    ) -> Int? {
        guard let parts = unsafe body.pointee.parts else { return nil }
        let partCount = unsafe body.pointee.partCount
        var (a, b) = unsafe (first, second)
        for index in 0..<count {
            var isEqual = true
            for number in 0..<partCount where unsafe !parts[number].isEqual(a, b) {
                isEqual = false
                break
            }
            if isEqual == equal { return index }
            unsafe a += stride
            unsafe b += otherStride
        }
        return nil
    }

    /// Whether all of `count` items equal others. Not inlined, since items are compared by their parts, and parts by
    /// items.
    @inline(never)
    private func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, stride: Int, count: Int) -> Bool {
        unsafe firstIndex(equal: false, a, stride: stride, b, stride: stride, count: count) == nil
    }

    /// The parts of an item to compare; `nil` where some values can only be compared as Python objects.
    static func parts(_ fields: [Field], at start: Int, nested: (Int) -> ItemPlan?) -> [Part]? {
        var parts: [Part] = []
        for (number, field) in fields.enumerated() {
            let offset = start &+ field.offset
            let size = field.type.size
            if let plan = nested(number) {
                guard let inner = unsafe plan.body.pointee.parts else { return nil }
                let count = unsafe plan.body.pointee.partCount
                if count == 0 { continue }
                let isWhole = unsafe count == 1 && inner[0].kind != .plan && inner[0].byteCount == size
                guard field.repeats == 1 || isWhole else {
                    parts.append(
                        Part(
                            kind: .plan, swapped: false, offset: offset, count: field.repeats, plan: plan, stride: size)
                    )
                    continue
                }
                for index in 0..<count {
                    let part = unsafe inner[index]
                    append(
                        Part(
                            kind: part.kind, swapped: part.swapped, offset: offset &+ part.offset,
                            count: part.count &* field.repeats, plan: part.plan, stride: part.stride), to: &parts)
                }
                continue
            }
            guard let (kind, width, swapped) = field.type.comparison else { return nil }
            append(
                Part(
                    kind: kind, swapped: swapped, offset: offset, count: size / width &* field.repeats, plan: nil,
                    stride: 0), to: &parts)
        }
        return parts
    }

    private static func append(_ part: Part, to parts: inout [Part]) {
        guard part.count > 0 else { return }
        if let last = parts.last, last.kind == .bytes, part.kind == .bytes, last.offset &+ last.count == part.offset {
            parts[parts.count - 1].count &+= part.count
        } else {
            parts.append(part)
        }
    }
}

extension ItemType {
    /// How values of this type are compared, and how many bytes each number of them takes; `nil` where only Python does
    /// it.
    fileprivate var comparison: (ItemPlan.Part.Kind, width: Int, swapped: Bool)? {
        switch self {
        case .scalar(let scalar, let swapped):
            switch scalar {
            case .bool: (.truth, 1, false)
            case .float32, .complex64: (.float32, 4, swapped)
            case .float64, .complex128: (.float64, 8, swapped)
            case .float16, .complex32, .longDouble, .complexLongDouble, .bfloat16, .float8E3M4, .float8E4M3,
                .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ, .float8E8M0FNU:
                nil
            case .char, .int8, .uint8, .int16, .uint16, .int24, .uint24, .int32, .uint32, .int64, .uint64:
                (.bytes, 1, false)
            }
        case .bytes, .void, .pointer: (.bytes, 1, false)
        case .array, .structure, .pascal, .bits, .opaque, .object, .ucs2, .ucs4: nil
        }
    }

    /// Whether every number that is written to a value of this type comes back from it as an equal one.
    var storesExactly: Bool {
        switch self {
        case .scalar(let scalar, _): scalar.isInteger || scalar == .bool || scalar == .float64
        case .pointer: true
        case .bytes, .void, .array, .structure, .pascal, .bits, .opaque, .object, .ucs2, .ucs4: false
        }
    }
}

@inline(__always)
private func haveSameBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
    // Two loads that overlap where the count is no power of two.
    switch count {
    case 1: unsafe a.load(as: UInt8.self) == b.load(as: UInt8.self)
    case 2, 3: unsafe same(UInt16.self, a, b, count)
    case 4...7: unsafe same(UInt32.self, a, b, count)
    case 8...16: unsafe same(UInt64.self, a, b, count)
    default: unsafe sb_have_same_bytes(a, b, count) != 0
    }
}

@inline(__always)
private func same<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int
) -> Bool {
    let last = count &- MemoryLayout<Word>.size
    let head = unsafe a.loadUnaligned(as: Word.self) ^ b.loadUnaligned(as: Word.self)
    let tail = unsafe (a + last).loadUnaligned(as: Word.self) ^ (b + last).loadUnaligned(as: Word.self)
    return head | tail == 0
}

@inline(__always)
private func isTrue(_ address: UnsafeRawPointer) -> Bool { unsafe address.load(as: UInt8.self) != 0 }

@inline(__always)
private func float32(_ address: UnsafeRawPointer, _ swapped: Bool) -> Float {
    let bits = unsafe address.loadUnaligned(as: UInt32.self)
    return Float(bitPattern: swapped ? bits.byteSwapped : bits)
}

@inline(__always)
private func float64(_ address: UnsafeRawPointer, _ swapped: Bool) -> Double {
    let bits = unsafe address.loadUnaligned(as: UInt64.self)
    return Double(bitPattern: swapped ? bits.byteSwapped : bits)
}
