// SPDX-License-Identifier: Apache-2.0

// The linker puts this in place of the function of Swift's standard library that finds the name of a character (--wrap,
// see tools/swiftpm.py), whose tables of all names (0.55 MB) are then left out. Nothing in the extension module asks for
// Unicode.Scalar.Properties.name; it would be nil.
#include <stddef.h>
#include <stdint.h>

ptrdiff_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, ptrdiff_t capacity);

ptrdiff_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, ptrdiff_t capacity) {
    (void)scalar;
    (void)buffer;
    (void)capacity;
    return 0;
}
