// SPDX-License-Identifier: Apache-2.0
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <vector>

namespace nb = nanobind;
using Samples = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

struct Numbers {
    std::vector<double> data;
    Py_ssize_t count, stride = 8;
    explicit Numbers(Py_ssize_t count) : data(count), count(count) {}
};

// nanobind has no exporter of its own: the slots of C.
static int get(PyObject *self, Py_buffer *view, int flags) {
    Numbers *n = nb::inst_ptr<Numbers>(self);
    Py_INCREF(self);
    *view = {n->data.data(), self, 8 * n->count, 8, 0, 1, nullptr, nullptr, nullptr, nullptr, nullptr};
    if (flags & PyBUF_FORMAT) view->format = const_cast<char *>("d");
    if (flags & PyBUF_ND) view->shape = &n->count;
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES) view->strides = &n->stride;
    return 0;
}
static void release(PyObject *, Py_buffer *) {}
static PyType_Slot slots[] = {{Py_bf_getbuffer, (void *)get}, {Py_bf_releasebuffer, (void *)release}, {0, nullptr}};

NB_MODULE(innanobind, m) {
    nb::class_<Numbers>(m, "Numbers", nb::type_slots(slots))
        .def(nb::init<Py_ssize_t>(), nb::arg("count"))
        .def("first", [](Numbers &n) { return n.data.empty() ? 0.0 : n.data[0]; })
        .def("load", [](Numbers &n, Samples raw, double scale) { n.data[0] = raw.data()[0] * scale; },
             nb::arg("raw"), nb::arg("scale") = 1.0)
        .def_prop_ro("count", [](Numbers &n) { return n.count; });
    m.def("area", [](Py_ssize_t a, Py_ssize_t b) { return a * b; }, nb::arg("a"), nb::arg("b") = 1);
    m.def("first_of", [](Samples samples) { return samples.size() ? samples.data()[0] : 0; }, nb::arg("samples"));
}
