// What Swift cannot import from Python.h: macros, variadics and struct layouts, each as a `static inline` function of
// the same meaning. Nothing here decides anything.
#ifndef SWIFTBUFFER_CPYTHON_SHIMS_H
#define SWIFTBUFFER_CPYTHON_SHIMS_H

#include "../../CPython/CPython.h"

// -- Modules ---------------------------------------------------------------------------------------------------------

static inline void sb_module_def_init(PyModuleDef *def) {
    static const PyModuleDef_Base head = PyModuleDef_HEAD_INIT;
    def->m_base = head;
}

// Slot numbers that are newer than the oldest supported CPython are 0 where the headers lack them: such a slot ends
// the table, so it goes last.
#if PY_VERSION_HEX >= 0x030C0000
#define SB_MOD_MULTIPLE_INTERPRETERS Py_mod_multiple_interpreters
#else
#define SB_MOD_MULTIPLE_INTERPRETERS 0
#endif
#if PY_VERSION_HEX >= 0x030D0000
#define SB_MOD_GIL Py_mod_gil
#else
#define SB_MOD_GIL 0
#endif

static inline int sb_mod_multiple_interpreters(void) { return SB_MOD_MULTIPLE_INTERPRETERS; }
static inline void *sb_mod_per_interpreter_gil(void) { return (void *)2; }
static inline int sb_mod_gil(void) { return SB_MOD_GIL; }
static inline void *sb_mod_gil_not_used(void) { return (void *)1; }

#endif
