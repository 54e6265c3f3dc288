"""BUF8: what a consumer does with the buffers that it acquires."""

from __future__ import annotations

from swiftbuffer._check.codes import Code, entry

__all__ = ["CODES"]

CODES: tuple[Code, ...] = (
    entry(
        801,
        "used-after-release",
        "violation",
        "the memory is used, and no buffer of it is held",
        "acquire",
        "Memory may be used from PyObject_GetBuffer to PyBuffer_Release; a reference to the object does not keep it.",
        "Where the object is resized or closed, the consumer reads and overwrites what others have put there since.",
        "Keep the Py_buffer, or a memoryview, for as long as the memory is used, and release it then.",
    ),
    entry(
        802,
        "never-released",
        "violation",
        "a buffer is still held after the consumer's result is gone",
        "acquire",
        "Every buffer that was acquired is released exactly once.",
        "The object can never be resized or closed again, and is never freed.",
        "Release on every path, those of errors too, and where the object that holds the buffer is deallocated.",
    ),
    entry(
        803,
        "released-twice",
        "violation",
        "a buffer is released twice",
        "release",
        "PyBuffer_Release is called once for each buffer; it sets view->obj to NULL in the struct that it is given.",
        "The exporter counts too few exports, so that it resizes under another consumer, and loses a reference.",
        "Release the struct itself and not copies of it, and only once.",
    ),
    entry(
        804,
        "made-up-release",
        "violation",
        "a Py_buffer is released that no request has filled in",
        "release",
        "What is released is the Py_buffer that PyObject_GetBuffer filled in, internal included, or a copy of it.",
        "An exporter that keeps its own data in view->internal reads whatever stands there, and crashes.",
        "Keep the whole Py_buffer, not only its address, its length and the object.",
    ),
    entry(
        805,
        "read-only-written",
        "violation",
        "memory that is read-only was written",
        "readonly",
        "Who wants to write asks with PyBUF_WRITABLE, or looks whether readonly is 0.",
        "Constants change their value, or the process crashes.",
        "Ask with PyBUF_WRITABLE, and let the refusal through.",
    ),
)
