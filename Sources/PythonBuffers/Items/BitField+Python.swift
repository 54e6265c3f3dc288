// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims

// Bit fields as Python integers, and back.

extension BitField {
    /// The integer that the bits are.
    ///
    /// - Precondition: `address` is that of ``size`` bytes.
    func object(at address: UnsafeRawPointer) throws(PythonError) -> PythonObject {
        var bits: UInt64 = 0
        for index in 0..<size {
            let byte = unsafe UInt64(address.load(fromByteOffset: index, as: UInt8.self))
            // A negative distance shifts to the right: the bits below the field go.
            bits |= byte << distance(ofByte: index)
        }
        let unused = UInt64(Self.maximumWidth - width)
        // Moved to the top and back, which fills up with zeros or with the sign.
        return try unsafe PythonObject(
            result: isSigned
                ? PyLong_FromLongLong(Int64(bitPattern: bits &<< unused) &>> Int64(unused))
                : PyLong_FromUnsignedLongLong((bits &<< unused) &>> unused))
    }

    /// Writes an integer to the bits; those beside them stay.
    ///
    /// - Throws: `TypeError` for what is no integer, `OutOfRangeError` for one that does not fit. Nothing is written
    ///   then.
    /// - Parameter place: what the value is written to, as errors name it.
    /// - Precondition: `address` is that of ``size`` writable bytes.
    func encode(
        _ object: ObjectReference, to address: UnsafeMutableRawPointer, place: Destination
    ) throws(PythonError) {
        let bits = try pattern(of: object, place)
        for index in 0..<size {
            let mask = mask(ofByte: index)
            let byte = UInt8(truncatingIfNeeded: bits >> distance(ofByte: index))
            let old = unsafe address.load(fromByteOffset: index, as: UInt8.self)
            unsafe address.storeBytes(of: (old & ~mask) | (byte & mask), toByteOffset: index, as: UInt8.self)
        }
    }

    private func pattern(of object: ObjectReference, _ place: Destination) throws(PythonError) -> UInt64 {
        let highest = UInt64.max >> UInt64(Self.maximumWidth - width + (isSigned ? 1 : 0))
        return try integerBits(
            of: object, from: isSigned ? -Int64(bitPattern: highest) &- 1 : 0, to: highest, place)
    }
}
