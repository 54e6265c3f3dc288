// SPDX-License-Identifier: Apache-2.0

// An author imports this module alone.
@_exported public import BufferLayout
@_exported public import PythonBuffers
