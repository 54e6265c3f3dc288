# SPDX-License-Identifier: Apache-2.0
"""DLP111 to DLP123: the fields of each tensor."""

from __future__ import annotations

from collections.abc import Iterator

from swiftbuffer._check import manuals
from swiftbuffer._check.codes import Observation, Severity
from swiftbuffer._check.production import Production
from swiftbuffer._check.rule import Phase, each_tensor, tensor_code, tensor_experiment
from swiftbuffer._check.tensors import COPIED, READ_ONLY, SUBBYTE_PADDED, Tensor

# The bits that a kind of number may have, by its code in DLPack 1.3. Integers and handles may have any.
_BITS: dict[int, frozenset[int]] = {
    2: frozenset({16, 32, 64, 80, 96, 128}),
    4: frozenset({16}),
    5: frozenset({32, 64, 128, 160, 192, 256}),
    6: frozenset({8}),
    **dict.fromkeys(range(7, 15), frozenset({8})),
    **dict.fromkeys((15, 16), frozenset({6})),
    17: frozenset({4}),
}
_ANY_BITS = frozenset({0, 1, 3})
_COMPLEX = 5


@each_tensor(
    tensor_code(
        111,
        "flags-undefined",
        Severity.VIOLATION,
        manuals.DLPACK_VERSIONED,
        title="flags has bits that mean nothing for this tensor",
        rule=(
            "flags is 0 but for READ_ONLY, IS_COPIED, and IS_SUBBYTE_TYPE_PADDED, which is for items of less than a "
            "byte alone."
        ),
        consequence="A consumer takes the bit for what a later version will give it, or refuses the tensor.",
        remedy="Set all of flags, and set it to 0 first.",
    )
)
def flags_undefined(tensor: Tensor, _: Production) -> bool:
    known = READ_ONLY | COPIED | (SUBBYTE_PADDED if tensor.type[1] < 8 else 0)
    return bool(tensor.flags & ~known)


@each_tensor(
    tensor_code(
        112,
        "ndim-impossible",
        Severity.VIOLATION,
        manuals.DLPACK_TENSOR,
        title="ndim is no number of dimensions",
        rule="ndim is the number of dimensions, 0 for a scalar.",
        consequence="Consumers reserve room for that many numbers, or read shape that far.",
        remedy="Set ndim, which is 32 bits wide, to the length of shape.",
    )
)
def ndim_impossible(tensor: Tensor, _: Production) -> bool:
    return not 0 <= tensor.ndim <= 1 << 12


@each_tensor(
    tensor_code(
        113,
        "shape-missing",
        Severity.VIOLATION,
        manuals.DLPACK_TENSOR,
        title="shape is NULL or cannot be read",
        rule="shape points at ndim numbers, which live as long as the tensor.",
        consequence="The consumer crashes.",
        remedy="Keep the numbers with the structure, not on the stack of __dlpack__.",
    )
)
def shape_missing(tensor: Tensor, production: Production) -> bool:
    return tensor.ndim > 0 and (tensor.shape is None and not ndim_impossible(tensor, production))


@each_tensor(
    tensor_code(
        114,
        "shape-negative",
        Severity.VIOLATION,
        manuals.DLPACK_TENSOR,
        title="shape has a negative length",
        rule="shape has the length of each axis; there is no length that stands for an unknown one.",
        consequence="Sizes are worked out wrongly, and the consumer reads beyond the memory.",
        remedy="Fill in the true lengths.",
    )
)
def shape_negative(tensor: Tensor, _: Production) -> bool:
    return any(length < 0 for length in tensor.shape or ())


STRIDES_MISSING = tensor_code(
    115,
    "strides-missing",
    Severity.VIOLATION,
    manuals.DLPACK_TENSOR,
    title="strides is NULL or cannot be read",
    rule="From version 1.2 on, strides points at ndim numbers unless ndim is 0; before, NULL means C order.",
    consequence="The consumer crashes.",
    remedy="Fill in strides, in items, also for C order.",
)


@each_tensor(STRIDES_MISSING)
def strides_missing(tensor: Tensor, production: Production) -> bool:
    if tensor.ndim <= 0 or ndim_impossible(tensor, production):
        return False
    needed = tensor.version is not None and tensor.version >= (1, 2)
    return "strides" in tensor.unreadable or (needed and tensor.strides is None)


