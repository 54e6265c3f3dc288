// SPDX-License-Identifier: Apache-2.0

// A consumer and a producer of arrays made by nanobind, beside which the exchange is timed.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace nb = nanobind;

NB_MODULE(take, m) {
    m.def("take", [](nb::ndarray<nb::ro> array) { return reinterpret_cast<size_t>(array.data()); });
    m.def("give", [](size_t address, size_t count, nb::object owner) {
        return nb::ndarray<nb::numpy, float>(reinterpret_cast<float *>(address), {count}, owner);
    });
}
