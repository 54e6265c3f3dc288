// SPDX-License-Identifier: Apache-2.0
public import BufferLayout
internal import CPython
public import CPythonShims

// The fast path from Python's own numbers to native scalars: of exact ints, floats, complexes and bools that fit. It
// runs no Python code and raises nothing; every other object, and every error, is left to `Scalar.encode`, which writes
// the same bytes for these.

extension Scalar {
    /// Writes a number; `false` with nothing done where the general path is needed.
    ///
    /// - Precondition: `address` is that of ``size`` writable bytes.
    @inlinable @inline(__always)
    package func write(exactly number: ObjectReference, at address: UnsafeMutableRawPointer) -> Bool {
        unsafe withExactType(OneNumber(number: number, address: address)) ?? false
    }

    /// Writes numbers one after the other, up to the first that needs the general path.
    ///
    /// - Returns: how many were written.
    /// - Precondition: the numbers live, and do not change; `address` is that of as many writable items.
    package func write(
        exactly numbers: UnsafePointer<ObjectPointer?>, count: Int, at address: UnsafeMutableRawPointer
    ) -> Int {
        unsafe withExactType(Numbers(numbers: numbers, count: count, address: address)) ?? 0
    }

    /// Writes `start`, `start + step` and so on; `false` with nothing done if one of them does not fit.
    ///
    /// - Precondition: the last number is one of 64 bits; `address` is that of `count` writable items.
    package func write(
        progressionFrom start: Int64, step: Int64, count: Int, at address: UnsafeMutableRawPointer
    ) -> Bool {
        unsafe withExactType(Progression(start: start, step: step, count: count, address: address)) ?? false
    }

    /// Calls a visitor with the type that holds this scalar; `nil` where there is no fast path to it.
    @inlinable @inline(__always)
    func withExactType<Visitor: ExactTypeVisitor>(_ visitor: Visitor) -> Visitor.Result? {
        switch self {
        case .bool: visitor.visit(ExactTruth.self)
        case .int8: visitor.visit(Int8.self)
        case .uint8: visitor.visit(UInt8.self)
        case .int16: visitor.visit(Int16.self)
        case .uint16: visitor.visit(UInt16.self)
        case .int32: visitor.visit(Int32.self)
        case .uint32: visitor.visit(UInt32.self)
        case .int64: visitor.visit(Int64.self)
        case .uint64: visitor.visit(UInt64.self)
        case .float32: visitor.visit(Float.self)
        case .float64: visitor.visit(Double.self)
        case .complex64: visitor.visit(ExactComplex<Float>.self)
        case .complex128: visitor.visit(ExactComplex<Double>.self)
        case .char, .int24, .uint24, .float16, .longDouble, .complex32, .complexLongDouble, .bfloat16, .float8E3M4,
            .float8E4M3, .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ,
            .float8E8M0FNU:
            nil
        }
    }
}

/// A native scalar that exact Python numbers become.
@usableFromInline
protocol ExactNumber: BitwiseCopyable {
    /// `nil` where the general path is needed.
    init?(number: ObjectReference)
    /// `nil` for a number that does not fit.
    init?(whole: Int64)
}

@usableFromInline
protocol ExactTypeVisitor {
    associatedtype Result
    func visit<Number: ExactNumber>(_: Number.Type) -> Result
}

@safe @usableFromInline
struct OneNumber: ExactTypeVisitor {
    @usableFromInline let number: ObjectReference
    @usableFromInline let address: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(number: ObjectReference, address: UnsafeMutableRawPointer) {
        self.number = number
        unsafe self.address = address
    }

    @inlinable @inline(__always)
    func visit<Number: ExactNumber>(_: Number.Type) -> Bool {
        guard let value = Number(number: number) else { return false }
        unsafe address.storeBytes(of: value, as: Number.self)
        return true
    }
}

@safe
private struct Numbers: ExactTypeVisitor {
    let numbers: UnsafePointer<ObjectPointer?>
    let count: Int
    let address: UnsafeMutableRawPointer

