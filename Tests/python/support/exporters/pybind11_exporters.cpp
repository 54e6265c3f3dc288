// SPDX-License-Identifier: Apache-2.0

// What pybind11 makes exporters of.

#include <pybind11/pybind11.h>

namespace py = pybind11;

struct Table {
    float items[48] = {};
};

PYBIND11_MODULE(pybind11_exporters, module, py::mod_gil_not_used()) {
    py::class_<Table>(module, "Table", py::buffer_protocol()).def(py::init<>()).def_buffer([](Table &table) {
        return py::buffer_info(table.items, {3, 4}, {64, 8});
    });
}
