// SPDX-License-Identifier: Apache-2.0

// The calls as a careful author writes them in C: vectorcall, names of parameters compared, the format checked.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>

typedef struct {
    PyObject_HEAD
    double *data;
    Py_ssize_t exports, count, stride;
} Numbers;

static int numbers_get(PyObject *self, Py_buffer *view, int flags) {
    Numbers *numbers = (Numbers *)self;
    view->buf = numbers->data;
    view->obj = Py_NewRef(self);
    view->len = 8 * numbers->count;
    view->itemsize = 8;
    view->readonly = 0;
    view->ndim = 1;
    view->format = flags & PyBUF_FORMAT ? "d" : NULL;
    view->shape = flags & PyBUF_ND ? &numbers->count : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &numbers->stride : NULL;
    view->suboffsets = NULL;
    view->internal = NULL;
    numbers->exports++;
    return 0;
}

static void numbers_release(PyObject *self, Py_buffer *Py_UNUSED(view)) { ((Numbers *)self)->exports--; }

static PyObject *numbers_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"count", NULL};
    Py_ssize_t count;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n", names, &count)) return NULL;
    Numbers *self = (Numbers *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->count = count;
    self->stride = 8;
    self->data = calloc(count > 0 ? count : 1, 8);
    return (PyObject *)self;
}

static void numbers_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    free(((Numbers *)self)->data);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *numbers_first(PyObject *self, PyObject *Py_UNUSED(none)) {
    return PyFloat_FromDouble(((Numbers *)self)->count ? ((Numbers *)self)->data[0] : 0);
}

static PyObject *numbers_count(PyObject *self, void *Py_UNUSED(closure)) {
    return PyLong_FromSsize_t(((Numbers *)self)->count);
}

// Puts the arguments in the order of the parameters; 0 if they do not fit.
static int bind(PyObject *const *args, Py_ssize_t n, PyObject *kw, const char *const *names, PyObject **found,
                int count, int required) {
    if (n > count) { PyErr_SetString(PyExc_TypeError, "too many arguments"); return 0; }
    for (Py_ssize_t i = 0; i < n; i++) found[i] = args[i];
    for (Py_ssize_t i = 0; kw && i < PyTuple_GET_SIZE(kw); i++) {
        int k = 0;
        while (k < count && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kw, i), names[k])) k++;
        if (k == count || found[k]) { PyErr_SetString(PyExc_TypeError, "unexpected argument"); return 0; }
        found[k] = args[n + i];
    }
    for (int i = 0; i < required; i++)
        if (!found[i]) { PyErr_SetString(PyExc_TypeError, "missing argument"); return 0; }
    return 1;
}

// Acquires a contiguous buffer of format "d".
static int doubles(PyObject *object, Py_buffer *view) {
    if (PyObject_GetBuffer(object, view, PyBUF_FULL_RO)) return 0;
    if (!view->format || view->format[0] != 'd' || view->format[1] || !PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        PyErr_SetString(PyExc_BufferError, "contiguous items of format 'd' are needed");
        return 0;
    }
    return 1;
}

static PyObject *numbers_load(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *kw) {
    static const char *const names[] = {"raw", "scale"};
    PyObject *found[2] = {NULL, NULL};
    if (!bind(args, n, kw, names, found, 2, 1)) return NULL;
    Py_buffer view;
    if (!doubles(found[0], &view)) return NULL;
    double scale = found[1] ? PyFloat_AsDouble(found[1]) : 1;
    if (scale == -1 && PyErr_Occurred()) { PyBuffer_Release(&view); return NULL; }
    if (view.len && ((Numbers *)self)->count) ((Numbers *)self)->data[0] = ((double *)view.buf)[0] * scale;
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *area(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t n, PyObject *kw) {
    static const char *const names[] = {"a", "b"};
    PyObject *found[2] = {NULL, NULL};
    if (!bind(args, n, kw, names, found, 2, 1)) return NULL;
    Py_ssize_t values[2] = {0, 1};
    for (int i = 0; i < 2; i++) {
        if (!found[i]) continue;
        values[i] = PyNumber_AsSsize_t(found[i], PyExc_OverflowError);
        if (values[i] == -1 && PyErr_Occurred()) return NULL;
    }
    return PyLong_FromSsize_t(values[0] * values[1]);
}

static PyObject *first_of(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t n, PyObject *kw) {
    static const char *const names[] = {"samples"};
    PyObject *found[1] = {NULL};
    if (!bind(args, n, kw, names, found, 1, 1)) return NULL;
    Py_buffer view;
    if (!doubles(found[0], &view)) return NULL;
    double first = view.len ? ((double *)view.buf)[0] : 0;
    PyBuffer_Release(&view);
    return PyFloat_FromDouble(first);
}

static PyMethodDef numbers_methods[] = {
    {"first", numbers_first, METH_NOARGS, NULL},
    {"load", (PyCFunction)(void *)numbers_load, METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL}};
static PyGetSetDef numbers_attributes[] = {{"count", numbers_count, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot numbers_slots[] = {
    {Py_tp_methods, numbers_methods}, {Py_tp_getset, numbers_attributes}, {Py_tp_new, numbers_new},
    {Py_tp_dealloc, numbers_dealloc}, {Py_bf_getbuffer, numbers_get}, {Py_bf_releasebuffer, numbers_release},
    {0, NULL}};
static PyType_Spec numbers_spec = {"inc.Numbers", sizeof(Numbers), 0, Py_TPFLAGS_DEFAULT, numbers_slots};

static PyMethodDef functions[] = {
    {"area", (PyCFunction)(void *)area, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"first_of", (PyCFunction)(void *)first_of, METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "inc", NULL, -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_inc(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module) return NULL;
    PyObject *type = PyType_FromSpec(&numbers_spec);
    if (!type || PyModule_AddObjectRef(module, "Numbers", type)) { Py_DECREF(module); return NULL; }
    Py_DECREF(type);
    return module;
}
