// SPDX-License-Identifier: Apache-2.0

// What Swift cannot import from Python.h: macros, variadics, and the C structs that Python objects are made of. Each
// function is its macro under another name; nothing here decides anything.
#ifndef SWIFTBUFFER_CPYTHON_SHIMS_H
#define SWIFTBUFFER_CPYTHON_SHIMS_H

#include "Arrow.h"
#include "Buffers.h"
#include "DLPack.h"
#include "Errors.h"
#include "Exports.h"
#include "Mappings.h"
#include "Modules.h"
#include "Objects.h"
#include "References.h"
#include "Structures.h"
#include "Threads.h"

#endif
