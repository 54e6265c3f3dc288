"""The codes, one entry each: the one place that says what is checked. `docs/codes` is written from it."""

from __future__ import annotations

from swiftbuffer._check.codes import MANUAL, Code, Severity

__all__ = ["CATALOGUE"]

_SECTIONS = {
    "structure": ("Buffer Protocol, Buffer structure", f"{MANUAL}#buffer-structure"),
    "independent": ("Buffer Protocol, request-independent fields", f"{MANUAL}#request-independent-fields"),
    "readonly": ("Buffer Protocol, readonly, format", f"{MANUAL}#readonly-format"),
    "shape": ("Buffer Protocol, shape, strides, suboffsets", f"{MANUAL}#shape-strides-suboffsets"),
    "contiguity": ("Buffer Protocol, contiguity requests", f"{MANUAL}#contiguity-requests"),
    "arrays": ("Buffer Protocol, NumPy-style: shape and strides", f"{MANUAL}#numpy-style-shape-and-strides"),
    "pil": ("Buffer Protocol, PIL-style: shape, strides and suboffsets", f"{MANUAL}#pil-style-shape-strides-and-suboffsets"),
    "getbuffer": (
        "Buffer Object Structures, bf_getbuffer",
        "https://docs.python.org/3/c-api/typeobj.html#c.PyBufferProcs.bf_getbuffer",
    ),
    "releasebuffer": (
        "Buffer Object Structures, bf_releasebuffer",
        "https://docs.python.org/3/c-api/typeobj.html#c.PyBufferProcs.bf_releasebuffer",
    ),
    "acquire": ("Buffer Protocol, PyObject_GetBuffer", f"{MANUAL}#c.PyObject_GetBuffer"),
    "pep688": ("PEP 688", "https://peps.python.org/pep-0688/"),
    "pep3118": ("PEP 3118", "https://peps.python.org/pep-3118/"),
    "memoryview": ("memoryview, the reference implementation", "https://docs.python.org/3/c-api/memoryview.html"),
}

CATALOGUE: dict[str, Code] = {}
"""Every code, in order."""


def _add(
    number: int, name: str, severity: Severity, title: str, section: str, rule: str, consequence: str, remedy: str
) -> None:
    code = f"BUF{number}"
    CATALOGUE[code] = Code(code, name, severity, title, rule, *_SECTIONS[section], consequence, remedy)


# -- BUF1: what each field says --------------------------------------------------------------------------------------

