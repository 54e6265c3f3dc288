// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// What pickle calls to make a record again.
enum RecordFunctions {
    static let definitions: [MethodDefinition] =
        [
            makeRecord.method {
                makeRecord.call($0, $1, $2, $3) { (call) throws(PythonError) in
                    try record(names: call[0], values: call[1])
                }
            }
        ]
}

private let makeRecord = Callable(
    "_record", "names, values, /", "Return the Record with these names and values; what a pickle of one calls.")
