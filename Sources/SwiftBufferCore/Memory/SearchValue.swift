// SPDX-License-Identifier: Apache-2.0
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

    /// Classifies `value` for a search of `memory`.
    ///
    /// - Throws: `TypeError` for what can be neither an item nor a part of memory with several dimensions, and for any
    ///   value in memory without dimensions, as in memoryview. One-dimensional memory accepts any object, as every
    ///   sequence does.
    init(_ value: ObjectReference, in memory: MemoryObject) throws(PythonError) {
        // Neither changes while the object lives.
        let ndim = memory.leasedContents.ndim
        guard ndim > 0 else { throw PythonError(.type, "0-dim memory is no sequence: item() gives its only item") }
        let isScalar = memory.leasedContents.scalar != nil
        if isScalar, let number = ScalarValue(value) {
            self = .number(number)
            return
        }
        if value.exportsBuffer {
            if let sought = try SearchValue(buffer: value, in: memory) {
                self = sought
                return
            }
        } else if ndim > 1 {
            let item = try memory.item
            guard item.format.mayHave(value) else {
                throw PythonError(
                    .type,
                    "cannot look for an object of type \(typeNameOf(value)): it is neither an item of format "
                        + "'\(item.format)' nor a buffer, which is looked for along the first axis")
            }
        }
        self = .object(PythonObject(borrowing: value))
    }

    /// Classifies an exporter; `nil` if it is compared as any other object.
    private init?(buffer value: ObjectReference, in memory: MemoryObject) throws(PythonError) {
        let contents = memory.leasedContents
        if let single = try SingleItem(value) {
            if let (scalar, swapped) = single.format.scalar, contents.scalar != nil, !swapped {
                self = unsafe .number(ScalarValue(scalar, at: single.address))
                return
            }
            let object = try single.object()
            if contents.scalar != nil, let number = unsafe ScalarValue(object.reference) {
                self = .number(number)
            } else {
                self = .object(object)
            }
            return
        }
        let isBytes = value.isBytes || value.isByteArray
        if isBytes {
            if let byte = try ScalarValue(byte: value), contents.scalar?.type == .char {
                self = .number(byte)
                return
            }
            if contents.scalar == nil {
                let item = try memory.item
                if item.format.isOfBytes { return nil }
            }
        }
        let types = try ViewTypes(for: memory.object)
        if contents.ndim == 1 {
            guard contents.scalar?.type.isByte == true, let view = try Self.view(of: value, types),
                Self.isBytes(view)
            else { return nil }
            self = .bytes(view)
            return
        }
        self = .part(try ViewObject.make(types, of: value))
    }

    /// A view of an exporter; `nil` if it refuses, which is no error here.
    private static func view(of value: ObjectReference, _ types: ViewTypes) throws(PythonError) -> PythonObject? {
        do {
            return try ViewObject.make(types, of: value)
        } catch {
            if error.matches(.memory) { throw error }
            return nil
        }
    }

    private static func isBytes(_ view: borrowing PythonObject) -> Bool {
        let contents = unsafe MemoryObject(view.reference).leasedContents
        return contents.ndim == 1 && contents.scalar?.type.isByte == true
    }
}

extension Format {
    /// Whether a Python object could equal an item by its type. Numbers of other types may.
    fileprivate func mayHave(_ value: ObjectReference) -> Bool {
        guard valueCount == 1, fields.count == 1, fields[0].name == nil else { return value.isTuple }
        return switch fields[0].type {
        case .scalar(.char, _), .bytes, .pascal, .void: value.isBytes || value.isByteArray
        case .scalar, .pointer, .object, .bits: value.isNumber
        case .ucs2, .ucs4: value.isString
        case .array: value.isList
        case .structure: value.isTuple
        // Reading an item raises the error.
        case .opaque: true
        }
    }
}

/// A value that a scalar holds exactly.
struct ScalarValue {
    private let type: Scalar
    private var bytes: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// `nil` for any object but a Python number, whose own `==` decides: subclasses may have one.
    init?(_ value: ObjectReference) {
        let word = sb_exact_int64(value)
        if word.isFound != 0 {
            type = .int64
            bytes.0 = UInt64(bitPattern: word.value)
        } else if value.isExactInt {
            guard let number = value.uint64 else { return nil }
            type = .uint64
            bytes.0 = number
        } else if value.isExactFloat {
            // A NaN equals only itself by identity, and items have no identity.
            type = .float64
            bytes.0 = unsafe sb_float_value(value.pointer).bitPattern
        } else if value.isExactComplex {
            // An exact complex converts without calling Python code.
            guard let number = try? value.complex() else { return nil }
            type = .complex128
            bytes.0 = number.real.bitPattern
            bytes.1 = number.imaginary.bitPattern
        } else {
            return nil
        }
    }

    /// The one byte of a bytes object or a bytearray; `nil` for others.
    init?(byte value: ObjectReference) throws(PythonError) {
        guard unsafe PySequence_Size(value.pointer) == 1 else { return nil }
        let buffer = try PythonBuffer(value, .simple)
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
