internal import PythonBuffers
internal import CPython
@c func sb_test() { _ = unsafe noneObject() }
