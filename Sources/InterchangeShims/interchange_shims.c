// The headers are all of this target; SwiftPM needs a file to compile.
#include "InterchangeShims.h"
