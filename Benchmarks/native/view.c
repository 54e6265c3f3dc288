// SPDX-License-Identifier: Apache-2.0

// A view of one or two dimensions in as little C as will do: what a type like `swiftbuffer.View` costs on this
// interpreter. It is no product: it knows native numbers only, and neither releases nor writes what is read-only.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

typedef struct View {
    PyObject_HEAD
    Py_buffer acquired;  // of a view of somebody else's memory
    PyObject *owner;     // of a view of a view: the first
    char *start;
    int ndim;
    char code;
    Py_ssize_t shape[2], strides[2];
} View;

typedef struct {
    PyObject_HEAD
    View *view;
    char *at, *end;
    Py_ssize_t stride;
} Iterator;

static PyTypeObject *view_type, *iterator_type;
static PyObject *small[256];

// -- Life --------------------------------------------------------------------------------------------------------

#ifndef Py_GIL_DISABLED
enum { KEPT = 32 };
static View *kept[KEPT];
static int kept_count;
#endif

static View *new_view(void) {
#ifndef Py_GIL_DISABLED
    if (kept_count) {
        View *again = kept[--kept_count];
        Py_INCREF(view_type);
        _Py_NewReference((PyObject *)again);
        return again;
    }
#endif
    return PyObject_GC_New(View, view_type);
}

static void give_back(View *view) {
#ifndef Py_GIL_DISABLED
    if (kept_count < KEPT) kept[kept_count++] = view;
    else
#endif
        PyObject_GC_Del(view);
    Py_DECREF(view_type);
}

static void view_dealloc(PyObject *self) {
    View *view = (View *)self;
    PyObject_GC_UnTrack(self);
    if (view->owner) Py_DECREF(view->owner);
    else PyBuffer_Release(&view->acquired);
    give_back(view);
}

static int view_traverse(PyObject *self, visitproc visit, void *arg) {
    View *view = (View *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(view->owner);
    if (!view->owner) Py_VISIT(view->acquired.obj);
    return 0;
}

static PyObject *view_call(PyObject *type, PyObject *const *arguments, size_t flags, PyObject *names) {
    (void)type;
    if (PyVectorcall_NARGS(flags) != 1 || names) {
        PyErr_SetString(PyExc_TypeError, "View takes one object");
        return NULL;
    }
    View *view = new_view();
    if (!view) return NULL;
    view->owner = NULL;
    Py_buffer *b = &view->acquired;
    if (PyObject_GetBuffer(arguments[0], b, PyBUF_FULL_RO)) {
        give_back(view);
        return NULL;
    }
    view->start = b->buf;
    view->ndim = b->ndim;
    view->code = b->format ? b->format[0] : 'B';
    if (view->code == 'l') view->code = 'q';
    if (view->code == 'L') view->code = 'Q';
    for (int i = 0; i < b->ndim && i < 2; i++) {
        view->shape[i] = b->shape[i];
        view->strides[i] = b->strides[i];
    }
    PyObject_GC_Track(view);
    return (PyObject *)view;
}

// A view of the same memory, to be narrowed and then tracked.
static View *view_of(View *view) {
    View *made = new_view();
    if (!made) return NULL;
    made->owner = Py_NewRef(view->owner ? view->owner : (PyObject *)view);
    made->start = view->start;
    made->ndim = view->ndim;
    made->code = view->code;
    memcpy(made->shape, view->shape, sizeof view->shape);
    memcpy(made->strides, view->strides, sizeof view->strides);
    return made;
}

// -- Items -------------------------------------------------------------------------------------------------------

#define LOAD(type)                  \
    type value;                     \
    memcpy(&value, p, sizeof value)

static inline PyObject *load(char code, const char *p) {
    switch (code) {
        case 'B': return Py_NewRef(small[*(const uint8_t *)p]);
        case 'b': { LOAD(int8_t); return PyLong_FromLong(value); }
        case 'h': { LOAD(int16_t); return PyLong_FromLong(value); }
        case 'H': { LOAD(uint16_t); return PyLong_FromLong(value); }
        case 'i': { LOAD(int32_t); return PyLong_FromLong(value); }
        case 'I': { LOAD(uint32_t); return PyLong_FromLong(value); }
        case 'q': { LOAD(int64_t); return PyLong_FromLongLong(value); }
        case 'Q': { LOAD(uint64_t); return PyLong_FromUnsignedLongLong(value); }
        case 'f': { LOAD(float); return PyFloat_FromDouble(value); }
        case 'd': { LOAD(double); return PyFloat_FromDouble(value); }
        default: PyErr_SetString(PyExc_NotImplementedError, "a native number is needed"); return NULL;
    }
}

static int store(char code, char *p, PyObject *item) {
    if (code == 'd') {
        double value = PyFloat_CheckExact(item) ? PyFloat_AS_DOUBLE(item) : PyFloat_AsDouble(item);
        if (value == -1 && PyErr_Occurred()) return -1;
        memcpy(p, &value, sizeof value);
        return 0;
    }
    long value = PyLong_AsLong(item);
    if (value == -1 && PyErr_Occurred()) return -1;
    if (code == 'B' && value >= 0 && value <= 255) {
        *(uint8_t *)p = (uint8_t)value;
        return 0;
    }
    PyErr_SetString(PyExc_ValueError, "a double, or a byte from 0 to 255, is needed");
    return -1;
}

static inline int whole(PyObject *key, Py_ssize_t length, Py_ssize_t *index) {
    Py_ssize_t i = PyLong_CheckExact(key) ? PyLong_AsSsize_t(key) : PyNumber_AsSsize_t(key, PyExc_IndexError);
    if (i == -1 && PyErr_Occurred()) return -1;
    if (i < 0) i += length;
    if ((size_t)i >= (size_t)length) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return -1;
    }
    *index = i;
    return 0;
}

