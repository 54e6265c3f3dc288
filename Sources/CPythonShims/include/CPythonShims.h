// What Swift cannot import from Python.h: macros, variadics, and the C structs that Python objects are made of. Each
// function is its macro under another name; nothing here decides anything.
#ifndef SWIFTBUFFER_CPYTHON_SHIMS_H
#define SWIFTBUFFER_CPYTHON_SHIMS_H

#include "../../CPython/CPython.h"

#include <sched.h>
#include <stdint.h>
#include <structmember.h> // for 3.11; part of Python.h since 3.12
#include <sys/syscall.h>
#include <unistd.h>

#pragma clang assume_nonnull begin

// Callable from Swift functions marked `@_noLocks`: no hidden lock, allocation or reference counting by Swift.
#define SB_HOT __attribute__((always_inline, swift_attr("@_noLocks"))) static inline

// -- Objects ---------------------------------------------------------------------------------------------------------

SB_HOT void sb_incref(PyObject *object) { Py_INCREF(object); }
SB_HOT void sb_decref(PyObject *object) { Py_DECREF(object); }
SB_HOT Py_ssize_t sb_reference_count(PyObject *object) { return Py_REFCNT(object); }
SB_HOT PyTypeObject *sb_type(PyObject *object) { return Py_TYPE(object); }
SB_HOT PyObject *sb_none(void) { return Py_None; }
SB_HOT PyObject *sb_true(void) { return Py_True; }
SB_HOT PyObject *sb_false(void) { return Py_False; }
SB_HOT PyObject *sb_ellipsis(void) { return Py_Ellipsis; }
SB_HOT PyObject *sb_not_implemented(void) { return Py_NotImplemented; }

SB_HOT int sb_is_bool(PyObject *object) { return PyBool_Check(object); }
SB_HOT int sb_is_int(PyObject *object) { return PyLong_Check(object); }
SB_HOT int sb_is_exact_int(PyObject *object) { return PyLong_CheckExact(object); }
SB_HOT int sb_is_exact_float(PyObject *object) { return PyFloat_CheckExact(object); }
SB_HOT int sb_is_exact_complex(PyObject *object) { return PyComplex_CheckExact(object); }
SB_HOT int sb_is_exact_bytes(PyObject *object) { return PyBytes_CheckExact(object); }
SB_HOT int sb_is_float(PyObject *object) { return PyFloat_Check(object); }
SB_HOT int sb_is_complex(PyObject *object) { return PyComplex_Check(object); }
SB_HOT int sb_is_bytes(PyObject *object) { return PyBytes_Check(object); }
SB_HOT int sb_is_bytearray(PyObject *object) { return PyByteArray_Check(object); }
SB_HOT int sb_is_str(PyObject *object) { return PyUnicode_Check(object); }
SB_HOT int sb_is_tuple(PyObject *object) { return PyTuple_Check(object); }
SB_HOT int sb_is_dict(PyObject *object) { return PyDict_Check(object); }
SB_HOT int sb_is_list(PyObject *object) { return PyList_Check(object); }
SB_HOT int sb_is_slice(PyObject *object) { return PySlice_Check(object); }
SB_HOT int sb_is_type(PyObject *object) { return PyType_Check(object); }
SB_HOT int sb_is_memoryview(PyObject *object) { return PyMemoryView_Check(object); }