    @inline(__always)
    func visit<Number: ExactNumber>(_: Number.Type) -> Int {
        for index in 0..<count {
            guard let number = unsafe numbers[index],
                let value = unsafe Number(number: ObjectReference(pointer: number))
            else { return index }
            unsafe (address + index &* MemoryLayout<Number>.size).storeBytes(of: value, as: Number.self)
        }
        return count
    }
}

@safe
private struct Progression: ExactTypeVisitor {
    let start: Int64
    let step: Int64
    let count: Int
    let address: UnsafeMutableRawPointer

    @inline(__always)
    func visit<Number: ExactNumber>(_: Number.Type) -> Bool {
        // All fit if both ends do.
        guard count > 0 else { return true }
        guard Number(whole: start) != nil, Number(whole: start &+ step &* Int64(count - 1)) != nil else { return false }
        for index in 0..<count {
            guard let value = Number(whole: start &+ step &* Int64(index)) else { return false }
            unsafe (address + index &* MemoryLayout<Number>.size).storeBytes(of: value, as: Number.self)
        }
        return true
    }
}

extension ExactNumber where Self: FixedWidthInteger {
    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        let found = sb_exact_int64(number)
        guard found.isFound != 0 else { return nil }
        self.init(whole: found.value)
    }

    @inlinable @inline(__always)
    init?(whole: Int64) {
        self.init(exactly: whole)
    }
}

extension Int8: ExactNumber {}
extension UInt8: ExactNumber {}
extension Int16: ExactNumber {}
extension UInt16: ExactNumber {}
extension Int32: ExactNumber {}
extension UInt32: ExactNumber {}
extension Int64: ExactNumber {}

extension UInt64: ExactNumber {
    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        let found = sb_exact_uint64(number)
        guard found.isFound != 0 else { return nil }
        self = found.value
    }
}

extension Double: ExactNumber {
    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        let found = sb_exact_double(number)
        guard found.isFound != 0 else { return nil }
        self = found.value
    }

    @inlinable @inline(__always)
    init?(whole: Int64) {
        self.init(whole)
    }
}

extension Float: ExactNumber {
    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        guard let wide = Double(number: number) else { return nil }
        self.init(narrowing: wide)
    }

    @inlinable @inline(__always)
    init?(whole: Int64) {
        // By way of a Double, as `Scalar.encode` rounds.
        self.init(Double(whole))
    }

    /// `nil` for a number that is too large: whether that is an error depends on how the format is spelled.
    @inlinable @inline(__always)
    init?(narrowing wide: Double) {
        self.init(wide)
        if isInfinite && wide.isFinite { return nil }
    }
}

/// A truth value as a byte.
@usableFromInline
struct ExactTruth: ExactNumber {
    @usableFromInline let byte: UInt8

    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        let found = sb_exact_double(number)
        guard found.isFound != 0 else { return nil }
        byte = found.value == 0 ? 0 : 1
    }

    @inlinable @inline(__always)
    init?(whole: Int64) {
        byte = whole == 0 ? 0 : 1
    }
}

/// The types of the parts of complex numbers.
@usableFromInline
protocol ComplexPart: BitwiseCopyable {
    init?(narrowing wide: Double)
}

extension Float: ComplexPart {}
extension Double: ComplexPart {
    @inlinable @inline(__always)
    init?(narrowing wide: Double) {
        self = wide
    }
}

/// A complex number as two floats.
@usableFromInline
struct ExactComplex<Part: ComplexPart>: ExactNumber {
    @usableFromInline let real: Part
    @usableFromInline let imaginary: Part

    @inlinable @inline(__always)
    init?(number: ObjectReference) {
        let found = sb_exact_complex(number)
        guard found.isFound != 0, let real = Part(narrowing: found.real),
            let imaginary = Part(narrowing: found.imaginary)
        else { return nil }
        self.real = real
        self.imaginary = imaginary
    }

    @inlinable @inline(__always)
    init?(whole: Int64) {
        guard let real = Part(narrowing: Double(whole)), let imaginary = Part(narrowing: 0) else { return nil }
        self.real = real
        self.imaginary = imaginary
    }
}
