// SPDX-License-Identifier: Apache-2.0

// As PythonModules.swift, for Sources/PythonEmbedding.

import PythonEmbedding
import PythonModules
import Testing

let module = Module("grids") {
    Constant("ROWS", 2)
}

// snippet: withPython

// snippet: withPython again
