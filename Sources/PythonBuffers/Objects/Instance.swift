// SPDX-License-Identifier: Apache-2.0
package import CPython
public import CPythonShims

/// Python objects that contain a Swift value: where it is stored, and how both are made and freed.
///
/// Every instance begins with an ``ExportRecord``, so that any type of this library may export, and holds the value
/// behind it. The closures of a type's slots name the concrete type: `Instance<Frame>.deallocate($0)`.
@usableFromInline package enum Instance<Value: ~Copyable> {
    /// Bytes of an instance: `basicSize` of its type.
    package static var size: Int { offset + MemoryLayout<Value>.stride }

    @inlinable static var offset: Int {
        // Python aligns objects to 16 bytes.
        precondition(MemoryLayout<Value>.alignment <= 16)
        let mask = MemoryLayout<Value>.alignment - 1
        return unsafe (MemoryLayout<SBExporter>.size + mask) & ~mask
    }

    /// The value inside of an instance.
    ///
    /// - Precondition: `object` was made by ``make(of:_:)`` for this `Value`, and has not been freed.
    @inlinable package static func value(in object: ObjectReference) -> UnsafeMutablePointer<Value> {
        unsafe (UnsafeMutableRawPointer(object.pointer) + offset).assumingMemoryBound(to: Value.self)
    }

    /// A new instance of `type`, which was defined with ``size``.
    ///
    /// - Throws: `MemoryError`.
    package static func make(of type: ObjectReference, _ value: consuming Value) throws(PythonError) -> PythonObject {
        let type = unsafe type.typePointer
        // Zeroed by CPython: an empty record that is neither closed nor exported.
        let object = try unsafe PythonObject(result: sb_allocate(type, 0))
        unsafe self.value(in: object.reference).initialize(to: value)
        return object
    }

    /// The slot `tp_dealloc`: destroys the value and frees the object.
    package static func deallocate(_ object: ObjectReference) {
        let type = unsafe sb_type(object.pointer)
        if unsafe sb_is_collected(type) != 0 { unsafe PyObject_GC_UnTrack(object.pointer) }
        unsafe value(in: object).deinitialize(count: 1)
        freeInstance(object)
    }
}

/// Frees an object whose fields are released: the last step of a `tp_dealloc`.
///
/// - Precondition: the collector does not track the object.
package func freeInstance(_ object: ObjectReference) {
    let type = unsafe sb_type(object.pointer)
    unsafe sb_free(type, object.pointer)
    // An instance of a heap type holds a reference to it.
    unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
}

/// Frees an object of a collected type that consists of C fields: the last step of its `tp_dealloc`.
///
/// - Precondition: the fields are released, and the collector no longer tracks the object.
package func freeCollected(_ object: ObjectReference) {
    let type = unsafe sb_type(object.pointer)
    unsafe PyObject_GC_Del(object.pointer)
    // An instance of a heap type holds a reference to it.
    unsafe sb_decref(UnsafeMutableRawPointer(type).assumingMemoryBound(to: PyObject.self))
}

/// Calls the collector's visitor for one reference that an object holds, NULL included; the body of a `tp_traverse`.
package func visit(_ object: ObjectReference?, _ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
    guard let visitor = unsafe visitor else { return 0 }
    return unsafe sb_visit(object?.pointer, visitor, context)
}

/// Calls the collector's visitor for the type of an instance of a heap type.
package func visitType(
    of object: ObjectReference?, _ visitor: visitproc?, _ context: UnsafeMutableRawPointer?
) -> CInt {
    guard let object else { return 0 }
    return unsafe visit(
        object.type, visitor, context)
}
