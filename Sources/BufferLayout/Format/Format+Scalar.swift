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
    /// It runs for every view made, so it neither allocates nor throws. `nil` says nothing about other spellings, with
    /// counts or spaces for example: read those with ``init(cString:)``.
    ///
    /// - Precondition: `text` points at bytes that end with a zero.
    @unsafe @inlinable @inline(__always)
    public static func scalar(ofCString text: UnsafePointer<CChar>) -> (Scalar, swapped: Bool)? {
        // The second byte is read only where the first is not the last.
        let code = UInt8(bitPattern: unsafe text.pointee)
        if unsafe code == 0 || text[1] != 0 { return unsafe scalar(spelledAs: text) }
        // What most buffers say is not worth a call.
        if code == UInt8(ascii: "B") { return (.uint8, false) }
        guard let plain = Scalar(code: code, nativeSizes: true) else { return nil }
        return (plain, false)
    }

    /// As ``scalar(ofCString:)``, for any text.
    @unsafe @usableFromInline
    static func scalar(spelledAs text: UnsafePointer<CChar>) -> (Scalar, swapped: Bool)? {
        // Each byte is read only after the one before proved not to be the last.
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
        } else {
            guard let plain = Scalar(code: code, nativeSizes: order.hasNativeSizes) else { return nil }
            scalar = plain
        }
        guard unsafe next[1] == 0 else { return nil }
        return (scalar, order.isSwapped && scalar.size > 1)
    }

    /// The one character with which a `memoryview` in native order reads the same values, such as `q` for `<q` on a
    /// little-endian machine; `nil` if there is none (structures, swapped bytes, complex numbers).
    public var memoryviewCode: UInt8? {
        if let (scalar, swapped) = scalar {
            switch scalar {
            case .int24, .uint24, .longDouble, .complex32, .complex64, .complex128, .complexLongDouble: return nil
            default: return swapped ? nil : unsafe scalar.code.utf8Start.pointee
            }
        }
        let isPointer =
            fields.count == 1 && fields[0].type == .pointer(swapped: false) && fields[0].repeats == 1
            && fields[0].name == nil && fields[0].offset == 0 && itemsize == fields[0].type.size
        return isPointer ? UInt8(ascii: "P") : nil
    }
}
