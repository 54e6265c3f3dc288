internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// Looking for a value: `in`, `count` and `index`, along the first axis as in every Python sequence.

extension Memory {
    func contains(_ value: ObjectPointer) throws(PythonError) -> Bool {
        try unsafe firstIndex(of: value, from: 0, upTo: .max) != nil
    }

    /// The position of the first item, or of the first part along the first axis, that equals `value`.
    func firstIndex(of value: ObjectPointer, from start: Int, upTo stop: Int) throws(PythonError) -> Int? {
        let range = try searched(from: start, upTo: stop)
        if let needle = unsafe ScalarValue(value) {
            let found: Int?? = try hold { (contents) throws(PythonError) in
                guard let part = try contents.scalarRun(range) else { return nil }
                let address = unsafe UnsafeRawPointer(contents.address) + part.offset
                return .some(
                    unsafe needle.withBytes { (bytes, scalar) in
                        unsafe Kernels.firstIndex(
                            of: bytes, scalar: scalar, in: address, layout: part.layout.view, scalar: part.scalar,
                            swapped: part.swapped)
                    })
            }
            if let found { return found.map { $0 + range.lowerBound } }
        }
        for index in range {
            if try unsafe isItem(at: index, equalTo: value) { return index }
        }
        return nil
    }

    /// How many items, or parts along the first axis, equal `value`.
    func count(of value: ObjectPointer) throws(PythonError) -> Int {
        let range = try searched(from: 0, upTo: .max)
        if let needle = unsafe ScalarValue(value) {
            let count: Int? = try hold { (contents) throws(PythonError) in
                guard let part = try contents.scalarRun(range) else { return nil }
                let address = unsafe UnsafeRawPointer(contents.address) + part.offset
                return unsafe needle.withBytes { (bytes, scalar) in
                    unsafe Kernels.count(
                        of: bytes, scalar: scalar, in: address, layout: part.layout.view, scalar: part.scalar,
                        swapped: part.swapped)
                }
            }
            if let count { return count }
        }
        var count = 0
        for index in range {
            if try unsafe isItem(at: index, equalTo: value) { count += 1 }
        }
        return count
    }

    /// The positions of the first axis in `start..<stop`, both as in a slice.
    private func searched(from start: Int, upTo stop: Int) throws(PythonError) -> Range<Int> {
        try look { (contents) throws(PythonError) in
            guard contents.ndim > 0 else { throw PythonError(.type, "0-dim memory is no sequence") }
            let length = contents.layout.shape[0]
            let range = try raisingLayoutErrors { () throws(LayoutError) in
                try SliceRange(start: start, stop: stop, step: 1, length: length)
            }
            return range.start..<range.start + range.count
        }
    }

    private func isItem(at index: Int, equalTo value: ObjectPointer) throws(PythonError) -> Bool {
        // A comparison may release the memory, which is an error, or resize it: what is gone is equal to nothing.
        guard let item = try remainingElement(at: index) else { return false }
        let isEqual = unsafe PyObject_RichCompareBool(item.pointer, value, Py_EQ)
        if isEqual < 0 { throw PythonError.pending() }
        return isEqual != 0
    }
}

extension Memory.Contents {
    /// Items of one axis that kernels can search.
    fileprivate struct ScalarRun {
        let layout: Layout
        let offset: Int
        let scalar: Scalar
        let swapped: Bool
    }

    /// A part of the only axis, if the items are scalars at fixed offsets.
    fileprivate func scalarRun(_ range: Range<Int>) throws(PythonError) -> ScalarRun? {
        guard ndim == 1, let (scalar, swapped) = scalar, !layout.isIndirect else { return nil }
        // The object may have been resized since the range was made.
        let end = min(range.upperBound, layout.shape[0])
        let part = try raisingLayoutErrors { () throws(LayoutError) in
            try layout.selecting(.slice(start: range.lowerBound, stop: end, step: nil))
        }
        return ScalarRun(layout: part.layout, offset: part.offset, scalar: scalar, swapped: swapped)
    }
}

/// A Python number that a scalar holds exactly, to look for.
private enum ScalarValue {
    case signed(Int64)
    case unsigned(UInt64)
    case real(Double)
    case complex(Double, Double)
    case byte(CChar)

    /// `nil` for any other object, whose own `==` decides: subclasses may have one.
    init?(_ value: ObjectPointer) {
        if unsafe sb_is_exact_int(value) != 0 || sb_is_bool(value) != 0 {
            var overflow: CInt = 0
            let number = unsafe PyLong_AsLongLongAndOverflow(value, &overflow)
            if overflow == 0 {
                self = .signed(number)
                return
            }
            let wide = unsafe PyLong_AsUnsignedLongLong(value)
            guard unsafe PyErr_Occurred() == nil else {
                PyErr_Clear()
                return nil
            }
            self = .unsigned(wide)
        } else if unsafe sb_is_exact_float(value) != 0 {
            let number = unsafe sb_float_value(value)
            // A NaN is found by identity alone, of which memory has none.
            self = .real(number)
        } else if unsafe sb_is_exact_complex(value) != 0 {
            let number = unsafe PyComplex_AsCComplex(value)
            self = .complex(number.real, number.imag)
        } else if unsafe sb_is_exact_bytes(value) != 0 && sb_bytes_count(value) == 1 {
            self = unsafe .byte(sb_bytes_address(value).pointee)
        } else {
            return nil
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawPointer, Scalar) -> Result) -> Result {
        switch self {
        case .signed(let value): unsafe withUnsafeBytes(of: value) { unsafe body($0.baseAddress!, .int64) }
        case .unsigned(let value): unsafe withUnsafeBytes(of: value) { unsafe body($0.baseAddress!, .uint64) }
        case .real(let value): unsafe withUnsafeBytes(of: value) { unsafe body($0.baseAddress!, .float64) }
        case .complex(let real, let imaginary):
            unsafe withUnsafeBytes(of: (real, imaginary)) { unsafe body($0.baseAddress!, .complex128) }
        case .byte(let value): unsafe withUnsafeBytes(of: value) { unsafe body($0.baseAddress!, .char) }
        }
    }
}
