// SPDX-License-Identifier: Apache-2.0
// The build backend writes this file for the Python that builds a package.

/// Whether tests are linked with the interpreter's shared library.
let isPythonLinked = true
/// The folder that the interpreter has its modules in; `nil` to let it find them.
let pythonHome: String? = nil
