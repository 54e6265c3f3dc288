// SPDX-License-Identifier: Apache-2.0

// An exporter of one axis that answers as the package's do, a view of it, and a loop that acquires and releases. Compiled
// twice: for one CPython, and with Py_LIMITED_API for CPython's stable ABI. stable_abi.py measures both.
#include <Python.h>

typedef struct {
    PyObject_HEAD
    Py_ssize_t exports, shape[1], strides[1];
    double items[8];
} Exporter;

typedef struct {
    PyObject_HEAD
    Py_buffer buffer;
} View;

static PyTypeObject *view_type;

static PyObject *allocate(PyTypeObject *type) { return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0); }

static int exporter_get(PyObject *self, Py_buffer *view, int flags) {
    Exporter *exporter = (Exporter *)self;
    exporter->exports++;
    view->buf = exporter->items;
    view->len = sizeof(exporter->items);
    view->itemsize = sizeof(double);
    view->readonly = 0;
    view->ndim = 1;
    view->format = (flags & PyBUF_FORMAT) ? "d" : NULL;
    view->shape = (flags & PyBUF_ND) ? exporter->shape : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? exporter->strides : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    Py_INCREF(self);
    view->obj = self;
    return 0;
}

static void exporter_release(PyObject *self, Py_buffer *Py_UNUSED(view)) { ((Exporter *)self)->exports--; }

static PyObject *exporter_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(keywords)) {
    Exporter *exporter = (Exporter *)allocate(type);
    if (exporter != NULL) {
        exporter->shape[0] = 8;
        exporter->strides[0] = sizeof(double);
    }
    return (PyObject *)exporter;
}

static PyObject *view_of(PyTypeObject *type, PyObject *object) {
    View *view = (View *)allocate(type);
    if (view != NULL && PyObject_GetBuffer(object, &view->buffer, PyBUF_FULL_RO) < 0) {
        Py_DECREF(view);
        return NULL;
    }
    return (PyObject *)view;
}

static PyObject *view_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *object;
    return PyArg_UnpackTuple(args, "View", 1, 1, &object) ? view_of(type, object) : NULL;
}

#ifndef Py_LIMITED_API
static PyObject *view_vectorcall(PyObject *type, PyObject *const *args, size_t count, PyObject *names) {
    if (PyVectorcall_NARGS(count) != 1 || names != NULL) {
        PyErr_SetString(PyExc_TypeError, "View takes one argument");
        return NULL;
    }
    return view_of((PyTypeObject *)type, args[0]);
}
#endif

static void deallocate(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    freefunc free_object = (freefunc)PyType_GetSlot(type, Py_tp_free);
    if (type == view_type) PyBuffer_Release(&((View *)self)->buffer);
    free_object(self);
    Py_DECREF(type);
}

// acquire(exporter, rounds)
static PyObject *acquire(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *object;
    long rounds;
    if (!PyArg_ParseTuple(args, "Ol", &object, &rounds)) return NULL;
    for (long i = 0; i < rounds; i++) {
        Py_buffer view;
        if (PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) < 0) return NULL;
        PyBuffer_Release(&view);
    }
    Py_RETURN_NONE;
}

static PyType_Slot exporter_slots[] = {
    {Py_tp_new, exporter_new},
    {Py_tp_dealloc, deallocate},
    {Py_bf_getbuffer, exporter_get},
    {Py_bf_releasebuffer, exporter_release},
    {0, NULL},
};
static PyType_Slot view_slots[] = {{Py_tp_new, view_new}, {Py_tp_dealloc, deallocate}, {0, NULL}};
static PyType_Spec exporter_spec = {"stable_abi.Exporter", sizeof(Exporter), 0, Py_TPFLAGS_DEFAULT, exporter_slots};
static PyType_Spec view_spec = {"stable_abi.View", sizeof(View), 0, Py_TPFLAGS_DEFAULT, view_slots};
static PyMethodDef methods[] = {{"acquire", acquire, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "stable_abi", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit_stable_abi(void) {
    PyObject *module = PyModule_Create(&definition);
    PyObject *exporter = PyType_FromSpec(&exporter_spec);
    view_type = (PyTypeObject *)PyType_FromSpec(&view_spec);
    if (module == NULL || exporter == NULL || view_type == NULL) return NULL;
#ifndef Py_LIMITED_API
    // The stable ABI has no slot for it before 3.14.
    view_type->tp_vectorcall = view_vectorcall;
#endif
    if (PyModule_AddObjectRef(module, "Exporter", exporter) < 0) return NULL;
    if (PyModule_AddObjectRef(module, "View", (PyObject *)view_type) < 0) return NULL;
    return module;
}
