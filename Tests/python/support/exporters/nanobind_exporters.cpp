// SPDX-License-Identifier: Apache-2.0

// What nanobind makes exporters of.

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace nb = nanobind;

static float table[48];

NB_MODULE(nanobind_exporters, module) {
    module.def("strided", [] {
        nb::capsule owner(table, [](void *) noexcept {});
        return nb::ndarray<nb::array_api, float>(table, {3, 4}, owner, {16, 2});
    });
}
