// SPDX-License-Identifier: Apache-2.0

// Modules and types: slots, allocation and deallocation.
#ifndef SWIFTBUFFER_MODULES_H
#define SWIFTBUFFER_MODULES_H

#include "References.h"
#include <structmember.h> // for 3.11; part of Python.h since 3.12
#include <sys/syscall.h>
#include <unistd.h>

#pragma clang assume_nonnull begin

// A module's definition, how many of the objects in the module's state, the last ones, are idle instances, and what the
// module is filled from.
typedef struct {
    PyModuleDef base;
    Py_ssize_t idle_count;
    const void *_Nullable context;
} SBModuleDefinition;

static inline void sb_module_def_init(SBModuleDefinition *definition) {
    static const PyModuleDef_Base head = PyModuleDef_HEAD_INIT;
    definition->base.m_base = head;
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
static inline void *_Nullable sb_mod_shared_gil(void) { return Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED; }
static inline void *_Nullable sb_mod_one_interpreter(void) { return Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED; }
#else
static inline int sb_mod_multiple_interpreters(void) { return 0; }
static inline void *_Nullable sb_mod_per_interpreter_gil(void) { return NULL; }
static inline void *_Nullable sb_mod_shared_gil(void) { return NULL; }
static inline void *_Nullable sb_mod_one_interpreter(void) { return NULL; }
#endif
#if PY_VERSION_HEX >= 0x030D0000
static inline int sb_mod_gil(void) { return Py_mod_gil; }
static inline void *_Nullable sb_mod_gil_not_used(void) { return Py_MOD_GIL_NOT_USED; }
static inline void *_Nullable sb_mod_gil_used(void) { return Py_MOD_GIL_USED; }
#else
static inline int sb_mod_gil(void) { return 0; }
static inline void *_Nullable sb_mod_gil_not_used(void) { return NULL; }
static inline void *_Nullable sb_mod_gil_used(void) { return NULL; }
#endif
// A module of a definition, as an importer makes it; its name is that of the spec.
static inline PyObject *_Nullable sb_module_from_spec(PyModuleDef *definition, PyObject *spec) {
    return PyModule_FromDefAndSpec(definition, spec);
}
static inline int sb_is_main_interpreter(void) { return PyInterpreterState_Get() == PyInterpreterState_Main(); }
static inline void sb_clear_weak_references(PyObject *object) { PyObject_ClearWeakRefs(object); }

static inline PyTypeObject *sb_module_type(void) { return &PyModule_Type; }
static inline unsigned long sb_default_type_flags(void) { return Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE; }
static inline PyMemberDef sb_weak_reference_member(Py_ssize_t offset) {
    return (PyMemberDef){"__weaklistoffset__", T_PYSSIZET, offset, READONLY, NULL};
}
static inline PyMemberDef sb_attribute_member(Py_ssize_t offset) {
    return (PyMemberDef){"__dictoffset__", T_PYSSIZET, offset, READONLY, NULL};
}
static inline PyTypeObject *_Nullable sb_base(PyTypeObject *type) { return type->tp_base; }
static inline destructor _Nullable sb_deallocator(PyTypeObject *type) { return type->tp_dealloc; }
// The names of a type; NULL while it is made.
static inline PyObject *_Nullable sb_type_names(PyTypeObject *type) { return type->tp_dict; }
static inline PyMethodDef *_Nullable sb_methods(PyTypeObject *type) { return type->tp_methods; }
// What CPython calls through vectorcall, with the types of References.h.
typedef SBResult (*SBVectorcall)(SBObject callable, SBArguments arguments, size_t flags, SBOptionalObject keywords);
static inline void sb_set_vectorcall(PyTypeObject *type, SBVectorcall function) {
    type->tp_vectorcall = (vectorcallfunc)(void (*)(void))function;
}
// The state of the module that a heap type belongs to; NULL once the collector has taken the type apart. PyType_GetModuleState
// sets an exception then, which a deallocator must not do.
SB_HOT void *_Nullable sb_module_state(PyTypeObject *type) {
    PyObject *module = ((PyHeapTypeObject *)type)->ht_module;
    return module == NULL ? NULL : PyModule_GetState(module);
}
static inline const char *sb_type_name(PyTypeObject *type) { return type->tp_name; }
// A type that inherits from one whose classes Python code may not derive: the flag that says so is asked when a type is
// made, and no other code can reach the base yet.
static inline PyObject *_Nullable sb_derive_type(PyObject *module, PyType_Spec *specification, PyTypeObject *base) {
    unsigned long closed = ~base->tp_flags & Py_TPFLAGS_BASETYPE;
    base->tp_flags |= closed;
    PyObject *type = PyType_FromModuleAndSpec(module, specification, (PyObject *)base);
    base->tp_flags &= ~closed;
    return type;
}

static inline PyObject *_Nullable sb_allocate(PyTypeObject *type, Py_ssize_t items) { return type->tp_alloc(type, items); }
// An instance of a type that is not collected, whose own fields hold anything.
static inline PyObject *_Nullable sb_new_uncollected(PyTypeObject *type, Py_ssize_t items) {
    return (PyObject *)PyObject_NewVar(PyVarObject, type, items);
}
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

// The kernel's own write, which no sanitizer intercepts: the checker uses it to find out whether memory can be read.
static inline Py_ssize_t sb_write(int file, const void *_Nullable bytes, Py_ssize_t count) {
    return (Py_ssize_t)syscall(SYS_write, file, bytes, (size_t)count);
}

#pragma clang assume_nonnull end

#endif
