// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
public import BufferLayout
internal import CPython
public import CPythonShims

// One scalar in memory as a Python object, and back: the `struct` module's reading of each format.

extension Scalar {
    /// A new reference to the Python object for the value at `address`; NULL with an exception set when that fails.
    ///
    /// - Precondition: `address` is that of a value of this type, of any alignment.
    @inlinable @inline(__always)
    package func object(at address: UnsafeRawPointer, swapped: Bool) -> ObjectPointer? {
        unsafe ObjectPointer(bitPattern: reference(at: address, swapped: swapped))
    }

    /// As ``object(at:swapped:)``, for a slot that does nothing after it.
    @inlinable @inline(__always)
    package func reference(at address: UnsafeRawPointer, swapped: Bool) -> ReferenceBits {
        if swapped { return unsafe ReferenceBits(bitPattern: rareObject(at: address, swapped: true)) }
        // Three tests at a time, the types that are iterated over most first: all at once would become a jump through a
        // table, which takes longer than reading one of these does.
        switch self {
        case .uint8: return unsafe sb_new_byte(address.load(as: UInt8.self))
        case .float64: return unsafe sb_new_float(address.loadUnaligned(as: Double.self))
        case .int64: return unsafe sb_new_word(Int(address.loadUnaligned(as: Int64.self)))
        default: break
        }
        switch hidden {
        case .int32: return unsafe sb_new_word(Int(address.loadUnaligned(as: Int32.self)))
        case .float32: return unsafe sb_new_float(Double(address.loadUnaligned(as: Float.self)))
        case .int16: return unsafe sb_new_word(Int(address.loadUnaligned(as: Int16.self)))
        default: break
        }
        switch hidden {
        case .uint16: return unsafe sb_new_word(Int(address.loadUnaligned(as: UInt16.self)))
        case .uint32: return unsafe sb_new_word(Int(address.loadUnaligned(as: UInt32.self)))
        case .uint64: return unsafe sb_new_uint64(address.loadUnaligned(as: UInt64.self))
        default: break
        }
        switch hidden {
        case .int8: return unsafe sb_new_signed_byte(address.load(as: Int8.self))
        case .bool: return unsafe sb_new_truth(address.load(as: UInt8.self) == 0 ? 0 : 1)
        default: return unsafe ReferenceBits(bitPattern: rareObject(at: address, swapped: false))
        }
    }

    /// The same scalar, of which the compiler does not know that it was tested before.
    @inlinable @inline(__always)
    var hidden: Scalar {
        // The number is that of a case.
        unsafe unsafeBitCast(sb_hidden(rawValue), to: Scalar.self)
    }

    /// As ``object(at:swapped:)``, for types that are too rare to be inlined into every loop.
    @usableFromInline
    func rareObject(at address: UnsafeRawPointer, swapped: Bool) -> ObjectPointer? {
        switch self {
        case .char: return unsafe PyBytes_FromStringAndSize(address.assumingMemoryBound(to: CChar.self), 1)
        case .int16: return unsafe PyLong_FromLong(Int(integer(at: address, Int16.self, swapped)))
        case .uint16: return unsafe PyLong_FromLong(Int(integer(at: address, UInt16.self, swapped)))
        case .int24: return unsafe PyLong_FromLong(integer24(at: address, swapped, signed: true))
        case .uint24: return unsafe PyLong_FromLong(integer24(at: address, swapped, signed: false))
        case .int32: return unsafe PyLong_FromLong(Int(integer(at: address, Int32.self, swapped)))
        case .uint32: return unsafe PyLong_FromLong(Int(integer(at: address, UInt32.self, swapped)))
        case .int64: return unsafe PyLong_FromLongLong(integer(at: address, Int64.self, swapped))
        case .uint64: return unsafe PyLong_FromUnsignedLongLong(integer(at: address, UInt64.self, swapped))
        case .float16, .float32, .float64, .longDouble, .bfloat16, .float8E3M4, .float8E4M3,
            .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ,
            .float8E8M0FNU:
            return unsafe PyFloat_FromDouble(double(at: address, swapped))
        case .complex32, .complex64, .complex128, .complexLongDouble:
            let part = component
            return unsafe PyComplex_FromDoubles(
                part.double(at: address, swapped), part.double(at: address + part.size, swapped))
        // A byte has no order.
        case .bool, .int8, .uint8: return unsafe object(at: address, swapped: false)
        }
    }

    /// Writes the value of a Python object to memory.
    ///
    /// - Throws: `TypeError` for an object of the wrong kind, `OutOfRangeError` for a value that does not fit, and
    ///   whatever the object's own conversion raises. Nothing is written then.
    /// - Precondition: `address` is that of ``size`` writable bytes that Python code, which the conversion may run,
    ///   cannot release.
    package func encode(_ object: ObjectReference, to address: UnsafeMutableRawPointer, swapped: Bool)
        throws(PythonError)
    {
        try unsafe encode(object, to: address, swapped: swapped, place: Destination(self))
    }

