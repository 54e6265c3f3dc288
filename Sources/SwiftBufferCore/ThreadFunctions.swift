// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import PythonBuffers

/// How many threads the kernels use: `set_threads` and `get_threads`.
enum ThreadFunctions {
    static let definitions: [MethodDefinition] =
        [
            setThreads.method {
                setThreads.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    let count = try call.int(0)
                    guard (1...Kernels.maximumThreads).contains(count) else {
                        throw PythonError(
                            .value,
                            "the number of threads must be between 1 and \(Kernels.maximumThreads), not \(count)")
                    }
                    Kernels.setThreads(count)
                    return .none
                }
            },
            getThreads.method {
                getThreads.call($0, $1, $2, $3) { (_) throws(PythonError) in try PythonObject(Kernels.threads) }
            },
        ]
}

private let setThreads = Callable(
    "set_threads", "count, /",
    """
    Set to ``count`` how many threads long copies and conversions may use, for the whole process; 1 at first, or the
    number in the environment variable SWIFTBUFFER_THREADS.

    Raises ValueError for less than 1 and more than 64. O(1). Source: this package; ``torch.set_num_threads`` is similar.

    >>> swiftbuffer.set_threads(1)
    """)
private let getThreads = Callable(
    "get_threads", "",
    """
    Return how many threads long copies and conversions may use. O(1). Source: this package.

    >>> swiftbuffer.set_threads(1)
    >>> swiftbuffer.get_threads()
    1
    """)