_add(
    101, "field-unfilled", "violation", "a field of the Py_buffer was not filled in", "structure",
    "Whoever grants a request fills every field of the Py_buffer: what does not apply is set to NULL or 0.",
    "Consumers pass a Py_buffer straight from the stack, and read whatever stood there before.",
    "Set every field in getbuffer, on every path that returns 0.",
)
_add(
    102, "owner-null", "violation", "the request was granted with view->obj NULL", "structure",
    "view->obj is a new reference to the exporter; exporters must not leave it NULL.",
    "Nothing keeps the memory alive while it is read, and releasebuffer is never called.",
    "Set view->obj to the exporter and take a reference.",
)
_add(
    103, "shape-missing", "violation", "the shape was asked for and is NULL", "shape",
    "With PyBUF_ND, shape holds ndim lengths; only for ndim 0 may it be NULL.",
    "A consumer that indexes shape, as all that ask for it do, reads address 0.",
    "Point shape at ndim lengths that live as long as the export.",
)
_add(
    104, "shape-unasked", "violation", "the shape was not asked for and is set", "shape",
    "Without PyBUF_ND, shape is NULL.",
    "Consumers take a shape that is set for one that they asked for, and treat plain bytes as N-dimensional.",
    "Set shape only when (flags & PyBUF_ND) == PyBUF_ND.",
)
_add(
    105, "strides-missing", "violation", "the strides were asked for and are NULL", "shape",
    "With PyBUF_STRIDES, strides holds ndim entries; only for ndim 0 may it be NULL.",
    "A consumer that asked for strides and indexes them reads address 0.",
    "Point strides at ndim entries; PyBuffer_FillContiguousStrides computes those of C order.",
)
_add(
    106, "strides-unasked", "violation", "the strides were not asked for and are set", "shape",
    "Without PyBUF_STRIDES, strides is NULL.",
    "A consumer that copies the answer on sees a request granted that nobody made.",
    "Set strides only when (flags & PyBUF_STRIDES) == PyBUF_STRIDES.",
)
_add(
    107, "suboffsets-unasked", "violation", "the suboffsets were not asked for and are set", "shape",
    "Without PyBUF_INDIRECT, suboffsets is NULL.",
    "A consumer that cannot follow pointers did not ask for them; one that looks anyway may follow what is no pointer.",
    "Set suboffsets only when (flags & PyBUF_INDIRECT) == PyBUF_INDIRECT.",
)
_add(
    108, "suboffsets-needless", "violation", "all suboffsets are negative, and suboffsets is not NULL", "structure",
    "Where no axis follows a pointer, suboffsets is NULL.",
    "Consumers test suboffsets for NULL, take the memory for indirect, and refuse it or copy it slowly.",
    "Set suboffsets to NULL unless at least one entry is 0 or more.",
)
_add(
    109, "format-missing", "violation", "the format was asked for and is NULL", "readonly",
    "With PyBUF_FORMAT, format is filled in correctly.",
    "The consumer takes the items for unsigned bytes, or reads address 0.",
    "Point format at the struct-style format of one item.",
)
_add(
    110, "format-unasked", "violation", "the format was not asked for and is set", "readonly",
    "Without PyBUF_FORMAT, format is NULL.",
    "A consumer that knows only bytes, and asked for no format, sees one that it cannot read and refuses.",
    "Set format only when (flags & PyBUF_FORMAT) == PyBUF_FORMAT.",
)
_add(
    111, "ndim-out-of-range", "violation", "ndim is negative or above 64", "structure",
    "ndim lies between 0 and PyBUF_MAX_NDIM, which is 64.",
    "Consumers copy shape and strides into arrays of 64 entries, and write past their end.",
    "Refuse to export with BufferError what has more than 64 dimensions.",
)
_add(
    112, "length-negative", "violation", "the shape holds a negative length", "structure",
    "Every entry of shape is 0 or more.",
    "Loops over the axis run off backwards, and products of the shape overflow.",
    "Export an empty axis as 0.",
)
_add(
    113, "len-mismatch", "violation", "len is not the product of shape and itemsize", "independent",
    "len is product(shape) * itemsize: what the memory takes as a contiguous copy.",
    "Consumers allocate len bytes and copy by shape, or the other way round: one of them overruns.",
    "Compute len from shape and itemsize; for strided memory too it counts items, not the span.",
)
_add(
    114, "itemsize-mismatch", "violation", "itemsize is not the size that the format has", "independent",
    "itemsize is struct.calcsize(format), and never negative.",
    "struct.unpack_from and memoryview indexing read items of the wrong size, or refuse.",
    "Make the format tell the truth: l is 8 bytes in native mode and 4 after <, > or =.",
)
_add(
    115, "scalar-with-axes", "violation", "ndim is 0, and shape, strides or suboffsets is set", "structure",
    "For ndim 0 there is one item: shape, strides and suboffsets are NULL.",
    "A consumer that tests the pointers for NULL takes a scalar for an array.",
    "Set all three to NULL for 0-d memory.",
)
_add(
    116, "array-unreadable", "violation", "format, shape, strides or suboffsets leads to no memory", "independent",
    "The arrays hold ndim entries each, and stay readable until the release.",
    "The consumer crashes.",
    "Keep the arrays in the exporter or in an allocation that view->internal points to, not on the stack.",
)
_add(
    117, "format-unknown", "deviation", "the format is neither struct's nor PEP 3118's", "pep3118",
    "Formats are written in the syntax of the struct module with PEP 3118's additions.",
    "No consumer can read the items.",
    "Describe the item as a T{...} of known parts, or as bytes.",
)

# -- BUF2: where the memory is ---------------------------------------------------------------------------------------

