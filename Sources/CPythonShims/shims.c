#include "CPythonShims.h"

PyObject *_Nullable swiftbuffer_byte_values[256];
