// SPDX-License-Identifier: Apache-2.0

// Python's own objects: references, types, and the items of numbers, strings and containers.
#ifndef SWIFTBUFFER_OBJECTS_H
#define SWIFTBUFFER_OBJECTS_H

#include "References.h"

#pragma clang assume_nonnull begin

SB_HOT void sb_incref(PyObject *object) { Py_INCREF(object); }
SB_HOT void sb_decref(PyObject *object) { Py_DECREF(object); }
SB_HOT Py_ssize_t sb_reference_count(SBObject object) { return Py_REFCNT(object.pointer); }
SB_HOT PyTypeObject *sb_type(PyObject *object) { return Py_TYPE(object); }
SB_HOT PyObject *sb_object_type(void) { return (PyObject *)&PyBaseObject_Type; }
SB_HOT PyObject *sb_none(void) { return Py_None; }
SB_HOT PyObject *sb_true(void) { return Py_True; }
SB_HOT PyObject *sb_false(void) { return Py_False; }
SB_HOT PyObject *sb_ellipsis(void) { return Py_Ellipsis; }
SB_HOT PyObject *sb_not_implemented(void) { return Py_NotImplemented; }

SB_HOT int sb_is_bool(SBObject object) { return PyBool_Check(object.pointer); }
SB_HOT int sb_is_int(SBObject object) { return PyLong_Check(object.pointer); }
SB_HOT int sb_is_exact_int(SBObject object) { return PyLong_CheckExact(object.pointer); }
SB_HOT int sb_is_exact_float(SBObject object) { return PyFloat_CheckExact(object.pointer); }
SB_HOT int sb_is_exact_complex(SBObject object) { return PyComplex_CheckExact(object.pointer); }
SB_HOT int sb_is_exact_bytes(SBObject object) { return PyBytes_CheckExact(object.pointer); }
SB_HOT int sb_is_float(SBObject object) { return PyFloat_Check(object.pointer); }
SB_HOT int sb_is_complex(SBObject object) { return PyComplex_Check(object.pointer); }
SB_HOT int sb_is_bytes(SBObject object) { return PyBytes_Check(object.pointer); }
SB_HOT int sb_is_bytearray(SBObject object) { return PyByteArray_Check(object.pointer); }
SB_HOT int sb_is_str(SBObject object) { return PyUnicode_Check(object.pointer); }
SB_HOT int sb_is_exact_str(SBObject object) { return PyUnicode_CheckExact(object.pointer); }
SB_HOT int sb_is_exact_dict(SBObject object) { return PyDict_CheckExact(object.pointer); }
SB_HOT int sb_is_exact_list(SBObject object) { return PyList_CheckExact(object.pointer); }
SB_HOT int sb_is_tuple(SBObject object) { return PyTuple_Check(object.pointer); }
SB_HOT int sb_is_dict(SBObject object) { return PyDict_Check(object.pointer); }
SB_HOT int sb_is_list(SBObject object) { return PyList_Check(object.pointer); }
SB_HOT int sb_is_slice(SBObject object) { return PySlice_Check(object.pointer); }
SB_HOT int sb_is_type(SBObject object) { return PyType_Check(object.pointer); }
SB_HOT int sb_is_memoryview(SBObject object) { return PyMemoryView_Check(object.pointer); }
SB_HOT int sb_is_range(SBObject object) { return PyRange_Check(object.pointer); }

// Which of Python's own types of numbers an object is: '?', 'q', 'd' or 'Z' for bool, int, float and complex, 0 for none.
static inline int sb_number_type(SBObject reference) {
    PyObject *object = reference.pointer;
    return object == (PyObject *)&PyBool_Type      ? '?'
           : object == (PyObject *)&PyLong_Type    ? 'q'
           : object == (PyObject *)&PyFloat_Type   ? 'd'
           : object == (PyObject *)&PyComplex_Type ? 'Z'
                                                   : 0;
}

