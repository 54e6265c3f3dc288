// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// Swift objects in a Python dict, each under a `str`: what one interpreter keeps, and drops with the dict.
package struct KeptValues<Value: AnyObject>: ~Copyable {
    private let dictionary: PythonObject
    /// So many are kept; then all are dropped, and those in use are kept once more.
    private let limit: Int

    /// - Parameter dictionary: a dict that nothing else puts values into.
    package init(in dictionary: ObjectReference, limit: Int) {
        // Another reference, as its owner may let go of it meanwhile.
        self.dictionary = PythonObject(borrowing: dictionary)
        self.limit = limit
    }

    /// The value under a key; `nil` where there is none.
    ///
    /// - Precondition: `key` is exactly a `str`, whose hash and comparison run no Python code.
    package func value(of key: ObjectReference) -> Value? {
        guard let capsule = unsafe sb_dict_item(dictionary.pointer, key.pointer) else {
            PyErr_Clear()
            return nil
        }
        defer { unsafe sb_decref(capsule) }
        guard let value = unsafe PyCapsule_GetPointer(capsule, nil) else {
            PyErr_Clear()
            return nil
        }
        return unsafe Unmanaged<Value>.fromOpaque(value).takeUnretainedValue()
    }

    /// Keeps a value under a key. Without memory for it nothing is kept.
    ///
    /// - Precondition: as for ``value(of:)``.
    package func keep(_ value: Value, of key: ObjectReference) {
        if unsafe PyDict_Size(dictionary.pointer) >= limit { unsafe PyDict_Clear(dictionary.pointer) }
        let kept = unsafe Unmanaged.passRetained(value)
        let made = unsafe PyCapsule_New(kept.toOpaque(), nil) { capsule in
            guard let value = unsafe PyCapsule_GetPointer(capsule, nil) else { return }
            unsafe Unmanaged<AnyObject>.fromOpaque(value).release()
        }
        guard let capsule = unsafe made else {
            PyErr_Clear()
            return unsafe kept.release()
        }
        if unsafe PyDict_SetItem(dictionary.pointer, key.pointer, capsule) < 0 { PyErr_Clear() }
        unsafe sb_decref(capsule)
    }
}
