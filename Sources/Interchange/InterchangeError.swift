// SPDX-License-Identifier: Apache-2.0

/// Why a structure that another library made cannot be read.
public struct InterchangeError: Error {
    /// What was found, in words for the person who passed the structure on.
    public let message: String

    init(_ message: String) { self.message = message }
}
