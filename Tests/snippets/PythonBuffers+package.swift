// SPDX-License-Identifier: Apache-2.0

// As PythonModules.swift, for those examples in Sources/PythonBuffers that belong to declarations for the package alone.

import CPython
import CPythonShims
import PythonBuffers

struct Frame: BufferExporter {
    let pixels: BufferMemory
    var mean: Double { 20 }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: [240, 320], of: Float.self)
    }
}

// snippet: Callable

private let mean = Callable("mean", "", "Return the mean.")

func reads() -> MethodDefinition {
    // snippet: read
}
