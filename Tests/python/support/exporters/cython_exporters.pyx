# SPDX-License-Identifier: Apache-2.0

# cython: language_level=3, freethreading_compatible=True
"""What Cython makes exporters of by itself."""

from cython cimport view


def strided():
    """A memoryview with steps along both axes."""
    cdef int[:, :] table = view.array(shape=(6, 8), itemsize=sizeof(int), format="i")
    return table[::2, ::2]


def fortran():
    """Cython's own array, in Fortran order."""
    return view.array(shape=(3, 4), itemsize=sizeof(int), format="i", mode="fortran")