SB_HOT double sb_float_value(PyObject *object) { return PyFloat_AS_DOUBLE(object); }
// The value of an exact int of one digit, which most indices are; SB_NOT_SMALL for any other object.
#define SB_NOT_SMALL (PY_SSIZE_T_MIN / 2) // no digit reaches it
SB_HOT Py_ssize_t sb_not_small(void) { return SB_NOT_SMALL; }
SB_HOT Py_ssize_t sb_small_int(SBObject reference) {
    PyObject *object = reference.pointer;
    if (!PyLong_CheckExact(object)) {
        return SB_NOT_SMALL;
    }
#if PY_VERSION_HEX >= 0x030C0000
    return PyUnstable_Long_IsCompact((PyLongObject *)object) ? PyUnstable_Long_CompactValue((PyLongObject *)object)
                                                            : SB_NOT_SMALL;
#else
    Py_ssize_t size = Py_SIZE(object);
    return size < -1 || size > 1 ? SB_NOT_SMALL : size * (Py_ssize_t)((PyLongObject *)object)->ob_digit[0];
#endif
}

// The value of an exact int that a machine word holds, and whether there is one.
typedef struct {
    int64_t value;
    int is_valid;
} SBWord;
SB_HOT SBWord sb_int_word(SBObject reference) {
    Py_ssize_t small = sb_small_int(reference);
    if (small != SB_NOT_SMALL) {
        return (SBWord){small, 1};
    }
    if (!PyLong_CheckExact(reference.pointer)) {
        return (SBWord){0, 0};
    }
    int overflow;
    int64_t value = PyLong_AsLongLongAndOverflow(reference.pointer, &overflow);
    return (SBWord){value, overflow == 0};
}
// The value of an exact int, or of a bool, where 64 bits hold it: no Python code runs, and no exception is set.
typedef struct {
    int64_t value;
    int isFound;
} SBInt64;
SB_HOT SBInt64 sb_exact_int64(SBObject reference) {
    SBWord word = sb_int_word(reference);
    if (word.is_valid) {
        return (SBInt64){word.value, 1};
    }
    return (SBInt64){reference.pointer == Py_True, PyBool_Check(reference.pointer)};
}
// The value of a positive exact int that a signed machine word holds, as most addresses are; 0 for any other object.
SB_HOT uint64_t sb_small_address(SBObject reference) {
    SBWord word = sb_int_word(reference);
    return word.is_valid && word.value > 0 ? (uint64_t)word.value : 0;
}
// As sb_exact_int64, without a sign.
typedef struct {
    uint64_t value;
    int isFound;
} SBUInt64;
SB_HOT SBUInt64 sb_exact_uint64(SBObject reference) {
    SBInt64 narrow = sb_exact_int64(reference);
    if (narrow.isFound) {
        return (SBUInt64){(uint64_t)narrow.value, narrow.value >= 0};
    }
    int overflow = 0;
    if (PyLong_CheckExact(reference.pointer)) {
        PyLong_AsLongLongAndOverflow(reference.pointer, &overflow);
    }
    if (overflow <= 0) {
        return (SBUInt64){0, 0};
    }
#if PY_VERSION_HEX >= 0x030D0000
    uint64_t value = 0;
    Py_ssize_t needed = PyLong_AsNativeBytes(reference.pointer, &value, sizeof value,
                                             Py_ASNATIVEBYTES_NATIVE_ENDIAN | Py_ASNATIVEBYTES_UNSIGNED_BUFFER);
    return (SBUInt64){value, needed <= (Py_ssize_t)sizeof value};
#else
    return (SBUInt64){PyLong_AsUnsignedLongLongMask(reference.pointer), _PyLong_NumBits(reference.pointer) <= 64};
#endif
}
// As sb_exact_int64, for an exact float besides; ints are rounded as float() rounds them.
typedef struct {
    double value;
    int isFound;
} SBDouble;
SB_HOT SBDouble sb_exact_double(SBObject reference) {
    if (PyFloat_CheckExact(reference.pointer)) {
        return (SBDouble){PyFloat_AS_DOUBLE(reference.pointer), 1};
    }
    SBInt64 whole = sb_exact_int64(reference);
    return (SBDouble){(double)whole.value, whole.isFound};
}
// As sb_exact_double, for an exact complex besides.
typedef struct {
    double real, imaginary;
    int isFound;
} SBComplex;
SB_HOT SBComplex sb_exact_complex(SBObject reference) {
    if (PyComplex_CheckExact(reference.pointer)) {
        Py_complex value = ((PyComplexObject *)reference.pointer)->cval;
        return (SBComplex){value.real, value.imag, 1};
    }
    SBDouble real = sb_exact_double(reference);
    return (SBComplex){real.value, 0, real.isFound};
}

