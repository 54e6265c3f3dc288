// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import PythonBuffers

extension Arguments {
    /// The format that an argument stands for; `nil` where it was left out or is `None`.
    func format(_ index: Int) throws(PythonError) -> ItemFormat? {
        guard let object = optional(index) else { return nil }
        return try KnownFormats.format(of: object, for: receiver)
    }

    /// The format that a required argument stands for.
    func requiredFormat(_ index: Int) throws(PythonError) -> ItemFormat {
        try KnownFormats.format(of: self[index], for: receiver)
    }

    /// The order that an argument names; `None` is the default.
    func order(_ index: Int, default order: Order) throws(PythonError) -> Order {
        guard optional(index) != nil else { return order }
        return try Order(string(index))
    }
}
