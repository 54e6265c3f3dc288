// SPDX-License-Identifier: Apache-2.0

// Examples/statistics with nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <limits>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;
using Numbers = nb::ndarray<nb::ro, nb::device::cpu>;

// What is known of numbers that were seen one by one.
struct Summary {
    Py_ssize_t count = 0;
    double mean = 0, squares = 0;
    double least = std::numeric_limits<double>::infinity(), greatest = -least;

    // Welford's algorithm: the sum of squares about a mean that moves.
    void add(double value) {
        count++;
        double difference = value - mean;
        mean += difference / count;
        squares += difference * (value - mean);
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    double deviation() const { return count == 0 ? 0 : std::sqrt(squares / count); }
};

template <typename T, typename Body> void walk(const Numbers &numbers, const T *at, size_t axis, Body &body) {
    if (axis == numbers.ndim()) { body(double(*at)); return; }
    for (size_t i = 0; i < numbers.shape(axis); i++) walk(numbers, at + i * numbers.stride(axis), axis + 1, body);
}

template <typename T, typename Body> bool visit(const Numbers &numbers, Body &body) {
    if (numbers.dtype() != nb::dtype<T>()) return false;
    walk(numbers, static_cast<const T *>(numbers.data()), 0, body);
    return true;
}

// Calls `body` with each number of a buffer, whatever its format and layout.
template <typename Body> void for_each_number(const Numbers &numbers, Body body) {
    if (!(visit<int8_t>(numbers, body) || visit<uint8_t>(numbers, body) || visit<int16_t>(numbers, body)
          || visit<uint16_t>(numbers, body) || visit<int32_t>(numbers, body) || visit<uint32_t>(numbers, body)
          || visit<int64_t>(numbers, body) || visit<uint64_t>(numbers, body) || visit<float>(numbers, body)
          || visit<double>(numbers, body)))
        throw nb::type_error("numbers are needed");
}

NB_MODULE(stats, m) {
    m.doc() = "Statistics of any buffer of numbers.";
    nb::class_<Summary>(m, "Summary", "What numbers have in common.")
        .def_ro("count", &Summary::count)
        .def_ro("mean", &Summary::mean)
        .def_prop_ro("deviation", &Summary::deviation)
        .def_ro("least", &Summary::least)
        .def_ro("greatest", &Summary::greatest)
        .def("__repr__", [](const Summary &s) {
            return nb::str("<Summary of {} numbers from {} to {}, mean {}>").format(s.count, s.least, s.greatest, s.mean);
        });
    m.def("summarize", [](Numbers numbers) {
        Summary summary;
        for_each_number(numbers, [&](double value) { summary.add(value); });
        return summary;
    }, "numbers"_a, "Return the Summary of a buffer of any layout.");
    m.def("histogram", [](Numbers numbers, double low, double high, Py_ssize_t bins) {
        if (!(low < high) || bins < 1 || bins > 1000000) throw nb::value_error("these bins cannot be made");
        std::vector<Py_ssize_t> counts(bins);
        for_each_number(numbers, [&](double value) {
            if (!(value >= low && value <= high)) return;
            counts[std::min(bins - 1, Py_ssize_t((value - low) / (high - low) * bins))]++;
        });
        return counts;
    }, "numbers"_a, "low"_a, "high"_a, "bins"_a = 10, "Return how many are in each bin.");
}