SB_HOT double sb_float_value(PyObject *object) { return PyFloat_AS_DOUBLE(object); }
// The value of an exact int of one digit, which most indices are; SB_NOT_SMALL for any other object.
#define SB_NOT_SMALL (PY_SSIZE_T_MIN / 2) // no digit reaches it
SB_HOT Py_ssize_t sb_not_small(void) { return SB_NOT_SMALL; }
SB_HOT Py_ssize_t sb_small_int(PyObject *object) {
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

// The bounds of a slice whose parts are None or small ints, as PySlice_Unpack gives them; of any other object, a step
// of 0.
typedef struct {
    Py_ssize_t start, stop, step;
} SBSlice;
SB_HOT SBSlice sb_small_slice(PyObject *object) {
    SBSlice none = {0, 0, 0};
    if (!PySlice_Check(object)) {
        return none;
    }
    PySliceObject *slice = (PySliceObject *)object;
    Py_ssize_t step = slice->step == Py_None ? 1 : sb_small_int(slice->step);
    Py_ssize_t start = slice->start == Py_None ? (step < 0 ? PY_SSIZE_T_MAX : 0) : sb_small_int(slice->start);
    Py_ssize_t stop = slice->stop == Py_None ? (step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX) : sb_small_int(slice->stop);
    if (step == SB_NOT_SMALL || start == SB_NOT_SMALL || stop == SB_NOT_SMALL) {
        return none;
    }
    return (SBSlice){start, stop, step};
}

// Long work of Swift without the GIL stands between these two: a fork waits for it. Otherwise the child, which has none of
// the other threads, could find a lock of Swift's runtime taken by one of them, for ever. It must not wait for the GIL,
// which who forks may have.
void sb_begin_detached_work(void);
void sb_end_detached_work(void);

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
SB_HOT char *sb_bytes_address(PyObject *bytes) { return PyBytes_AS_STRING(bytes); }
SB_HOT Py_ssize_t sb_bytes_count(PyObject *bytes) { return PyBytes_GET_SIZE(bytes); }

// The macros check nothing: the caller has checked the type, and that the view is not released.
SB_HOT Py_buffer *sb_memoryview_buffer(PyObject *view) { return PyMemoryView_GET_BUFFER(view); }
SB_HOT PyObject *_Nullable sb_memoryview_base(PyObject *view) { return PyMemoryView_GET_BASE(view); }

// -- Buffers ---------------------------------------------------------------------------------------------------------

// Makes a memoryview, fresh from PyMemoryView_FromBuffer and with no other reference, the owner of what its memory
// belongs to. The C function itself forgets `obj`, so that nothing would keep the memory alive. Takes over a reference
// to `keeper`, whose bf_releasebuffer is called when the last view of the memory goes; `exporter` is shown as `obj`.
static inline void sb_memoryview_adopt(PyObject *view, PyObject *keeper, PyObject *_Nullable exporter) {
    ((PyMemoryViewObject *)view)->mbuf->master.obj = keeper;
    ((PyMemoryViewObject *)view)->view.obj = exporter;
}

// Up to eight buffers of a tuple of arguments. The codes decide how many are filled in; the rest are not looked at.
static inline int sb_parse_buffers(PyObject *tuple, const char *codes, Py_buffer *_Nonnull const *_Nonnull b) {
    return PyArg_ParseTuple(tuple, codes, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]);
}

// What `len` gives for a memoryview without dimensions: 1 up to 3.11, and TypeError (here -1) since 3.12.
static inline Py_ssize_t sb_memoryview_length_of_scalar(void) { return PY_VERSION_HEX < 0x030C0000 ? 1 : -1; }

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

// -- Errors ----------------------------------------------------------------------------------------------------------

static inline PyObject *sb_exc_attribute_error(void) { return PyExc_AttributeError; }
static inline PyObject *sb_exc_buffer_error(void) { return PyExc_BufferError; }
static inline PyObject *sb_exc_index_error(void) { return PyExc_IndexError; }
static inline PyObject *sb_exc_key_error(void) { return PyExc_KeyError; }
static inline PyObject *sb_exc_memory_error(void) { return PyExc_MemoryError; }
static inline PyObject *sb_exc_not_implemented_error(void) { return PyExc_NotImplementedError; }
static inline PyObject *sb_exc_overflow_error(void) { return PyExc_OverflowError; }
static inline PyObject *sb_exc_runtime_error(void) { return PyExc_RuntimeError; }
static inline PyObject *sb_exc_system_error(void) { return PyExc_SystemError; }
static inline PyObject *sb_exc_type_error(void) { return PyExc_TypeError; }
static inline PyObject *sb_exc_value_error(void) { return PyExc_ValueError; }

