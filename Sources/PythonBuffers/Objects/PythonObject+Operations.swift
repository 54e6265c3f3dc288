internal import CPython
internal import CPythonShims

// What Python's own operators and functions do with objects of any type.

extension PythonObject {
    /// The module of this name, imported where it is not yet.
    package init(importing name: StaticString) throws(PythonError) {
        try unsafe self.init(result: PyImport_ImportModule(cString(name)))
    }

    /// `object.name`
    package func attribute(_ name: String) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: name.withCString { unsafe PyObject_GetAttrString(pointer, $0) })
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
    package func hasAttribute(_ name: String) -> Bool {
        unsafe name.withCString { unsafe PyObject_HasAttrString(pointer, $0) != 0 }
    }

    /// `object(argument)`
    package func call(_ argument: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallOneArg(pointer, argument.pointer))
    }

    /// `object(*arguments)`
    ///
    /// - Precondition: `arguments` is a tuple.
    package func call(tuple arguments: borrowing PythonObject) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PyObject_CallObject(pointer, arguments.pointer))
    }

    /// `repr(object)`
    package func representation() throws(PythonError) -> String {
        try unsafe PythonObject(result: PyObject_Repr(pointer)).string()
    }

    /// `hash(object)`
    package func hash() throws(PythonError) -> Int {
        let hash = unsafe PyObject_Hash(pointer)
        if hash == -1 { throw PythonError.pending() }
        return hash
    }

    /// The type of the object.
    package var type: PythonObject { PythonObject(borrowing: reference.type) }

    // MARK: Types, subclasses included

    package var isTuple: Bool { reference.isTuple }
    package var isList: Bool { reference.isList }
    package var isInt: Bool { reference.isInt }
    package var isFloat: Bool { reference.isFloat }
    package var isComplex: Bool { reference.isComplex }
    package var isString: Bool { reference.isString }
    package var isBytes: Bool { reference.isBytes }
    package var isSlice: Bool { reference.isSlice }
    /// Whether the object has `__index__`.
    package var isIndex: Bool { reference.isIndex }
    package var isEllipsis: Bool { reference.isEllipsis }

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
        var start = 0
        var stop = 0
        var step = 0
        if unsafe PySlice_Unpack(pointer, &start, &stop, &step) < 0 { throw PythonError.pending() }
        return (start, stop, step)
    }

    /// The contents of a `bytes` object.
    ///
    /// - Precondition: the object is a `bytes`.
    package var contents: RawSpan {
        @_lifetime(borrow self)
        get {
            let memory = unsafe UnsafeRawBufferPointer(start: sb_bytes_address(pointer), count: sb_bytes_count(pointer))
            // They do not change while the object lives.
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: memory), borrowing: self)
        }
    }

    // MARK: Tuples and lists

    /// The items of any sequence, in a tuple that nobody else has.
    package func asTuple() throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: PySequence_Tuple(pointer))
    }

    /// A list of `count` items.
    package init(listOf count: Int, _ item: (Int) throws(PythonError) -> PythonObject) throws(PythonError) {
        let list = try unsafe PythonObject(result: sb_new_list(count))
        for index in 0..<count { unsafe sb_list_set(list.pointer, index, try item(index).intoPointer()) }
        self = list
    }
}

/// A new tuple that is filled item by item.
package struct TupleBuilder: ~Copyable {
    private let tuple: PythonObject
    private let capacity: Int
    private var count = 0

    /// - Throws: `MemoryError`.
    package init(capacity: Int) throws(PythonError) {
        tuple = try unsafe PythonObject(result: PyTuple_New(capacity))
        self.capacity = capacity
    }

    /// - Precondition: the tuple has room for it.
    package mutating func append(_ item: consuming PythonObject) {
        precondition(count < capacity, "a tuple with more items than it was made for")
        unsafe sb_tuple_set(tuple.pointer, count, item.intoPointer())
        count += 1
    }

    /// - Precondition: the tuple is full.
    package consuming func finish() -> PythonObject {
        precondition(count == capacity, "a tuple with fewer items than it was made for")
        return tuple
    }
}
