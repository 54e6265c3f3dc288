// SPDX-License-Identifier: Apache-2.0

// The headers are all of this target; SwiftPM needs a file to compile.
#include "InterchangeShims.h"