// Takes the current exception, normalised, out of the thread state; NULL when there is none.
static inline PyObject *_Nullable sb_take_exception(void) {
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL) {
        return NULL;
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    Py_DECREF(type);
    return value;
#endif
}

// Puts an exception back; takes over the reference.
static inline void sb_put_exception(PyObject *exception) {
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(exception)), exception, PyException_GetTraceback(exception));
#endif
}

// -- Modules and types -----------------------------------------------------------------------------------------------

static inline void sb_module_def_init(PyModuleDef *definition) {
    static const PyModuleDef_Base head = PyModuleDef_HEAD_INIT;
    definition->m_base = head;
}

// From 3.15 on these are numbers chosen by a macro with arguments, which Swift does not see.
static inline int sb_mod_exec(void) { return Py_mod_exec; }
static inline int sb_bf_getbuffer(void) { return Py_bf_getbuffer; }
static inline int sb_bf_releasebuffer(void) { return Py_bf_releasebuffer; }
static inline int sb_mp_length(void) { return Py_mp_length; }
static inline int sb_mp_ass_subscript(void) { return Py_mp_ass_subscript; }
// Slots that the headers at hand do not know are 0, which ends the table: such slots go last.
#if PY_VERSION_HEX >= 0x030C0000
static inline int sb_mod_multiple_interpreters(void) { return Py_mod_multiple_interpreters; }
static inline void *_Nullable sb_mod_per_interpreter_gil(void) { return Py_MOD_PER_INTERPRETER_GIL_SUPPORTED; }
#else
static inline int sb_mod_multiple_interpreters(void) { return 0; }
static inline void *_Nullable sb_mod_per_interpreter_gil(void) { return NULL; }
#endif
#if PY_VERSION_HEX >= 0x030D0000
static inline int sb_mod_gil(void) { return Py_mod_gil; }
static inline void *_Nullable sb_mod_gil_not_used(void) { return Py_MOD_GIL_NOT_USED; }
#else
static inline int sb_mod_gil(void) { return 0; }
static inline void *_Nullable sb_mod_gil_not_used(void) { return NULL; }
#endif

static inline PyTypeObject *sb_module_type(void) { return &PyModule_Type; }
static inline unsigned long sb_default_type_flags(void) { return Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE; }
static inline PyMemberDef sb_weak_reference_member(Py_ssize_t offset) {
    return (PyMemberDef){"__weaklistoffset__", T_PYSSIZET, offset, READONLY, NULL};
}
static inline destructor _Nullable sb_deallocator(PyTypeObject *type) { return type->tp_dealloc; }
static inline void sb_set_vectorcall(PyTypeObject *type, vectorcallfunc function) { type->tp_vectorcall = function; }
// The state of the module that a heap type belongs to; NULL once the collector has taken the type apart. PyType_GetModuleState
// sets an exception then, which a deallocator must not do.
SB_HOT void *_Nullable sb_module_state(PyTypeObject *type) {
    PyObject *module = ((PyHeapTypeObject *)type)->ht_module;
    return module == NULL ? NULL : PyModule_GetState(module);
}
static inline const char *sb_type_name(PyTypeObject *type) { return type->tp_name; }
static inline PyObject *_Nullable sb_allocate(PyTypeObject *type, Py_ssize_t items) { return type->tp_alloc(type, items); }
// An instance of a collected type, not tracked yet, whose own fields hold anything.
static inline PyObject *_Nullable sb_new_collected(PyTypeObject *type, Py_ssize_t items) {
    return (PyObject *)PyObject_GC_NewVar(PyVarObject, type, items);
}
// An object whose last reference is gone, with one again: for a deallocator that keeps the object. To tracemalloc it stays
// what it was when its memory was allocated.
#ifdef Py_DEBUG
SB_HOT void sb_revive(PyObject *object) { _Py_NewReference(object); }
#else
SB_HOT void sb_revive(PyObject *object) { Py_SET_REFCNT(object, 1); }
#endif
SB_HOT Py_ssize_t sb_item_count(PyObject *object) { return ((PyVarObject *)object)->ob_size; }
SB_HOT int sb_is_gc(PyObject *object) { return PyType_IS_GC(Py_TYPE(object)) && PyObject_IS_GC(object); }
// Without a GIL two threads would want one idle object at once; under AddressSanitizer a dead object must be seen to die.
#if defined(Py_GIL_DISABLED) || __has_feature(address_sanitizer)
SB_HOT int sb_keeps_idle(void) { return 0; }
#else
SB_HOT int sb_keeps_idle(void) { return 1; }
#endif
static inline int sb_is_collected(PyTypeObject *type) { return PyType_IS_GC(type); }
static inline void sb_free(PyTypeObject *type, void *object) { type->tp_free(object); }
static inline int sb_visit(PyObject *_Nullable object, visitproc visit, void *_Nullable arg) {
    Py_VISIT(object);
    return 0;
}

