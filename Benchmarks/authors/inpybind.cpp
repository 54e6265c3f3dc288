// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>

#include <vector>

namespace py = pybind11;

static double first_of(const py::buffer &samples) {
    py::buffer_info info = samples.request();
    if (info.format != "d" || info.ndim != 1 || info.strides[0] != 8) throw py::buffer_error("format 'd' is needed");
    return info.size ? *static_cast<double *>(info.ptr) : 0;
}

struct Numbers {
    std::vector<double> data;
    explicit Numbers(py::ssize_t count) : data(count) {}
};

PYBIND11_MODULE(inpybind, m) {
    py::class_<Numbers>(m, "Numbers", py::buffer_protocol())
        .def(py::init<py::ssize_t>(), py::arg("count"))
        .def("first", [](Numbers &n) { return n.data.empty() ? 0.0 : n.data[0]; })
        .def("load", [](Numbers &n, const py::buffer &raw, double scale) { n.data[0] = first_of(raw) * scale; },
             py::arg("raw"), py::arg("scale") = 1.0)
        .def_property_readonly("count", [](Numbers &n) { return n.data.size(); })
        .def_buffer([](Numbers &n) {
            return py::buffer_info(n.data.data(), 8, "d", 1, {py::ssize_t(n.data.size())}, {py::ssize_t(8)});
        });
    m.def("area", [](py::ssize_t a, py::ssize_t b) { return a * b; }, py::arg("a"), py::arg("b") = 1);
    m.def("first_of", first_of, py::arg("samples"));
}