_add(
    201, "c-order-broken", "violation", "C order was asked for and granted, and the memory is not in C order",
    "contiguity",
    "PyBUF_C_CONTIGUOUS is granted only for memory in C order; for other memory it is refused with BufferError.",
    "The consumer reads len bytes in a row: wrong items, and bytes beyond the memory.",
    "Test the strides, and refuse.",
)
_add(
    202, "f-order-broken", "violation",
    "Fortran order was asked for and granted, and the memory is not in Fortran order", "contiguity",
    "PyBUF_F_CONTIGUOUS is granted only for memory in Fortran order.",
    "Linear algebra reads the matrix transposed, or wrong items.",
    "Test the strides, and refuse.",
)
_add(
    203, "contiguity-broken", "violation", "contiguous memory was asked for and granted, and it is in neither order",
    "contiguity",
    "PyBUF_ANY_CONTIGUOUS is granted only for memory in C or in Fortran order.",
    "The consumer reads len bytes in a row: wrong items, and bytes beyond the memory.",
    "Test the strides, and refuse.",
)
_add(
    204, "strides-hidden", "violation", "no strides were asked for, and memory that is not in C order was granted",
    "shape",
    "Who does not ask for strides is promised memory in C order.",
    "bytes(obj), hashing, files and sockets read wrong bytes, and bytes beyond the memory.",
    "Refuse requests without PyBUF_STRIDES for memory that is not in C order.",
)
_add(
    205, "suboffsets-hidden", "violation", "pointers must be followed, and a request without PyBUF_INDIRECT was granted",
    "pil",
    "Memory with suboffsets is granted only to who asks with PyBUF_INDIRECT.",
    "The consumer reads the table of pointers as if it were items.",
    "Refuse requests without PyBUF_INDIRECT.",
)
_add(
    206, "memory-unreadable", "violation", "items lie where no memory is", "independent",
    "Every item that shape and strides describe lies inside the exporter's memory.",
    "The consumer crashes.",
    "Check shape, strides and buf against the allocation; with negative strides, buf is the last item's address.",
)

# -- BUF3: how a request is refused ----------------------------------------------------------------------------------

_add(
    301, "wrong-exception", "violation", "a refusal raises something other than BufferError", "acquire",
    "A request that cannot be granted raises BufferError.",
    "Consumers that try another request after BufferError fail instead.",
    "Raise BufferError; MemoryError alone is an honest other reason.",
)
_add(
    302, "owner-left", "deviation", "a refusal leaves view->obj as it was", "acquire",
    "On refusal view->obj is set to NULL; the manual asks for it, and parts of CPython do not do it.",
    "A consumer that releases on its error path drops a reference to whatever stood there.",
    "Set view->obj to NULL before anything else.",
)
_add(
    303, "refusal-silent", "violation", "a refusal sets no exception", "acquire",
    "Whoever returns -1 has set an exception.",
    "Python raises SystemError, far from the cause.",
    "Set BufferError with PyErr_SetString before returning -1.",
)
_add(
    304, "exception-left", "violation", "a granted request leaves an exception set", "getbuffer",
    "Whoever returns 0 leaves no exception behind.",
    "The exception surfaces in some later, innocent call, or as SystemError.",
    "Clear it with PyErr_Clear, or return -1.",
)
_add(
    305, "status-unknown", "violation", "getbuffer returned neither 0 nor -1", "getbuffer",
    "getbuffer returns 0 for a granted request and -1 for a refused one.",
    "Some consumers test for -1, others for not 0: they disagree whether they hold a buffer.",
    "Return 0 or -1.",
)
_add(
    306, "answer-unsteady", "inconsistency", "the same request is granted at one time and refused at another",
    "getbuffer",
    "What an exporter can provide depends on the request and on its memory.",
    "Consumers work and fail by chance.",
    "Decide by the flags and the layout alone.",
)
_add(
    307, "refused-needlessly", "deviation", "a request is refused that the memory could serve", "acquire",
    "A request is refused where the exporter cannot provide what it asks for.",
    "Consumers copy, or fail, where they could read in place.",
    "Grant every request that the layout allows: contiguous memory serves all of them.",
)

