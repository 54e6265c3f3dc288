// SPDX-License-Identifier: Apache-2.0
public import CPython
public import CPythonShims

// Tests of a borrowed reference, each defined by a C function of CPython.

extension ObjectReference {
    /// Whether the object is `None`.
    @inlinable public var isNone: Bool { unsafe pointer == sb_none() }
    @inlinable package var isEllipsis: Bool { unsafe pointer == sb_ellipsis() }
    /// Whether the object is `True` or `False`.
    @inlinable public var isBool: Bool { sb_is_bool(self) != 0 }
    /// Whether this is an `int` or an instance of a derived class, such as `bool`.
    @inlinable public var isInt: Bool { sb_is_int(self) != 0 }
    /// Whether the object is a `float`, or of a derived class.
    @inlinable public var isFloat: Bool { sb_is_float(self) != 0 }
    /// Whether the object is a `complex`, or of a derived class.
    @inlinable public var isComplex: Bool { sb_is_complex(self) != 0 }
    /// Whether the object is `bytes`, or of a derived class.
    @inlinable public var isBytes: Bool { sb_is_bytes(self) != 0 }
    /// Whether the object is a `bytearray`, or of a derived class.
    @inlinable public var isByteArray: Bool { sb_is_bytearray(self) != 0 }
    /// Whether the object is a `str`, or of a derived class.
    @inlinable public var isString: Bool { sb_is_str(self) != 0 }
    /// Whether the object is a `tuple`, or of a derived class.
    @inlinable public var isTuple: Bool { sb_is_tuple(self) != 0 }
    /// Whether the object is a `list`, or of a derived class.
    @inlinable public var isList: Bool { sb_is_list(self) != 0 }
    /// Whether the object is a `dict`, or of a derived class.
    @inlinable public var isDictionary: Bool { sb_is_dict(self) != 0 }
    /// Whether the object is a `slice`.
    @inlinable public var isSlice: Bool { sb_is_slice(self) != 0 }
    /// Whether the object is a class.
    @inlinable public var isType: Bool { sb_is_type(self) != 0 }
    /// Whether the object is a `memoryview`.
    @inlinable public var isMemoryView: Bool { sb_is_memoryview(self) != 0 }
    /// Whether the object is exactly a `float`, not an instance of a derived class.
    @inlinable package var isExactFloat: Bool { sb_is_exact_float(self) != 0 }
    @inlinable package var isExactInt: Bool { sb_is_exact_int(self) != 0 }
    @inlinable package var isExactBytes: Bool { sb_is_exact_bytes(self) != 0 }
    @inlinable package var isExactComplex: Bool { sb_is_exact_complex(self) != 0 }

    /// Whether the object has `__index__`. Source: `PyIndex_Check`.
    @inlinable package var isIndex: Bool { unsafe PyIndex_Check(pointer) != 0 }
    /// Whether the object has items by position. Source: `PySequence_Check`.
    @inlinable public var isSequence: Bool { unsafe PySequence_Check(pointer) != 0 }
    /// Whether the object's type exports buffers. Source: `PyObject_CheckBuffer`.
    @inlinable public var exportsBuffer: Bool { unsafe PyObject_CheckBuffer(pointer) != 0 }
    /// Whether its type has `__iter__`.
    package var isIterable: Bool { unsafe PyType_GetSlot(sb_type(pointer), Py_tp_iter) != nil }
    package var isCapsule: Bool { unsafe sb_is_capsule(pointer) != 0 }
    /// Whether the object can be called. Source: `PyCallable_Check`.
    @inlinable public var isCallable: Bool { unsafe PyCallable_Check(pointer) != 0 }

    /// The type of the object.
    @inlinable public var type: ObjectReference {
        unsafe ObjectReference(
            pointer: UnsafeMutableRawPointer(sb_type(pointer)).assumingMemoryBound(to: PyObject.self))
    }

    /// The name of the object's type, for messages.
    public var typeName: String { typeNameOf(self) }

    /// The object as a type object, as C functions take it.
    ///
    /// - Precondition: ``isType``.
    @inlinable @inline(__always)
    package var typePointer: UnsafeMutablePointer<PyTypeObject> {
        unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: PyTypeObject.self)
    }

    /// Whether the object is true (Python's `bool(object)`).
    public func truth() throws(PythonError) -> Bool {
        let truth = unsafe PyObject_IsTrue(pointer)
        if truth < 0 { throw PythonError.pending() }
        return truth != 0
    }
}

extension PythonObject {
    /// Whether the object is an `int`, or of a derived class, such as `bool`.
    public var isInt: Bool { unsafe reference.isInt }
    /// Whether the object is `True` or `False`.
    public var isBool: Bool { unsafe reference.isBool }
    /// Whether the object is a `str`, or of a derived class.
    public var isString: Bool { unsafe reference.isString }
    /// Whether the object is a `tuple`, or of a derived class.
    public var isTuple: Bool { unsafe reference.isTuple }
    /// Whether the object is a `list`, or of a derived class.
    public var isList: Bool { unsafe reference.isList }
    /// Whether the object is a class.
    public var isType: Bool { unsafe reference.isType }

    /// The object as a type object, as C functions take it, for as long as this reference lives.
    ///
    /// - Precondition: the object is a type.
    package var typePointer: UnsafeMutablePointer<PyTypeObject> { unsafe reference.typePointer }
}
