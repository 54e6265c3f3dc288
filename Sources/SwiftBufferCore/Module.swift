internal import CPython
internal import PythonBuffers

@c func sb_test() { _ = unsafe noneObject() }