// -- Keys --------------------------------------------------------------------------------------------------------

static int narrow(View *view, int axis, PyObject *slice) {
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step)) return -1;
    Py_ssize_t length = PySlice_AdjustIndices(view->shape[axis], &start, &stop, step);
    view->start += start * view->strides[axis];
    view->shape[axis] = length;
    view->strides[axis] *= step;
    return 0;
}

static PyObject *sliced(View *view, PyObject *first, PyObject *second) {
    View *made = view_of(view);
    if (!made) return NULL;
    int failed = narrow(made, 0, first) || (second && narrow(made, 1, second));
    PyObject_GC_Track(made);
    if (failed) Py_CLEAR(made);
    return (PyObject *)made;
}

// The address of the item that two indices name, or of the row that one names; NULL with an exception set.
static char *place(View *view, PyObject *first, PyObject *second) {
    Py_ssize_t i, j = 0;
    if (whole(first, view->shape[0], &i) || (second && whole(second, view->shape[1], &j))) return NULL;
    return view->start + i * view->strides[0] + (second ? j * view->strides[1] : 0);
}

static int is_pair(View *view, PyObject *key) {
    return view->ndim == 2 && PyTuple_CheckExact(key) && PyTuple_GET_SIZE(key) == 2;
}

static PyObject *view_subscript(PyObject *self, PyObject *key) {
    View *view = (View *)self;
    PyObject *first = key, *second = NULL;
    if (is_pair(view, key)) {
        first = PyTuple_GET_ITEM(key, 0);
        second = PyTuple_GET_ITEM(key, 1);
    }
    if (PySlice_Check(first)) return sliced(view, first, second);
    char *at = place(view, first, second);
    if (!at) return NULL;
    if (second || view->ndim == 1) return load(view->code, at);
    View *row = view_of(view);
    if (!row) return NULL;
    row->start = at;
    row->ndim = 1;
    row->shape[0] = view->shape[1];
    row->strides[0] = view->strides[1];
    PyObject_GC_Track(row);
    return (PyObject *)row;
}

