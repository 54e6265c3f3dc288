// SPDX-License-Identifier: Apache-2.0

// Examples/image-parts with nanobind.
#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <vector>

namespace nb = nanobind;
using namespace nb::literals;
using Sizes = std::vector<Py_ssize_t>;

// 8-bit RGB whose rows begin at multiples of 32 bytes, or a part of such an image that shares its memory.
struct Image {
    std::shared_ptr<uint8_t[]> memory;
    Py_ssize_t offset = 0;
    Sizes shape, strides;

    Image(Py_ssize_t height, Py_ssize_t width) {
        if (height < 0 || width < 0 || std::max(height, width) >= 1 << 30) throw nb::value_error("no such image");
        Py_ssize_t row = (3 * width + 31) / 32 * 32;
        memory.reset(new uint8_t[height * row]());
        shape = {height, width, 3};
        strides = {row, 3, 1};
    }
    Image(const Image &image, const Sizes &start, Sizes size) : memory(image.memory), offset(image.offset), shape(size) {
        strides.assign(image.strides.begin(), image.strides.begin() + size.size());
        for (Py_ssize_t length : shape) if (length == 0) return;
        for (size_t i = 0; i < start.size(); i++) offset += start[i] * image.strides[i];
    }
    Image crop(Py_ssize_t top, Py_ssize_t left, Py_ssize_t height, Py_ssize_t width) const {
        if (top < 0 || left < 0 || height < 0 || width < 0 || top > shape[0] || left > shape[1]
            || height > shape[0] - top || width > shape[1] - left) throw nb::value_error("these pixels are not in it");
        Sizes size = {height, width};
        size.insert(size.end(), shape.begin() + 2, shape.end());
        return Image(*this, {top, left}, size);
    }
    Image plane(Py_ssize_t channel) const {
        if (shape.size() != 3 || channel < 0 || channel > 2) throw nb::index_error("no such channel");
        return Image(*this, {0, 0, channel}, {shape[0], shape[1]});
    }
    void fill(uint8_t red, uint8_t green, uint8_t blue) {
        if (shape.size() != 3) throw nb::type_error("a plane has no colours");
        for (Py_ssize_t y = 0; y < shape[0]; y++)
            for (Py_ssize_t x = 0; x < shape[1]; x++) {
                uint8_t *pixel = memory.get() + offset + y * strides[0] + x * 3;
                pixel[0] = red; pixel[1] = green; pixel[2] = blue;
            }
    }
    // Whether the items follow each other in an order.
    bool is_contiguous(bool fortran) const {
        Py_ssize_t step = 1;
        for (size_t i = 0; i < shape.size(); i++) if (shape[i] == 0) return true;
        for (size_t i = 0; i < shape.size(); i++) {
            size_t axis = fortran ? i : shape.size() - 1 - i;
            if (shape[axis] > 1 && strides[axis] != step) return false;
            step *= shape[axis];
        }
        return true;
    }
};

static int get(PyObject *self, Py_buffer *view, int flags) {
    Image *image = nb::inst_ptr<Image>(self);
    bool c = image->is_contiguous(false), f = image->is_contiguous(true);
    auto asks = [&](int flag) { return (flags & flag) == flag; };
    if ((!asks(PyBUF_STRIDES) && !c) || (asks(PyBUF_C_CONTIGUOUS) && !c) || (asks(PyBUF_F_CONTIGUOUS) && !f)
        || (asks(PyBUF_ANY_CONTIGUOUS) && !c && !f)) {
        PyErr_SetString(PyExc_BufferError, "the image is not contiguous");
        view->obj = nullptr;
        return -1;
    }
    Py_ssize_t count = 1;
    for (Py_ssize_t length : image->shape) count *= length;
    *view = {image->memory.get() + image->offset, Py_NewRef(self), count, 1, 0, int(image->shape.size())};
    if (flags & PyBUF_FORMAT) view->format = const_cast<char *>("B");
    if (flags & PyBUF_ND) view->shape = image->shape.data(); else view->ndim = 1;
    if (asks(PyBUF_STRIDES)) view->strides = image->strides.data();
    return 0;
}
static void release(PyObject *, Py_buffer *) {}
static PyType_Slot slots[] = {{Py_bf_getbuffer, (void *)get}, {Py_bf_releasebuffer, (void *)release}, {0, nullptr}};

NB_MODULE(images, m) {
    m.doc() = "Images whose parts share their memory.";
    nb::class_<Image>(m, "Image", nb::type_slots(slots), "An RGB image with padded rows; a buffer of format 'B'.")
        .def(nb::init<Py_ssize_t, Py_ssize_t>(), "height"_a, "width"_a)
        .def("crop", &Image::crop, "top"_a, "left"_a, "height"_a, "width"_a, "Return a part that shares the memory.")
        .def("plane", &Image::plane, "channel"_a, "Return one colour of all pixels, which shares the memory.")
        .def("fill", &Image::fill, "red"_a, "green"_a, "blue"_a, "Set all pixels.")
        .def_ro("shape", &Image::shape);
}
