// SPDX-License-Identifier: Apache-2.0

// Declares nothing: what pkg-config says of python3-embed links the tests with the interpreter that they embed. The
// declarations come from the module CPython.
