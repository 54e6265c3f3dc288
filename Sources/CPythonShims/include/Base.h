// SPDX-License-Identifier: Apache-2.0

// What all shims need: Python.h as this package includes it, and how a shim is declared.
#ifndef SWIFTBUFFER_BASE_H
#define SWIFTBUFFER_BASE_H

#include "../../CPython/CPython.h"

#include <stdint.h>

// Callable from Swift functions marked `@_noLocks`: no hidden lock, allocation or reference counting by Swift.
#define SB_HOT __attribute__((always_inline, swift_attr("@_noLocks"))) static inline

#endif