# -- BUF4: may it be written? ----------------------------------------------------------------------------------------

_add(
    401, "writable-readonly", "violation", "writable memory was asked for and granted, and the answer says read-only",
    "readonly",
    "With PyBUF_WRITABLE, the exporter provides a writable buffer or refuses.",
    "The consumer writes memory that must not change, such as that of a bytes object.",
    "Refuse PyBUF_WRITABLE with BufferError for read-only memory.",
)
_add(
    402, "readonly-differs", "violation", "readonly differs from one answer to the next", "readonly",
    "Whether memory is read-only is the same for all consumers.",
    "One consumer writes what another was told cannot change, and has hashed or cached.",
    "Answer readonly from the memory, not from the request.",
)
_add(
    403, "readonly-untrue", "violation", "readonly is 0, and requests for writable memory are refused", "readonly",
    "readonly tells whether the memory may be written, also to who did not ask.",
    "A consumer writes through a buffer that it had no leave to write.",
    "Answer readonly 1 where PyBUF_WRITABLE is refused.",
)
_add(
    404, "readonly-not-boolean", "deviation", "readonly is neither 0 nor 1", "structure",
    "readonly is a truth value; CPython's PyBuffer_FillInfo compares it with 1.",
    "Code that tests for 1 takes the memory for writable.",
    "Answer 0 or 1.",
)
_add(
    405, "write-protected", "violation", "readonly is 0, and the pages are write-protected", "readonly",
    "readonly 0 means that the consumer may write.",
    "The first write ends the process.",
    "Answer readonly 1 for memory mapped without PROT_WRITE and for constants.",
)

# -- BUF5: while it is held, and after -------------------------------------------------------------------------------

_add(
    501, "memory-differs", "violation", "requests are answered with different memory", "getbuffer",
    "All consumers see the same memory.",
    "What one consumer writes the other never reads.",
    "Keep one block of memory and hand its address to everyone.",
)
_add(
    502, "layout-differs", "violation", "requests are answered with different layouts", "independent",
    "len, itemsize, shape, strides and format are those of the memory, the same in every answer that holds them.",
    "Two views of one object disagree on what is in it.",
    "Describe the memory once, and leave fields out as the request says.",
)
_add(
    503, "answer-changes", "violation", "an answer changed while it was held", "getbuffer",
    "While a buffer is exported, neither its memory nor its shape, strides and format change.",
    "A consumer in the middle of a loop reads by another shape than it began with.",
    "Give each export arrays that no other export overwrites, freed at its own release.",
)
_add(
    504, "reference-leak", "violation", "references to the exporter are left after the release", "getbuffer",
    "getbuffer takes one reference, for view->obj, and none when it refuses.",
    "The object and its memory are never freed.",
    "Take the reference last, after everything that can fail.",
)
_add(
    505, "reference-stolen", "violation", "the exporter has fewer references after the release than before",
    "releasebuffer",
    "releasebuffer does not decrease the reference of view->obj: PyBuffer_Release does.",
    "The object is freed while others use it.",
    "Leave view->obj alone in releasebuffer.",
)
_add(
    506, "copied-release", "violation", "the release fails when it gets a copy of the Py_buffer", "releasebuffer",
    "Consumers, memoryview among them, move the struct: releasebuffer may get a copy of what getbuffer filled.",
    "Buffers that went through a memoryview are never released, or crash when they are.",
    "Find your state through view->internal or in the exporter, never by the address of the struct.",
)
_add(
    507, "export-leak", "violation", "the object stays locked after the last release", "releasebuffer",
    "When the last buffer is released, the memory may change again.",
    "The object can never be resized or closed again.",
    "Count exports in getbuffer, only where it grants, and count back in releasebuffer.",
)
_add(
    508, "resized-while-exported", "violation", "the object was resized under a live buffer", "getbuffer",
    "While a buffer is exported its memory neither moves nor changes size: resizing raises BufferError.",
    "The consumer reads and writes memory that was freed.",
    "Count exports, and refuse to resize while there are any.",
)
_add(
    509, "freed-while-exported", "violation", "closing the object freed the memory under a live buffer", "getbuffer",
    "The memory stays until the last buffer is released.",
    "The consumer reads and writes memory that was freed.",
    "Refuse to close while there are exports, or free the memory at the last release.",
)
_add(
    510, "exclusive", "deviation", "a second buffer is refused while the first is held", "getbuffer",
    "An object may be asked for buffers any number of times, and counts them.",
    "memoryview(obj) works until somebody else looks at the same object.",
    "Count exports instead of allowing one.",
)
_add(
    511, "threads-disagree", "violation", "threads that ask at the same time get other answers", "getbuffer",
    "getbuffer may be called by several threads; without a global lock, at once.",
    "Consumers in worker threads fail by chance, or hold half an answer.",
    "Keep what an answer needs in the answer; change shared counts atomically.",
)
_add(
    512, "release-raises", "violation", "the release leaves an exception set", "releasebuffer",
    "releasebuffer cannot fail and returns nothing.",
    "The exception surfaces in some later, innocent call, or as SystemError.",
    "Handle errors in releasebuffer, or report them with PyErr_WriteUnraisable.",
)

