// SPDX-License-Identifier: Apache-2.0

// The C structures by which libraries exchange memory. Nothing here knows Python.
#ifndef SWIFTBUFFER_INTERCHANGE_SHIMS_H
#define SWIFTBUFFER_INTERCHANGE_SHIMS_H

#include "ArrowStructures.h"
#include "TensorStructures.h"

#endif