    /// As ``encode(_:to:swapped:)``.
    ///
    /// - Parameter place: what the value is written to, as errors name it.
    func encode(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, swapped: Bool, place: Destination
    ) throws(PythonError) {
        switch self {
        case .bool:
            let truth = unsafe PyObject_IsTrue(object.pointer)
            if truth < 0 { throw PythonError.pending() }
            unsafe address.storeBytes(of: UInt8(truth), as: UInt8.self)
        case .char:
            guard object.isBytes else {
                throw Self.wrongType(object, "a bytes object of length 1", place)
            }
            guard unsafe sb_bytes_count(object.pointer) == 1 else {
                throw PythonError(.value, "invalid value for \(place.text): expected a bytes object of length 1")
            }
            unsafe address.storeBytes(of: sb_bytes_address(object.pointer).pointee, as: CChar.self)
        case .int8: unsafe address.storeBytes(of: try encoded(object, Int8.self, place), as: Int8.self)
        case .uint8: unsafe address.storeBytes(of: try encoded(object, UInt8.self, place), as: UInt8.self)
        case .int16: try unsafe store(encoded(object, Int16.self, place), to: address, swapped)
        case .uint16: try unsafe store(encoded(object, UInt16.self, place), to: address, swapped)
        case .int24:
            unsafe store24(
                try encoded(object, Int32.self, in: -0x80_0000...0x7f_ffff, place), to: address, swapped)
        case .uint24: unsafe store24(try encoded(object, Int32.self, in: 0...0xff_ffff, place), to: address, swapped)
        case .int32: try unsafe store(encoded(object, Int32.self, place), to: address, swapped)
        case .uint32: try unsafe store(encoded(object, UInt32.self, place), to: address, swapped)
        case .int64: try unsafe store(encoded(object, Int64.self, place), to: address, swapped)
        case .uint64: try unsafe store(encoded(object, UInt64.self, place), to: address, swapped)
        case .float16, .float32, .float64, .longDouble, .bfloat16, .float8E3M4, .float8E4M3,
            .float8E4M3B11FNUZ, .float8E4M3FN, .float8E4M3FNUZ, .float8E5M2, .float8E5M2FNUZ,
            .float8E8M0FNU:
            let number = try double(of: object, place: place)
            try unsafe storeDouble(number, to: address, swapped, place)
        case .complex32, .complex64, .complex128, .complexLongDouble:
            let number = unsafe PyComplex_AsCComplex(object.pointer)
            if number.real == -1, unsafe PyErr_Occurred() != nil {
                throw conversionError(object, "a complex number", place)
            }
            let part = component
            try unsafe part.storeDouble(number.real, to: address, swapped, place)
            try unsafe part.storeDouble(number.imag, to: address + part.size, swapped, place)
        }
    }

    /// The number of a Python object that is written to a format of real numbers.
    ///
    /// - Throws: see ``encode(_:to:swapped:)``.
    package func double(of object: ObjectReference, place: Destination) throws(PythonError) -> Double {
        let number = unsafe object.isFloat ? sb_float_value(object.pointer) : PyFloat_AsDouble(object.pointer)
        if number == -1, unsafe PyErr_Occurred() != nil {
            throw conversionError(object, "a float", place)
        }
        return number
    }

    private static func wrongType(_ object: ObjectReference, _ expected: String, _ place: Destination) -> PythonError {
        PythonError(
            .type, "invalid type for \(place.text): expected \(expected), not \(typeNameOf(object))")
    }

    /// The error that a conversion left behind: a TypeError says what would have worked, and a number that is too large
    /// for the conversion is too large for the format.
    private func conversionError(
        _ object: ObjectReference, _ expected: String, _ place: Destination
    ) -> PythonError {
        let error = PythonError.pending()
        if error.matches(.overflow) { return component.tooLarge(place) }
        return error.matches(.type) ? Self.wrongType(object, expected, place) : error
    }

    /// The error for a number beyond the largest one of this format of real numbers.
    private func tooLarge(_ place: Destination) -> PythonError {
        let limit: Double =
            switch self {
            case .float16: 65504
            case .float32: Double(Float.greatestFiniteMagnitude)
            case .bfloat16: 0x1.fep127
            case .float8E3M4: 15.5
            case .float8E4M3, .float8E4M3FNUZ: 240
            case .float8E4M3B11FNUZ: 30
            case .float8E4M3FN: 448
            case .float8E5M2, .float8E5M2FNUZ: 57344
            case .float8E8M0FNU: 0x1p127
            default: .greatestFiniteMagnitude
            }
        if self == .float8E8M0FNU {
            return PythonError(
                .outOfRange, "invalid value for \(place.text): it must be a power of two from \(0x1p-127) to \(limit)")
        }
        return PythonError(
            .outOfRange,
            "invalid value for \(place.text): the number is too large; it must be between \(-limit) and \(limit)")
    }

    /// The type of one part of a complex number.
    private var component: Scalar {
        switch self {
        case .complex32: .float16
        case .complex64: .float32
        case .complex128: .float64
        case .complexLongDouble: .longDouble
        default: self
        }
    }