# -- BUF6: in Python -------------------------------------------------------------------------------------------------

_add(
    601, "dunder-missing", "inconsistency", "the type exports buffers in C and has no __buffer__ in Python", "pep688",
    "Since Python 3.12 every exporter has __buffer__ and is an instance of collections.abc.Buffer.",
    "isinstance(obj, collections.abc.Buffer) is false, and the object is refused.",
    "Leave __buffer__ to Python, which makes it for every type with bf_getbuffer.",
)
_add(
    602, "dunder-differs", "inconsistency", "__buffer__ answers otherwise than the C slot", "pep688",
    "__buffer__(flags) is the same request as PyObject_GetBuffer.",
    "Python code and C code see different memory of one object.",
    "Leave __buffer__ to Python, which makes it for every type with bf_getbuffer.",
)

# -- BUF7: contested points ------------------------------------------------------------------------------------------

_add(
    701, "ndim-unasked", "deviation", "without a shape, ndim is not 1", "memoryview",
    "Who asks for no shape gets bytes in a row: memoryview says ndim 1. Precedents disagree.",
    "A consumer that loops over ndim axes finds no shape to go by.",
    "Answer ndim 1 when PyBUF_ND is not asked for.",
)
_add(
    702, "itemsize-unasked", "inconsistency", "without a shape, itemsize, ndim and len contradict each other",
    "independent",
    "itemsize stays that of the true format; ndim 0 means that len is one itemsize.",
    "A consumer that trusts ndim 0 reads one item of many; one that divides len by itemsize counts wrong.",
    "Keep the true itemsize, and answer ndim 1.",
)
_add(
    703, "format-without-shape", "deviation", "PyBUF_FORMAT is granted without PyBUF_ND", "memoryview",
    "Bytes without a shape have no format: memoryview refuses SIMPLE|FORMAT. Precedents disagree.",
    "A consumer may rely on it, and fail with memoryview.",
    "Refuse PyBUF_FORMAT where PyBUF_ND is not asked for.",
)
_add(
    704, "partial-flag", "deviation", "single bits of a flag, or PyBUF_READ or PyBUF_WRITE, count as the whole flag",
    "memoryview",
    "A flag is asked for only when all its bits are set; memoryview takes any other bit for SIMPLE.",
    "Consumers that pass further bits get fields that they did not ask for, or a refusal.",
    "Test (flags & PyBUF_STRIDES) == PyBUF_STRIDES, never flags & PyBUF_STRIDES.",
)

# -- BUF9: the check itself ------------------------------------------------------------------------------------------

_add(
    901, "crash", "violation", "the process crashed", "getbuffer",
    "No request ends the process.",
    "Whoever asks so, from Python alone if they like, ends the process.",
    "Run the request that is named here under a debugger.",
)
_add(
    902, "hang", "violation", "no answer came in time", "getbuffer",
    "getbuffer returns.",
    "The consumer waits for ever.",
    "Look for a lock that is held while Python code runs.",
)
