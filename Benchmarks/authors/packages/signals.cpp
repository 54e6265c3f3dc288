// SPDX-License-Identifier: Apache-2.0

// Examples/signal-generator with nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cmath>
#include <string>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;
using Samples = nb::ndarray<const float, nb::ndim<1>, nb::device::cpu>;

enum class Wave { sine, square };
struct ClipError : std::runtime_error { using runtime_error::runtime_error; };

// A growing recording: mono samples of 32-bit floats.
struct Signal {
    double sample_rate;
    std::vector<float> samples;
    Py_ssize_t exports = 0, count = 0, stride = sizeof(float);

    Signal(double rate, Py_ssize_t capacity) : sample_rate(rate) {
        if (!(rate > 0) || !std::isfinite(rate)) throw nb::value_error("sample_rate must be positive");
        if (capacity < 0) throw nb::value_error("capacity must not be negative");
        samples.reserve(capacity);
    }
    template <typename Sample> void append(Py_ssize_t added, Sample sample) {
        if (exports) throw nb::buffer_error("Existing exports of data: object cannot be re-sized");
        samples.reserve(samples.size() + added);
        for (Py_ssize_t i = 0; i < added; i++) samples.push_back(sample(i));
        count = samples.size();
    }
    void tone(double frequency, double seconds, Wave wave, double amplitude) {
        if (std::fabs(amplitude) > 1) throw ClipError("an amplitude of " + std::to_string(amplitude) + " clips");
        if (!(seconds * sample_rate >= 0 && seconds * sample_rate <= 1e9)) throw nb::value_error("no such tone");
        double step = 2 * M_PI * frequency / sample_rate;
        append(seconds * sample_rate, [&](Py_ssize_t i) {
            double value = std::sin(step * i);
            return float(amplitude * (wave == Wave::sine ? value : value < 0 ? -1 : 1));
        });
    }
    double rms() const {
        double sum = 0;
        for (float sample : samples) sum += double(sample) * sample;
        return samples.empty() ? 0 : std::sqrt(sum / samples.size());
    }
};

static int get(PyObject *self, Py_buffer *view, int flags) {
    Signal *signal = nb::inst_ptr<Signal>(self);
    *view = {signal->samples.data(), Py_NewRef(self), 4 * signal->count, 4, 0, 1};
    if (flags & PyBUF_FORMAT) view->format = const_cast<char *>("f");
    if (flags & PyBUF_ND) view->shape = &signal->count;
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES) view->strides = &signal->stride;
    signal->exports++;
    return 0;
}
static void release(PyObject *self, Py_buffer *) { nb::inst_ptr<Signal>(self)->exports--; }
static PyType_Slot slots[] = {{Py_bf_getbuffer, (void *)get}, {Py_bf_releasebuffer, (void *)release}, {0, nullptr}};

NB_MODULE(signals, m) {
    m.doc() = "Recordings that are made of tones.";
    nb::exception<ClipError>(m, "ClipError");
    nb::enum_<Wave>(m, "Wave").value("sine", Wave::sine).value("square", Wave::square);
    nb::class_<Signal>(m, "Signal", nb::type_slots(slots), "A growing recording; a buffer of format 'f'.")
        .def(nb::init<double, Py_ssize_t>(), "sample_rate"_a = 44100.0, "capacity"_a = 0)
        .def("tone", &Signal::tone, "frequency"_a, "seconds"_a = 1.0, nb::kw_only(), "wave"_a = Wave::sine,
             "amplitude"_a = 1.0, "Append a tone; BufferError while arrays of the signal live.")
        .def("append", [](Signal &s, Samples added) { s.append(added.shape(0), [&](Py_ssize_t i) { return added(i); }); },
             "samples"_a, "Append samples of format 'f'.")
        .def("rms", &Signal::rms, "Return the root of the mean square.")
        .def_rw("sample_rate", &Signal::sample_rate)
        .def("__len__", [](const Signal &s) { return s.count; })
        .def("__getitem__", [](const Signal &s, Py_ssize_t i) {
            if (i < 0) i += s.count;
            if (i < 0 || i >= s.count) throw nb::index_error();
            return s.samples[i];
        })
        .def("__repr__", [](const Signal &s) {
            return nb::str("<Signal of {} samples at {} Hz>").format(s.count, s.sample_rate);
        });
}
