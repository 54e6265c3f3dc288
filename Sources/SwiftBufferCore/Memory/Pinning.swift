// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// Memory that is kept in place: `memory.pinned()`.
enum Pinning {
    static let methods: [MethodDefinition] =
        [
            pinned.method {
                let memory = $0
                return pinned.callAlone(memory, $1, $2, $3) { () throws(PythonError) in
                    try ViewObject.make(ViewTypes(for: memory), of: memory)
                }
            }
        ]
}

private let pinned = Callable(
    "pinned", "",
    """
    Return a View of the same memory, to keep it in place: until the View is released, nothing resizes or freezes the
    array, and a view's exporter keeps its memory.

    Use it in a with statement, or call its release(), around what reads the memory by its address alone. Raises
    ValueError for released memory. O(1). Source: this package.

    >>> a = swiftbuffer.array([1, 2, 3])
    >>> with a.pinned():
    ...     a.append(4)
    Traceback (most recent call last):
        ...
    BufferError: Existing exports of data: object cannot be re-sized (1 export outstanding)
    >>> a.append(4)
    """)