// The kernel's own write, which no sanitizer looks over: the checker asks it whether anybody's bytes can be read.
static inline Py_ssize_t sb_write(int file, const void *_Nullable bytes, Py_ssize_t count) {
    return (Py_ssize_t)syscall(SYS_write, file, bytes, (size_t)count);
}

// -- Exporters -------------------------------------------------------------------------------------------------------

// The export record: memory described once. Whatever exports begins with it, and one getbuffer reads it.
typedef struct {
    char *_Nullable address;
    Py_ssize_t length; // in bytes, the product of shape and itemsize
    Py_ssize_t itemsize;
    const char *format;     // never NULL
    Py_ssize_t *_Nullable shape; // ndim entries each, or NULL when ndim is 0
    Py_ssize_t *_Nullable strides;
    Py_ssize_t *_Nullable suboffsets; // NULL unless one of them is >= 0
    Py_ssize_t exports;     // see below
    int ndim;
    uint8_t readonly;
    uint8_t contiguity; // SB_C_CONTIGUOUS | SB_F_CONTIGUOUS
    uint8_t scalar;     // the item as a BufferLayout.Scalar, or SB_NO_SCALAR
    uint8_t swapped;    // that scalar's bytes are in the other order
} SBRecord;

enum { SB_C_CONTIGUOUS = 1, SB_F_CONTIGUOUS = 2, SB_NO_SCALAR = 255 };

// What every exporting object begins with, and all that getbuffer and releasebuffer know of it.
typedef struct {
    PyObject_VAR_HEAD
    SBRecord record;
} SBExporter;

// `exports` counts, in its lower half, the buffers handed out and not yet released: while there are any, the memory must
// not move. In its upper half it counts short looks at the memory by other threads, which a change waits for. Below
// zero, the memory is changing just now (SB_CHANGING: others wait; SB_SUSPENDED: they are refused, since the change may
// run Python code) or gone for good (SB_CLOSED).
//
// Under the GIL nobody looks while somebody changes, so looks are not counted, and plain arithmetic does: an atomic
// count would make acquire and release three times as dear.
#define SB_CHANGING ((Py_ssize_t)-1)
#define SB_CLOSED ((Py_ssize_t)-2)
#define SB_SUSPENDED ((Py_ssize_t)-3)

SB_HOT Py_ssize_t sb_changing(void) { return SB_CHANGING; }
SB_HOT Py_ssize_t sb_closed(void) { return SB_CLOSED; }
SB_HOT Py_ssize_t sb_suspended(void) { return SB_SUSPENDED; }

#ifdef Py_GIL_DISABLED