    private func double(at address: UnsafeRawPointer, _ swapped: Bool) -> Double {
        switch self {
        case .float16:
            // CPython converts halves by arithmetic, the same on every machine.
            unsafe PyFloat_Unpack2(address.assumingMemoryBound(to: CChar.self), isLittleEndian(swapped))
        case .float32: unsafe Double(Float(bitPattern: integer(at: address, UInt32.self, swapped)))
        case .float64: unsafe Double(bitPattern: integer(at: address, UInt64.self, swapped))
        case _ where isSmallFloat:
            unsafe withReversed(address, swapped) { unsafe Kernels.double(ofSmallFloat: self, at: $0) }
        default:
            unsafe withReversed(address, swapped) { unsafe sb_load_long_double($0) }
        }
    }

    private func storeDouble(
        _ number: Double, to address: UnsafeMutableRawPointer, _ swapped: Bool, _ place: Destination
    ) throws(PythonError) {
        switch self {
        case .float16:
            let bytes = unsafe address.assumingMemoryBound(to: CChar.self)
            if unsafe PyFloat_Pack2(number, bytes, isLittleEndian(swapped)) < 0 {
                let error = PythonError.pending()
                throw error.matches(.overflow) ? tooLarge(place) : error
            }
        case .float32:
            let narrow = Float(number)
            if narrow.isInfinite && number.isFinite { throw tooLarge(place) }
            unsafe store(narrow.bitPattern, to: address, swapped)
        case .float64: unsafe store(number.bitPattern, to: address, swapped)
        case _ where isSmallFloat:
            let bits = Kernels.bits(ofSmallFloat: self, nearestTo: number)
            // What the format cannot hold became infinite, or NaN where it has no infinities.
            guard let bits else { throw tooLarge(place) }
            if size == 1 {
                unsafe address.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
            } else {
                unsafe store(bits, to: address, swapped)
            }
        default:
            unsafe sb_store_long_double(number, address)
            if swapped {
                var bytes = unsafe UnsafeMutableRawBufferPointer(start: address, count: size)
                unsafe bytes.reverse()
            }
        }
    }

    /// Runs `body` on the bytes of a value in this machine's order.
    private func withReversed<Result>(
        _ address: UnsafeRawPointer, _ swapped: Bool, _ body: (UnsafeRawPointer) -> Result
    ) -> Result {
        guard swapped else { return unsafe body(address) }
        var image = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<size { unsafe image[index] = address.load(fromByteOffset: size - 1 - index, as: UInt8.self) }
        return unsafe withUnsafeBytes(of: image) { unsafe body($0.baseAddress!) }
    }

    private func encoded<Integer: FixedWidthInteger>(
        _ object: ObjectReference, _: Integer.Type, in range: ClosedRange<Integer> = Integer.min...Integer.max,
        _ place: Destination
    ) throws(PythonError) -> Integer {
        let bits = try integerBits(
            of: object, from: Int64(range.lowerBound), to: UInt64(range.upperBound), place)
        return Integer(truncatingIfNeeded: bits)
    }
}

private func isLittleEndian(_ swapped: Bool) -> CInt {
    #if _endian(little)
        swapped ? 0 : 1
    #else
        swapped ? 1 : 0
    #endif
}

@inline(__always)
private func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    at address: UnsafeRawPointer, _: Integer.Type, _ swapped: Bool
) -> Integer {
    let value = unsafe address.loadUnaligned(as: Integer.self)
    return swapped ? value.byteSwapped : value
}

@inline(__always)
private func store<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ value: Integer, to address: UnsafeMutableRawPointer, _ swapped: Bool
) {
    unsafe address.storeBytes(of: swapped ? value.byteSwapped : value, as: Integer.self)
}

/// Whether the first of a value's bytes is the most significant one.
private func isBigEndian(_ swapped: Bool) -> Bool { isLittleEndian(swapped) == 0 }

private func integer24(at address: UnsafeRawPointer, _ swapped: Bool, signed: Bool) -> Int {
    let (a, b, c) = unsafe address.loadUnaligned(as: (UInt8, UInt8, UInt8).self)
    let (low, high) = isBigEndian(swapped) ? (c, a) : (a, c)
    let bits = Int(low) | Int(b) << 8 | Int(high) << 16
    return signed && bits >= 0x80_0000 ? bits - 0x100_0000 : bits
}

private func store24(_ value: Int32, to address: UnsafeMutableRawPointer, _ swapped: Bool) {
    let bytes = (UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 16))
    let (first, last) = isBigEndian(swapped) ? (bytes.1, bytes.0) : bytes
    unsafe address.storeBytes(of: first, as: UInt8.self)
    unsafe address.storeBytes(of: UInt8(truncatingIfNeeded: value >> 8), toByteOffset: 1, as: UInt8.self)
    unsafe address.storeBytes(of: last, toByteOffset: 2, as: UInt8.self)
}