// The letter of an exact str that is one ASCII character, 0 for any other object.
SB_HOT uint8_t sb_one_letter(SBObject reference) {
    PyObject *object = reference.pointer;
    return PyUnicode_CheckExact(object) && PyUnicode_IS_COMPACT_ASCII(object) && PyUnicode_GET_LENGTH(object) == 1
               ? *PyUnicode_1BYTE_DATA(object)
               : 0;
}

// An exact str of three ASCII characters, the first in the lowest byte; 0 for any other object.
SB_HOT uint32_t sb_three_letters(SBObject reference) {
    PyObject *object = reference.pointer;
    if (!PyUnicode_CheckExact(object) || !PyUnicode_IS_COMPACT_ASCII(object) || PyUnicode_GET_LENGTH(object) != 3) {
        return 0;
    }
    const uint8_t *text = PyUnicode_1BYTE_DATA(object);
    return (uint32_t)text[0] | (uint32_t)text[1] << 8 | (uint32_t)text[2] << 16;
}

// Whether a str is an ASCII text of so many characters, which a zero follows.
SB_HOT int sb_is_text(SBObject reference, const char *text, Py_ssize_t count) {
    PyObject *object = reference.pointer;
    if (!PyUnicode_CheckExact(object)) {
        return PyUnicode_CompareWithASCIIString(object, text) == 0;
    }
    return PyUnicode_IS_COMPACT_ASCII(object) && PyUnicode_GET_LENGTH(object) == count
           && __builtin_memcmp(PyUnicode_1BYTE_DATA(object), text, (size_t)count) == 0;
}

// The bounds of a slice whose parts are None or small ints, as PySlice_Unpack gives them; of any other object, a step
// of 0.
typedef struct {
    Py_ssize_t start, stop, step;
} SBSlice;
SB_HOT SBSlice sb_small_slice(SBObject reference) {
    PyObject *object = reference.pointer;
    SBSlice none = {0, 0, 0};
    if (!PySlice_Check(object)) {
        return none;
    }
    PySliceObject *slice = (PySliceObject *)object;
    Py_ssize_t step = slice->step == Py_None ? 1 : sb_small_int((SBObject){slice->step});
    Py_ssize_t start = slice->start == Py_None ? (step < 0 ? PY_SSIZE_T_MAX : 0) : sb_small_int((SBObject){slice->start});
    Py_ssize_t stop = slice->stop == Py_None ? (step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX) : sb_small_int((SBObject){slice->stop});
    if (step == SB_NOT_SMALL || start == SB_NOT_SMALL || stop == SB_NOT_SMALL) {
        return none;
    }
    return (SBSlice){start, stop, step};
}

// Work without the GIL stands between these two: a fork waits until it ends. Otherwise the child, which has none of the
// other threads, could find a lock of Swift's runtime or of the allocator taken for ever by one of them. The work must
// not wait for the GIL, which the thread that forks may hold: it pauses first.
void sb_begin_detached_work(void);
void sb_end_detached_work(void);
// Ends it if this thread is in it, before it waits for the GIL; then returns 1, and it is to be begun again afterwards.
int sb_pause_detached_work(void);