#define SB_ONE_LOOK ((Py_ssize_t)1 << 32)

// Adds to the count; 0 when the memory is closed or suspended. Waits while it changes.
SB_HOT int sb_add_exports(SBRecord *record, Py_ssize_t amount) {
    Py_ssize_t count = __atomic_load_n(&record->exports, __ATOMIC_RELAXED);
    for (;;) {
        if (count <= SB_CLOSED) {
            return 0;
        }
        if (count == SB_CHANGING) {
            sched_yield();
            count = __atomic_load_n(&record->exports, __ATOMIC_RELAXED);
        } else if (__atomic_compare_exchange_n(&record->exports, &count, count + amount, 1, __ATOMIC_ACQUIRE,
                                               __ATOMIC_RELAXED)) {
            return 1;
        }
    }
}

SB_HOT int sb_retain_export(SBRecord *record) { return sb_add_exports(record, 1); }
SB_HOT void sb_release_export(SBRecord *record) { __atomic_fetch_sub(&record->exports, 1, __ATOMIC_RELEASE); }
SB_HOT int sb_begin_look(SBRecord *record) { return sb_add_exports(record, SB_ONE_LOOK); }
SB_HOT void sb_end_look(SBRecord *record) { __atomic_fetch_sub(&record->exports, SB_ONE_LOOK, __ATOMIC_RELEASE); }

