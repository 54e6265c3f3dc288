# SPDX-License-Identifier: Apache-2.0
"""The tests of CPython's own suites that `View` does not pass, each with the reason: "Class.test", with `*`
for the classes that repeat a test for several kinds of exporter.

A test is here only because it asserts a refusal that `View` lifts on purpose, or something that only CPython's own type
can be. `suite.py` fails if a test that is not here fails, and also if one that is here passes.
"""

import sys

EXPECTED: dict[str, str] = {
    # test_memoryview.py, the same test in a class for each kind of exporter
    "*Memory*Test.test_setitem_writable": "a tuple is an index of several dimensions: too many are an IndexError",
    "*Memory*Test.test_getitem": "m[None] adds a dimension, as in NumPy",
    "OtherTest.test_copy": "copy.copy gives an Array",
    "OtherTest.test_pickle": "pickling gives an Array",
    # test_buffer.py
    "TestBufferProtocol.test_memoryview_assign": "items of every format, and 0-d memory with '...', are assigned to",
    "TestBufferProtocol.test_memoryview_cast_invalid": "any format is cast to any other",
    "TestBufferProtocol.test_memoryview_cast_zero_shape": "memory without items is cast",
    "TestBufferProtocol.test_memoryview_compare_special_cases": "more formats are read: equal items are equal",
    "TestBufferProtocol.test_memoryview_index": "memory of several dimensions and of every format is indexed",
    "TestBufferProtocol.test_memoryview_repr": "the text begins with <swiftbuffer.View, the name of the type",
    "TestBufferProtocol.test_memoryview_slice": "memory of several dimensions is sliced, and () selects all of it",
    "TestBufferProtocol.test_memoryview_tolist": "items of every format are read",
    "TestBufferProtocol.test_ndarray_slice_invalid": "a slice is assigned from a list",
    "TestBufferProtocol.test_memoryview_sizeof": "asks for the size of CPython's own struct; View tells its own",
}

if sys.version_info >= (3, 12):
    # A `__buffer__` written in Python must return an exact memoryview, and these let it return the replaced name.
    EXPECTED |= dict.fromkeys(
        [
            "TestPythonBufferProtocol.test_basic",
            "TestPythonBufferProtocol.test_buffer_flags",
            "TestPythonBufferProtocol.test_c_buffer",
            "TestPythonBufferProtocol.test_inherit_but_return_something_else",
            "TestPythonBufferProtocol.test_multiple_inheritance_buffer_last",
            "TestPythonBufferProtocol.test_release_buffer",
            "TestPythonBufferProtocol.test_release_buffer_with_exception_set",
            "TestPythonBufferProtocol.test_release_saves_reference_no_subclassing",
            "TestPythonBufferProtocol.test_same_buffer_returned",
        ],
        "CPython takes nothing but a real memoryview from __buffer__ (PEP 688)",
    )

if sys.version_info >= (3, 13):
    EXPECTED["TestBufferProtocol.test_memoryview_compare_special_cases_deprecated_u_type_code"] = EXPECTED[
        "TestBufferProtocol.test_memoryview_compare_special_cases"
    ]