// The ints from 0 to 255: objects that every CPython makes when it starts, one set for the whole process, and never
// drops. NULL until sb_prepare has been called.
extern PyObject *_Nullable swiftbuffer_byte_values[256];
// Must be called once by whatever reads many bytes, with a thread state attached; more often does no harm.
static inline void sb_prepare(void) {
    for (int value = 0; value < 256; value++) {
        PyObject *made = PyLong_FromLong(value);
        // Were they an interpreter's own, or made anew, they would be of no use here.
        PyObject *again = PyLong_FromLong(value);
        PyObject *known = __atomic_load_n(&swiftbuffer_byte_values[value], __ATOMIC_RELAXED);
        if (made != NULL && made == again && known == NULL) {
            __atomic_store_n(&swiftbuffer_byte_values[value], made, __ATOMIC_RELAXED);
        }
        Py_XDECREF(made);
        Py_XDECREF(again);
        PyErr_Clear();
    }
}
// New references as numbers, 0 beside an exception. Swift keeps an optional pointer as a number, and a call whose result
// must be made one is no jump where it is the last: these are CPython's own functions under a second declaration.
#define SB_TEXT(text) #text
#define SB_SYMBOL(prefix, name) __asm__(SB_TEXT(prefix) name)
#define SB_NAMED(name) SB_SYMBOL(__USER_LABEL_PREFIX__, name)
uintptr_t sb_new_int(long value) SB_NAMED("PyLong_FromLong");
uintptr_t sb_new_int64(long long value) SB_NAMED("PyLong_FromLongLong");
uintptr_t sb_new_uint64(unsigned long long value) SB_NAMED("PyLong_FromUnsignedLongLong");
uintptr_t sb_new_float(double value) SB_NAMED("PyFloat_FromDouble");
SB_HOT uintptr_t sb_new_byte(uint8_t value) {
    PyObject *made = __atomic_load_n(&swiftbuffer_byte_values[value], __ATOMIC_RELAXED);
    if (made == NULL) {
        return sb_new_int(value);
    }
    Py_INCREF(made);
    return (uintptr_t)made;
}
// An int that is likely to be small: made without a call then.
SB_HOT uintptr_t sb_new_word(Py_ssize_t value) {
    return value >= 0 && value < 256 ? sb_new_byte((uint8_t)value) : sb_new_int64(value);
}
// A tuple of ints, as a shape is shown.
static inline PyObject *_Nullable sb_new_index_tuple(const Py_ssize_t *_Nullable values, Py_ssize_t count) {
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t index = 0; tuple != NULL && index < count; index++) {
        PyObject *value = (PyObject *)sb_new_word(values[index]);
        if (value == NULL) {
            Py_CLEAR(tuple);
        } else {
            PyTuple_SET_ITEM(tuple, index, value);
        }
    }
    return tuple;
}
SB_HOT uintptr_t sb_new_signed_byte(int8_t value) {
    return value >= 0 ? sb_new_byte((uint8_t)value) : sb_new_int(value);
}
SB_HOT uintptr_t sb_new_truth(int truth) { return (uintptr_t)Py_NewRef(truth ? Py_True : Py_False); }

// The same number, of which the compiler knows nothing.
SB_HOT uint8_t sb_hidden(uint8_t number) {
    __asm__("" : "+r"(number));
    return number;
}

SB_HOT Py_ssize_t sb_tuple_count(PyObject *tuple) { return Py_SIZE(tuple); }
SB_HOT PyObject *sb_tuple_item(PyObject *tuple, Py_ssize_t index) { return PyTuple_GET_ITEM(tuple, index); }
SB_HOT void sb_tuple_set(PyObject *tuple, Py_ssize_t index, PyObject *item) { PyTuple_SET_ITEM(tuple, index, item); }
// A list whose items are all still to be set. Without a GIL PyList_New of 3.13, where there is no memory for the items,
// drops a list that it took from those kept for reuse with the address of its old items still in it, which are freed once
// more. So a long list's room is asked for before.
static inline PyObject *_Nullable sb_new_list(Py_ssize_t count) {
#ifdef Py_GIL_DISABLED
    if (count > 256) {
        // The items, and how many there is room for.
        void *room = count < PY_SSIZE_T_MAX / 8 - 1 ? PyMem_Malloc((size_t)(count + 1) * 8) : NULL;
        if (room == NULL) {
            return PyErr_NoMemory();
        }
        PyMem_Free(room);
    }
#endif
    return PyList_New(count);
}
SB_HOT void sb_list_set(PyObject *list, Py_ssize_t index, PyObject *item) { PyList_SET_ITEM(list, index, item); }
// An item of a list that others may change, or of a tuple, as a new reference; NULL without an exception where there is
// none.
static inline PyObject *_Nullable sb_sequence_item(SBObject sequence, Py_ssize_t index) {
    PyObject *object = sequence.pointer;
    if (index >= PySequence_Fast_GET_SIZE(object)) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030D0000
    if (PyList_Check(object)) {
        PyObject *item = PyList_GetItemRef(object, index);
        if (item == NULL) {
            PyErr_Clear();
        }
        return item;
    }
#endif
    return Py_NewRef(PySequence_Fast_GET_ITEM(object, index));
}
// A list or a tuple, not of a derived class, which could give other items. Its count and its items stay while its lock is
// held and no Python code runs.
SB_HOT int sb_is_exact_sequence(SBObject object) {
    return PyList_CheckExact(object.pointer) || PyTuple_CheckExact(object.pointer);
}
SB_HOT Py_ssize_t sb_sequence_count(SBObject object) { return PySequence_Fast_GET_SIZE(object.pointer); }
SB_HOT PyObject *_Nullable *_Nullable sb_sequence_items(SBObject object) {
    return PySequence_Fast_ITEMS(object.pointer);
}
SB_HOT char *sb_bytes_address(PyObject *bytes) { return PyBytes_AS_STRING(bytes); }
SB_HOT Py_ssize_t sb_bytes_count(PyObject *bytes) { return PyBytes_GET_SIZE(bytes); }