// Sets the count to one of the three, after looks have ended; 0 when exports stand or the memory is closed or
// suspended.
SB_HOT int sb_stop_exports(SBRecord *record, Py_ssize_t state) {
    for (;;) {
        Py_ssize_t count = 0;
        if (__atomic_compare_exchange_n(&record->exports, &count, state, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            return 1;
        }
        if (count <= SB_CLOSED || (count > 0 && (count & (SB_ONE_LOOK - 1)) != 0)) {
            return 0;
        }
        sched_yield();
    }
}

SB_HOT void sb_resume_exports(SBRecord *record) { __atomic_store_n(&record->exports, 0, __ATOMIC_RELEASE); }

SB_HOT Py_ssize_t sb_export_count(const SBRecord *record) {
    Py_ssize_t count = __atomic_load_n(&record->exports, __ATOMIC_ACQUIRE);
    return count < 0 ? count : count & (SB_ONE_LOOK - 1);
}

#else

SB_HOT int sb_retain_export(SBRecord *record) {
    if (record->exports < 0) {
        return 0;
    }
    record->exports++;
    return 1;
}
SB_HOT void sb_release_export(SBRecord *record) { record->exports--; }
SB_HOT int sb_begin_look(SBRecord *record) { return record->exports >= 0; }
SB_HOT void sb_end_look(SBRecord *record) { (void)record; }
SB_HOT int sb_stop_exports(SBRecord *record, Py_ssize_t state) {
    if (record->exports != 0) {
        return 0;
    }
    record->exports = state;
    return 1;
}
SB_HOT void sb_resume_exports(SBRecord *record) { record->exports = 0; }
SB_HOT Py_ssize_t sb_export_count(const SBRecord *record) { return record->exports; }

#endif

// An Array or a View: memory with a shape, where it comes from, and what is remembered of it.
typedef struct {
    PyObject_VAR_HEAD
    SBRecord record;
    void *_Nullable item;             // the parsed format, retained by Swift; NULL until it is asked for
    PyObject *_Nullable owner;        // of a View: the lease on its exporter's buffer
    PyObject *_Nullable weak_references;
    void *_Nullable block;            // of an Array: the memory that it owns
    Py_ssize_t capacity;              // of an Array: the bytes of that memory
    Py_hash_t hash;                   // -1 until it is asked for
    Py_ssize_t dimensions[];          // shape, strides and suboffsets, as the record points at them
} SBMemory;

// The lock of one object, held while a call uses what the object holds. The GIL makes it needless.
#ifdef Py_GIL_DISABLED
typedef PyCriticalSection SBSection;
SB_HOT void sb_begin_section(SBSection *section, PyObject *object) { PyCriticalSection_Begin(section, object); }
SB_HOT void sb_end_section(SBSection *section) { PyCriticalSection_End(section); }
#else
typedef struct {
    void *_Nullable nothing; // a pointer, since Swift marks structs with pointers as unsafe, and so both alike
} SBSection;
SB_HOT void sb_begin_section(SBSection *section, PyObject *object) { (void)section, (void)object; }
SB_HOT void sb_end_section(SBSection *section) { (void)section; }
#endif

// The next number of an iterator that several threads may share: each gets another one.
SB_HOT Py_ssize_t sb_take_number(Py_ssize_t *next) {
#ifdef Py_GIL_DISABLED
    return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
#else
    return (*next)++;
#endif
}
SB_HOT Py_ssize_t sb_look_at_number(const Py_ssize_t *next) { return __atomic_load_n(next, __ATOMIC_RELAXED); }

// The one acquisition of an exporter's buffer that all views of it share.
typedef struct {
    PyObject_VAR_HEAD
    Py_buffer buffer;
} SBLease;

// An iterator over the first axis of an SBMemory.
typedef struct {
    PyObject_HEAD
    PyObject *memory;
    Py_ssize_t next;
    Py_ssize_t count; // the length when iteration began
    uint8_t plain;    // the record's scalar where items are native scalars of one axis without pointers, or SB_NO_SCALAR
} SBIterator;

// Swift's `&object.pointee.field` is a pointer that may dangle; these do not.
SB_HOT SBRecord *sb_record(PyObject *object) { return &((SBExporter *)object)->record; }
// Clears all fields that are not the record, of an object that is being made.
SB_HOT void sb_clear_fields(SBMemory *memory) {
    memory->item = NULL;
    memory->owner = NULL;
    memory->weak_references = NULL;
    memory->block = NULL;
    memory->capacity = 0;
    memory->hash = -1;
}
SB_HOT Py_ssize_t *sb_dimensions(SBMemory *memory) { return memory->dimensions; }
SB_HOT Py_hash_t sb_remembered_hash(SBMemory *memory) { return __atomic_load_n(&memory->hash, __ATOMIC_RELAXED); }
SB_HOT void sb_remember_hash(SBMemory *memory, Py_hash_t hash) {
    __atomic_store_n(&memory->hash, hash, __ATOMIC_RELAXED);
}
// Read as CPython changes it: a reference to an object may be dropped by another thread while the object ends.
SB_HOT int sb_has_weak_references(SBMemory *memory) {
    return __atomic_load_n(&memory->weak_references, __ATOMIC_ACQUIRE) != NULL;
}
SB_HOT SBIterator *sb_iterator(PyObject *object) { return (SBIterator *)object; }
SB_HOT Py_buffer *sb_lease_buffer(PyObject *lease) { return &((SBLease *)lease)->buffer; }
static inline Py_ssize_t sb_weak_reference_offset(void) { return offsetof(SBMemory, weak_references); }

// Remembers a parsed format unless another thread was first; returns what is remembered.
static inline void *sb_remember_item(SBMemory *memory, void *item) {
#ifdef Py_GIL_DISABLED
    void *expected = NULL;
    return __atomic_compare_exchange_n(&memory->item, &expected, item, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
               ? item
               : expected;
#else
    memory->item = item;
    return item;
#endif
}
SB_HOT void *_Nullable sb_remembered_item(SBMemory *memory) { return __atomic_load_n(&memory->item, __ATOMIC_ACQUIRE); }

// Called by getbuffer when it refuses: sets BufferError. Written in Swift, out of line, since it allocates.
__attribute__((cold, swift_attr("@_noLocks"))) void swiftbuffer_refuse(PyObject *exporter, int flags, int refusal);

#pragma clang assume_nonnull end

#endif
