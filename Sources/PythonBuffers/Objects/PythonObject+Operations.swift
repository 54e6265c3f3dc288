// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

// CPython's abstract object layer: attributes, calls, comparisons and conversions of any object. Each function may run
// Python code.

extension PythonObject {
    /// The module of this name, imported if it is not yet.
    public init(importing name: StaticString) throws(PythonError) {
        try unsafe self.init(result: PyImport_ImportModule(cString(name)))
    }

    /// `object.name`
    public func attribute(_ name: String) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: name.withCString { unsafe PyObject_GetAttrString(pointer, $0) })
    }

    /// `object.name = value`
    public func setAttribute(_ name: String, _ value: borrowing PythonObject) throws(PythonError) {
        if unsafe name.withCString({ unsafe PyObject_SetAttrString(pointer, $0, value.pointer) }) < 0 {
            throw PythonError.pending()
        }
    }

    /// `object.name`; `nil` where the object has no such attribute.
    package func attributeIfAny(_ name: String) throws(PythonError) -> PythonObject? {
        do throws(PythonError) {
            return try attribute(name)
        } catch {
            guard error.matches(.attribute) else { throw error }
            return nil
        }
    }

    /// `hasattr(object, name)`; any error counts as no.
    public func hasAttribute(_ name: String) -> Bool { unsafe reference.hasAttribute(name) }

    /// `object(*arguments)`
    ///
    /// - Precondition: `arguments` is a tuple.
    package func call(tuple arguments: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallObject(pointer, arguments.pointer))
    }

    /// `object.name`, of an interned name, which is found faster than a text; `nil` where there is no such attribute.
    package func attributeIfAny(_ name: ObjectReference) throws(PythonError) -> PythonObject? {
        guard let value = unsafe PyObject_GetAttr(pointer, name.pointer) else {
            let error = PythonError.pending()
            guard error.matches(.attribute) else { throw error }
            return nil
        }
        return unsafe PythonObject(owning: value)
    }

    /// A `str` that is interned, as names of attributes are.
    package init(interned name: String) throws(PythonError) {
        try unsafe self.init(result: name.withCString { unsafe sb_interned($0) })
    }

    /// `object(**keywords)`
    ///
    /// - Precondition: `keywords` is a dictionary with strings as keys.
    package func call(keywords: borrowing PythonObject) throws(PythonError) -> PythonObject {
        let none = try TupleBuilder(capacity: 0).finish()
        return try unsafe PythonObject(result: PyObject_Call(pointer, none.pointer, keywords.pointer))
    }

    /// `repr(object)`
    public func representation() throws(PythonError) -> String { try unsafe reference.representation() }

    /// `hash(object)`
    package func hash() throws(PythonError) -> Int { try unsafe reference.hash() }

    /// The type of the object.
    package var type: PythonObject { unsafe PythonObject(borrowing: reference.type) }

    // MARK: Types, subclasses included

    package var isFloat: Bool { unsafe reference.isFloat }
    package var isComplex: Bool { unsafe reference.isComplex }
    package var isBytes: Bool { unsafe reference.isBytes }
    package var isSlice: Bool { unsafe reference.isSlice }
    /// Whether the object has `__index__`.
    package var isIndex: Bool { unsafe reference.isIndex }
    package var isEllipsis: Bool { unsafe reference.isEllipsis }

    // MARK: Values

    /// An address as an integer.
    package init(address: UnsafeRawPointer?) throws(PythonError) {
        try unsafe self.init(result: PyLong_FromVoidPtr(UnsafeMutableRawPointer(mutating: address)))
    }

    /// `operator.index(object)` modulo 2 to the bits of a machine word, signed or unsigned.
    package func machineWord() throws(PythonError) -> Int {
        let number = try unsafe PythonObject(result: PyNumber_Index(pointer))
        let value = unsafe PyLong_AsUnsignedLongMask(number.pointer)
        if unsafe value == .max && PyErr_Occurred() != nil { throw PythonError.pending() }
        return Int(bitPattern: value)
    }

    /// The start, stop and step of a slice, `None` replaced.
    ///
    /// - Throws: `ValueError` for a step of zero, `TypeError` for bounds without `__index__`.
    /// - Precondition: the object is a slice.
    package func sliceBounds() throws(PythonError) -> (start: Int, stop: Int, step: Int) {
        try unsafe reference.sliceBounds()
    }

    /// The class `object`.
    package static var objectType: ObjectReference { unsafe ObjectReference(pointer: sb_object_type()) }

    /// A module, if it has been imported; `nil` otherwise.
    package static func imported(_ name: String) throws(PythonError) -> PythonObject? {
        let key = try PythonObject(name)
        guard let module = unsafe PyImport_GetModule(key.pointer) else {
            if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
            return nil
        }
        let object = unsafe PythonObject(owning: module)
        if object.isNone { return nil }
        return object
    }

    /// `object()`
    public func call() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallNoArgs(pointer))
    }

    /// `object(argument)`
    public func call(_ argument: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe call(argument.reference)
    }

    /// `object(argument)`
    package func call(_ argument: ObjectReference) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallOneArg(pointer, argument.pointer))
    }

    /// `object[key]`; `nil` if a mapping has no such key.
    package func value(at key: borrowing PythonObject) throws(PythonError) -> PythonObject? {
        if unsafe sb_is_exact_dict(reference) != 0 {
            // Without an error that would be made only to be dropped.
            guard let value = unsafe sb_dict_item(pointer, key.pointer) else {
                if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
                return nil
            }
            return unsafe PythonObject(owning: value)
        }
        guard let value = unsafe PyObject_GetItem(pointer, key.pointer) else {
            let error = PythonError.pending()
            guard error.matches(.key) else { throw error }
            return nil
        }
        return unsafe PythonObject(owning: value)
    }

    /// `float(object)`
    package func float() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyNumber_Float(pointer))
    }

    /// `int(object)`
    package func integer() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyNumber_Long(pointer))
    }

    package init(complex number: (real: Double, imaginary: Double)) throws(PythonError) {
        try unsafe self.init(result: PyComplex_FromDoubles(number.real, number.imaginary))
    }

    /// A `pickle.PickleBuffer` of an exporter.
    package init(pickleBufferOf exporter: ObjectReference) throws(PythonError) {
        try unsafe self.init(result: PyPickleBuffer_FromObject(exporter.pointer))
    }

    /// `object.__float__()`. Source: `PyFloat_AsDouble`.
    package func double() throws(PythonError) -> Double { try unsafe reference.double() }

    /// The value as a complex number. Source: `PyComplex_AsCComplex`.
    package func complex() throws(PythonError) -> (real: Double, imaginary: Double) { try unsafe reference.complex() }

    /// `first == second`, where a NaN differs from itself (unlike `PyObject_RichCompareBool`).
    package func isEqual(to other: borrowing PythonObject) throws(PythonError) -> Bool {
        let result = try unsafe PythonObject(result: PyObject_RichCompare(pointer, other.pointer, Py_EQ))
        return try result.truth()
    }

    /// The hexadecimal digits of some bytes, a `str`. Source: `bytes.hex`.
    ///
    /// - Precondition: `address` is that of so many bytes.
    @unsafe
    package init(hexOf address: UnsafeRawPointer, count: Int) throws(PythonError) {
        try unsafe self.init(result: sb_new_hex(address.assumingMemoryBound(to: CChar.self), count))
    }

    // MARK: Tuples and lists

    /// The items of any iterable, in a tuple: the object itself if it is one.
    package func asTuple() throws(PythonError) -> PythonObject { try unsafe reference.asTuple() }

    /// A list of `count` items.
    package init(listOf count: Int, _ item: (Int) throws(PythonError) -> PythonObject) throws(PythonError) {
        let list = try unsafe PythonObject(result: sb_new_list(count))
        for index in 0..<count { unsafe sb_list_set(list.pointer, index, try item(index).intoPointer()) }
        self = list
    }
}
