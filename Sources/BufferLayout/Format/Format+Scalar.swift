// SPDX-License-Identifier: Apache-2.0

// The formats of one value, which most buffers have.

extension Format {
    /// The type, if the format is exactly one scalar without a name.
    public var scalar: (Scalar, swapped: Bool)? {
        guard fields.count == 1, fields[0].repeats == 1, fields[0].name == nil, fields[0].offset == 0,
            case .scalar(let scalar, let swapped) = fields[0].type, itemsize == scalar.size
        else { return nil }
        return (scalar, swapped)
    }

    /// The type, if a format is a single scalar spelled in the plain way: an order character or none, and one code.
    ///
    /// It runs for every view made, so it neither allocates nor throws. `nil` also for other spellings of a scalar, with
    /// counts or spaces for example: read those with ``init(cString:)``.
    ///
    /// - Precondition: `text` points at bytes that end with a zero.
    @unsafe @inlinable @inline(__always)
    public static func scalar(ofCString text: UnsafePointer<CChar>) -> (Scalar, swapped: Bool)? {
        // The second byte is read only where the first is not the last.
        let code = UInt8(bitPattern: unsafe text.pointee)
        if unsafe code == 0 || text[1] != 0 { return unsafe scalar(spelledAs: text) }
        // The most common format first.
        if code == UInt8(ascii: "B") { return (.uint8, false) }
        guard let plain = Scalar(code: code, nativeSizes: true) else { return nil }
        return (plain, false)
    }

    /// The slow path of ``scalar(ofCString:)``, for any text.
    @unsafe @usableFromInline
    static func scalar(spelledAs text: UnsafePointer<CChar>) -> (Scalar, swapped: Bool)? {
        // Each byte is read only if the one before was not the last.
        var next = unsafe text
        var code = UInt8(bitPattern: unsafe next.pointee)
        var order = ByteOrder.native
        if let explicit = ByteOrder(character: code) {
            order = explicit
            unsafe next += 1
            code = UInt8(bitPattern: unsafe next.pointee)
        }
        let scalar: Scalar
        if code == UInt8(ascii: "Z") {
            unsafe next += 1
            guard let complex = Scalar(complexCode: UInt8(bitPattern: unsafe next.pointee)) else { return nil }
            scalar = complex
        } else if code == UInt8(ascii: "R") {
            unsafe next += 1
            guard let reduced = Scalar(reducedCode: UInt8(bitPattern: unsafe next.pointee)) else { return nil }
            scalar = reduced
        } else {
            guard let plain = Scalar(code: code, nativeSizes: order.hasNativeSizes) else { return nil }
            scalar = plain
        }
        guard unsafe next[1] == 0 else { return nil }
        return (scalar, order.isSwapped && scalar.size > 1)
    }
}