// The bytes as lower-case hexadecimal digits, an exact str: what bytes.hex() gives, without the bytes.
static inline PyObject *_Nullable sb_new_hex(const char *bytes, Py_ssize_t count) {
    PyObject *text = PyUnicode_New(2 * count, 127);
    if (text == NULL || count == 0) {
        return text;
    }
    uint8_t *digits = PyUnicode_1BYTE_DATA(text);
    // Without a table, so that the compiler makes vectors of it.
    for (Py_ssize_t i = 0; i < count; i++) {
        uint8_t high = (uint8_t)bytes[i] >> 4, low = (uint8_t)bytes[i] & 15;
        digits[2 * i] = (uint8_t)(high + (high > 9 ? 'a' - 10 : '0'));
        digits[2 * i + 1] = (uint8_t)(low + (low > 9 ? 'a' - 10 : '0'));
    }
    return text;
}

// The macros check nothing: the caller has checked the type, and that the view is not released.
SB_HOT Py_buffer *sb_memoryview_buffer(PyObject *view) { return PyMemoryView_GET_BUFFER(view); }
SB_HOT PyObject *_Nullable sb_memoryview_base(PyObject *view) { return PyMemoryView_GET_BASE(view); }

// -- Numbers that Swift has no type for on every machine -------------------------------------------------------------

SB_HOT double sb_load_long_double(const void *address) {
    long double value;
    __builtin_memcpy(&value, address, sizeof value);
    return (double)value;
}
// The bytes beyond the number, where it does not fill its place, are zero.
SB_HOT void sb_store_long_double(double number, void *address) {
    union {
        long double value;
        unsigned char bytes[sizeof(long double)];
    } image = {.bytes = {0}};
    image.value = (long double)number;
    __builtin_memcpy(address, image.bytes, sizeof image);
}

// Where the items of a tuple are.
SB_HOT PyObject *_Nullable *_Nonnull sb_tuple_items(PyObject *tuple) {
    return (PyObject *_Nullable *)((PyTupleObject *)tuple)->ob_item;
}
// Where the items of a list are; NULL where it may have none.
SB_HOT PyObject *_Nullable *_Nullable sb_list_items(PyObject *list) {
    return (PyObject *_Nullable *)((PyListObject *)list)->ob_item;
}
SB_HOT int sb_is_exact_tuple(SBObject object) { return PyTuple_CheckExact(object.pointer); }
// Whether an object is a list that cannot change while no Python code runs: without a GIL other threads may change it.
SB_HOT int sb_is_steady_list(SBObject object) {
#ifdef Py_GIL_DISABLED
    (void)object;
    return 0;
#else
    return PyList_CheckExact(object.pointer);
#endif
}

SB_HOT int sb_have_same_bytes(const void *first, const void *second, Py_ssize_t count) {
    return __builtin_memcmp(first, second, (size_t)count) == 0;
}