static int view_assign(PyObject *self, PyObject *key, PyObject *item) {
    View *view = (View *)self;
    int pair = is_pair(view, key);
    char *at = pair ? place(view, PyTuple_GET_ITEM(key, 0), PyTuple_GET_ITEM(key, 1)) : place(view, key, NULL);
    return at ? store(view->code, at, item) : -1;
}

static Py_ssize_t view_length(PyObject *self) { return ((View *)self)->shape[0]; }

// -- All items ---------------------------------------------------------------------------------------------------

static PyObject *list_of_row(View *view, const char *p, int axis) {
    Py_ssize_t length = view->shape[axis], stride = view->strides[axis];
    PyObject *list = PyList_New(length);
    for (Py_ssize_t i = 0; list && i < length; i++, p += stride) {
        PyObject *item = load(view->code, p);
        if (item) PyList_SET_ITEM(list, i, item);
        else Py_CLEAR(list);
    }
    return list;
}

static PyObject *view_tolist(PyObject *self, PyObject *unused) {
    (void)unused;
    View *view = (View *)self;
    if (view->ndim == 1) return list_of_row(view, view->start, 0);
    PyObject *list = PyList_New(view->shape[0]);
    for (Py_ssize_t i = 0; list && i < view->shape[0]; i++) {
        PyObject *row = list_of_row(view, view->start + i * view->strides[0], 1);
        if (row) PyList_SET_ITEM(list, i, row);
        else Py_CLEAR(list);
    }
    return list;
}

static PyObject *view_iterate(PyObject *self) {
    View *view = (View *)self;
    Iterator *made = PyObject_GC_New(Iterator, iterator_type);
    if (!made) return NULL;
    made->view = (View *)Py_NewRef(self);
    made->at = view->start;
    made->stride = view->strides[0];
    made->end = view->start + view->shape[0] * made->stride;
    PyObject_GC_Track(made);
    return (PyObject *)made;
}

static PyObject *iterator_next(PyObject *self) {
    Iterator *iterator = (Iterator *)self;
    if (iterator->at == iterator->end) return NULL;
    char *at = iterator->at;
    iterator->at += iterator->stride;
    return load(iterator->view->code, at);
}

static void iterator_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_DECREF(((Iterator *)self)->view);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Iterator *)self)->view);
    return 0;
}

// -- The module --------------------------------------------------------------------------------------------------

static PyMethodDef view_methods[] = {{"tolist", view_tolist, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

static PyType_Slot view_slots[] = {
    {Py_tp_dealloc, view_dealloc},        {Py_tp_traverse, view_traverse}, {Py_mp_subscript, view_subscript},
    {Py_mp_ass_subscript, view_assign},   {Py_mp_length, view_length},     {Py_tp_iter, view_iterate},
    {Py_tp_methods, view_methods},        {0, NULL},
};
static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc}, {Py_tp_traverse, iterator_traverse},
    {Py_tp_iter, PyObject_SelfIter},   {Py_tp_iternext, iterator_next},
    {0, NULL},
};
static PyType_Spec view_spec = {"view.View", sizeof(View), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, view_slots};
static PyType_Spec iterator_spec = {
    "view.Iterator", sizeof(Iterator), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, iterator_slots};

static int fill(PyObject *module) {
    for (int i = 0; i < 256; i++)
        if (!(small[i] = PyLong_FromLong(i))) return -1;
    view_type = (PyTypeObject *)PyType_FromSpec(&view_spec);
    iterator_type = (PyTypeObject *)PyType_FromSpec(&iterator_spec);
    if (!view_type || !iterator_type) return -1;
    view_type->tp_vectorcall = view_call;
    return PyModule_AddObjectRef(module, "View", (PyObject *)view_type);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, fill},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "view", NULL, 0, NULL, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_view(void) { return PyModuleDef_Init(&definition); }
