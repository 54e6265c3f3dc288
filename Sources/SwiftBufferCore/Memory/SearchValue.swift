internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// What a search of memory looks for.
enum SearchValue: ~Copyable {
    /// A number or a single byte, among scalars: kernels find it.
    case number(ScalarValue)
    /// Bytes that a buffer holds, one after the other in memory of bytes.
    case bytes(PythonObject)
    /// The items of a view, as one of the parts along the first axis.
    case part(PythonObject)
    /// Any object, which `==` compares with every item.
    case object(PythonObject)

    /// What `value` is to a memory.
    ///
    /// - Throws: `TypeError` for what can be neither an item nor a part of memory with several dimensions, and for any
    ///   value where there are none, as in memoryview. With one any object may be asked for, as in every sequence.
    init(_ value: ObjectPointer, in memory: MemoryObject) throws(PythonError) {
        // Neither changes as long as the object lives.
        let ndim = memory.leasedContents.ndim
        guard ndim > 0 else { throw PythonError(.type, "0-dim memory is no sequence: item() gives its only item") }
        let isScalar = memory.leasedContents.scalar != nil
        if isScalar, let number = unsafe ScalarValue(value) {
            self = .number(number)
            return
        }
        if unsafe PyObject_CheckBuffer(value) != 0 {
            if let sought = try unsafe SearchValue(buffer: value, in: memory) {
                self = sought
                return
            }
        } else if ndim > 1 {
            let item = try memory.item
            guard unsafe item.format.mayHave(value) else {
                throw PythonError(
                    .type,
                    "cannot look for an object of type \(unsafe typeNameOf(value)): it is neither an item of format "
                        + "'\(item.format)' nor a buffer, which is looked for along the first axis")
            }
        }
        self = unsafe .object(PythonObject(borrowing: value))
    }

    /// What a buffer is to a memory; `nil` where it is an object as any other.
    private init?(buffer value: ObjectPointer, in memory: MemoryObject) throws(PythonError) {
        let contents = memory.leasedContents
        if let single = try unsafe SingleItem(value) {
            if let (scalar, swapped) = single.format.scalar, contents.scalar != nil, !swapped {
                self = unsafe .number(ScalarValue(scalar, at: single.address))
                return
            }
            let object = try single.object()
            if contents.scalar != nil, let number = unsafe ScalarValue(object.pointer) {
                self = .number(number)
            } else {
                self = .object(object)
            }
            return
        }
        let isBytes = unsafe sb_is_bytes(value) != 0 || sb_is_bytearray(value) != 0
        if isBytes {
            if let byte = try unsafe ScalarValue(byte: value), contents.scalar?.type == .char {
                self = .number(byte)
                return
            }
            if contents.scalar == nil {
                let item = try memory.item
                if item.format.isOfBytes { return nil }
            }
        }
        let types = try unsafe ViewTypes(for: memory.object)
        if contents.ndim == 1 {
            guard contents.scalar?.type.isByte == true, let view = try unsafe Self.view(of: value, types),
                Self.isBytes(view)
            else { return nil }
            self = .bytes(view)
            return
        }
        self = .part(try unsafe ViewObject.make(types, of: value))
    }

    /// A view of an exporter; `nil` where it refuses, since it then is something else and no error.
    private static func view(of value: ObjectPointer, _ types: ViewTypes) throws(PythonError) -> PythonObject? {
        do {
            return try unsafe ViewObject.make(types, of: value)
        } catch {
            if error.matches(.memory) { throw error }
            return nil
        }
    }

    private static func isBytes(_ view: borrowing PythonObject) -> Bool {
        let contents = unsafe MemoryObject(view.pointer).leasedContents
        return contents.ndim == 1 && contents.scalar?.type.isByte == true
    }
}

extension Format {
    /// Whether a Python object is of the kind that an item is. Numbers of other types may equal one.
    fileprivate func mayHave(_ value: ObjectPointer) -> Bool {
        guard valueCount == 1, fields.count == 1, fields[0].name == nil else { return unsafe sb_is_tuple(value) != 0 }
        return switch fields[0].type {
        case .scalar(.char, _), .bytes, .pascal, .void: unsafe sb_is_bytes(value) != 0 || sb_is_bytearray(value) != 0
        case .scalar, .pointer, .object, .bits: unsafe PyNumber_Check(value) != 0
        case .ucs2, .ucs4: unsafe sb_is_str(value) != 0
        case .array: unsafe sb_is_list(value) != 0
        case .structure: unsafe sb_is_tuple(value) != 0
        // Nothing reads it, and the attempt says so.
        case .opaque: true
        }
    }
}

/// A value that a scalar holds exactly.
struct ScalarValue {
    private let type: Scalar
    private var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// `nil` for any object but a Python number, whose own `==` decides: subclasses may have one.
    init?(_ value: ObjectPointer) {
        if unsafe sb_is_exact_int(value) != 0 || sb_is_bool(value) != 0 {
            var overflow: CInt = 0
            let number = unsafe PyLong_AsLongLongAndOverflow(value, &overflow)
            if overflow == 0 {
                type = .int64
                bytes.0 = UInt64(bitPattern: number)
                return
            }
            let wide = unsafe PyLong_AsUnsignedLongLong(value)
            guard unsafe PyErr_Occurred() == nil else {
                PyErr_Clear()
                return nil
            }
            type = .uint64
            bytes.0 = wide
        } else if unsafe sb_is_exact_float(value) != 0 {
            // A NaN is found by identity alone, of which memory has none.
            type = .float64
            bytes.0 = unsafe sb_float_value(value).bitPattern
        } else if unsafe sb_is_exact_complex(value) != 0 {
            let number = unsafe PyComplex_AsCComplex(value)
            type = .complex128
            bytes.0 = number.real.bitPattern
            bytes.1 = number.imag.bitPattern
        } else {
            return nil
        }
    }

    /// The one byte of a bytes object or a bytearray; `nil` for others.
    init?(byte value: ObjectPointer) throws(PythonError) {
        guard unsafe PySequence_Size(value) == 1 else { return nil }
        let buffer = try unsafe PythonBuffer(value, .simple)
        guard let address = unsafe buffer.view.pointee.buf else { return nil }
        unsafe self.init(.char, at: address)
    }

    /// - Precondition: `address` is that of a value of the type in native order.
    init(_ type: Scalar, at address: UnsafeRawPointer) {
        self.type = type
        unsafe withUnsafeMutableBytes(of: &bytes) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: type.size))
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawPointer, Scalar) -> Result) -> Result {
        unsafe withUnsafeBytes(of: bytes) { unsafe body($0.baseAddress!, type) }
    }
}
