public import CPython
internal import CPythonShims

public func noneObject() -> UnsafeMutablePointer<PyObject> { unsafe sb_none() }