@each_tensor(
    tensor_code(
        116,
        "size-overflow",
        Severity.VIOLATION,
        manuals.DLPACK_DATA,
        title="the bytes of the items are more than a size can be",
        rule="The size is the product of shape and the bytes of one item, (bits * lanes + 7) / 8.",
        consequence="The product overflows, and the consumer takes the memory for small.",
        remedy="Compare shape with the memory before it is handed out.",
    )
)
def size_overflow(tensor: Tensor, _: Production) -> bool:
    bits, lanes = tensor.type[1:]
    lengths = tensor.shape or ()
    return all(length > 0 for length in lengths) and tensor.count * ((bits * lanes + 7) // 8) >= 1 << 63


@each_tensor(
    tensor_code(
        117,
        "type-undefined",
        Severity.VIOLATION,
        manuals.DLPACK_DATATYPE,
        title="the items have a type that DLPack does not define",
        rule=(
            "code is one of DLDataTypeCode, bits the size of one number (8 for a bool, both parts of a complex one "
            "together), and lanes at least 1."
        ),
        consequence="Consumers refuse the tensor, or read items of another size.",
        remedy="Take code and bits from the table of DLDataType.",
    )
)
def type_undefined(tensor: Tensor, _: Production) -> bool:
    code, bits, lanes = tensor.type
    return not (lanes and bits and (code in _ANY_BITS or bits in _BITS.get(code, ())))


@each_tensor(
    tensor_code(
        118,
        "data-missing",
        Severity.VIOLATION,
        manuals.DLPACK_DATA,
        title="data is NULL although there are items",
        rule="data points at the allocated memory; it is NULL for a tensor of size zero.",
        consequence="The consumer crashes.",
        remedy="Raise BufferError where there is no memory.",
    )
)
def data_missing(tensor: Tensor, _: Production) -> bool:
    return tensor.data == 0 and tensor.count > 0 and (tensor.shape is not None or tensor.ndim == 0)


@each_tensor(
    tensor_code(
        119,
        "data-of-nothing",
        Severity.DEVIATION,
        manuals.DLPACK_DATA,
        title="data is not NULL although there are no items",
        rule="If the tensor is of size zero, the data pointer should be NULL.",
        consequence="A consumer may compare or register an address of no memory.",
        remedy="Set data to NULL if any length is 0.",
    )
)
def data_of_nothing(tensor: Tensor, _: Production) -> bool:
    return tensor.data != 0 and 0 in (tensor.shape or ())


@each_tensor(
    tensor_code(
        121,
        "items-misaligned",
        Severity.DEVIATION,
        manuals.DLPACK_DATA,
        title="the items are at addresses that are no multiple of their alignment",
        rule=(
            "data is aligned to 256 bytes, which most libraries do not keep; consumers rely on that of the items, "
            "byte_offset included."
        ),
        consequence="Consumers refuse the tensor, or read it with instructions that need the alignment.",
        remedy="Raise BufferError, or hand out a copy, for memory that is not aligned.",
    )
)
def items_misaligned(tensor: Tensor, _: Production) -> bool:
    code, bits = tensor.type[:2]
    alignment = bits // 8 // (2 if code == _COMPLEX else 1)
    # Of long double, the size says nothing about the alignment.
    return tensor.is_readable and alignment in (2, 4, 8) and tensor.first % alignment != 0


DEVICE_DIFFERS = tensor_code(
    123,
    "device-differs",
    Severity.VIOLATION,
    manuals.ARRAY_API,
    title="the tensor is on another device than the producer says",
    rule="Without dl_device the tensor is on the device that __dlpack_device__ names, and with that device too.",
    consequence="The consumer reads the memory of one device with the functions of another.",
    remedy="Take both from one place.",
)


@tensor_experiment(DEVICE_DIFFERS, phase=Phase.ANSWERS)
def compare_devices(production: Production) -> Iterator[Observation]:
    """Compares the device of each tensor with that of the producer."""
    for tensor in production.granted:
        if production.device is not None and tensor.device != production.device:
            seen = f"device={tensor.device}; __dlpack_device__() returned {production.device}"
            yield DEVICE_DIFFERS.observed(str(tensor.request), seen)
