// SPDX-License-Identifier: Apache-2.0
#ifndef KERNEL_BASE_H
#define KERNEL_BASE_H

#include <stdint.h>
#include <string.h>

// Everything is inlined into the Swift that calls it, and so compiled for the CPU of the calling target.
#define KS_INLINE static inline __attribute__((always_inline, unused))

#endif