// A tuple of a class derived from tuple, such as a named tuple, whose items are still NULL.
static inline PyObject *_Nullable sb_new_record(PyTypeObject *type, Py_ssize_t count) {
    PyObject *record = type->tp_alloc(type, count);
#if PY_VERSION_HEX >= 0x030E0000
    if (record != NULL) {
        ((PyTupleObject *)record)->ob_hash = -1; // not known yet
    }
#endif
    return record;
}
// As sb_new_record, not known to the collector yet, whose items are still to be set, also where the record is dropped.
// The class has no instance dictionary.
static inline PyObject *_Nullable sb_new_untracked_record(PyTypeObject *type, Py_ssize_t count) {
    PyTupleObject *record = PyObject_GC_NewVar(PyTupleObject, type, count);
#if PY_VERSION_HEX >= 0x030E0000
    if (record != NULL) {
        record->ob_hash = -1; // not known yet
    }
#endif
    return (PyObject *)record;
}
// Gives a class of named tuples, which no other code can reach yet, a deallocator that does only what its instances
// need. That of all classes written in Python takes as long as making the record.
void sb_own_record_class(PyTypeObject *type);
// Whether an object is an instance of a class of named tuples that nobody has given an iterator or a buffer.
SB_HOT int sb_is_plain_record(SBObject object, PyTypeObject *type) {
    return Py_TYPE(object.pointer) == type && type->tp_iter == PyTuple_Type.tp_iter
           && !PyObject_CheckBuffer(object.pointer);
}
// A value of a dictionary that others may change, as a new reference; NULL without an exception where there is none.
static inline PyObject *_Nullable sb_dict_item(PyObject *dictionary, PyObject *key) {
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *value;
    return PyDict_GetItemRef(dictionary, key, &value) < 0 ? NULL : value;
#else
    return Py_XNewRef(PyDict_GetItemWithError(dictionary, key));
#endif
}
// An attribute of a type that nothing else knows yet, and that is immutable to Python code.
static inline int sb_set_type_attribute(PyTypeObject *type, const char *name, PyObject *value) {
    int status = PyDict_SetItemString(type->tp_dict, name, value);
    PyType_Modified(type);
    return status;
}
// `object.method(name=value)`, where `names` is the tuple of the name.
static inline PyObject *_Nullable sb_call_with_keyword(PyObject *object, PyObject *method, PyObject *value,
                                                       PyObject *names) {
    PyObject *arguments[] = {object, value};
    return PyObject_VectorcallMethod(method, arguments, 1, names);
}
static inline PyObject *_Nullable sb_interned(const char *text) { return PyUnicode_InternFromString(text); }
// A name of ASCII characters; without a text for what has none.
typedef struct {
    const char *_Nullable text;
    Py_ssize_t length;
} SBName;
// Which of some names a str is; -1 for none. Nearly every str that names an argument is stored as its characters alone,
// and its length tells most names apart.
static inline Py_ssize_t sb_find_name(SBObject name, const SBName *names, Py_ssize_t count) {
    PyObject *object = name.pointer;
    int isPlain = PyUnicode_CheckExact(object) && PyUnicode_IS_COMPACT_ASCII(object);
    for (Py_ssize_t index = 0; index < count; index++) {
        const char *text = names[index].text;
        if (text == NULL || (isPlain && PyUnicode_GET_LENGTH(object) != names[index].length)) {
            continue;
        }
        if (isPlain ? memcmp(PyUnicode_1BYTE_DATA(object), text, (size_t)names[index].length) == 0
                    : PyUnicode_CompareWithASCIIString(object, text) == 0) {
            return index;
        }
    }
    return -1;
}
static inline int sb_is_capsule(PyObject *object) { return PyCapsule_CheckExact(object); }
// Whether CPython calls `__buffer__` methods written in Python (PEP 688).
static inline int sb_calls_buffer_methods(void) { return PY_VERSION_HEX >= 0x030C0000; }
static inline int sb_has_getbuffer(PyTypeObject *type, getbufferproc get) {
    PyBufferProcs *functions = type->tp_as_buffer;
    return functions != NULL && __atomic_load_n(&functions->bf_getbuffer, __ATOMIC_ACQUIRE) == get;
}
// Exchanges the functions by which a type exports.
static inline void sb_set_buffer_slots(PyTypeObject *type, getbufferproc get, releasebufferproc release) {
    __atomic_store_n(&type->tp_as_buffer->bf_releasebuffer, release, __ATOMIC_RELEASE);
    __atomic_store_n(&type->tp_as_buffer->bf_getbuffer, get, __ATOMIC_RELEASE);
}

#pragma clang assume_nonnull end

#endif
