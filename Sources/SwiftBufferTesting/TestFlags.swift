// SPDX-License-Identifier: Apache-2.0

/// The `ND_*` flags of the test exporter, with the values that `_testbuffer` gives them.
struct TestFlags: OptionSet {
    let rawValue: CInt

    /// The structure may change while exports are outstanding.
    static let variableExport = TestFlags(rawValue: 0x001)
    static let writable = TestFlags(rawValue: 0x002)
    static let fortran = TestFlags(rawValue: 0x004)
    static let scalar = TestFlags(rawValue: 0x008)
    /// The first axis is reached through pointers.
    static let pointers = TestFlags(rawValue: 0x010)
    /// Requests are passed on to the object whose memory is shown.
    static let redirect = TestFlags(rawValue: 0x020)
    /// Every request is refused.
    static let refuse = TestFlags(rawValue: 0x040)
    /// A refusal leaves an object in the `Py_buffer`.
    static let undefined = TestFlags(rawValue: 0x080)
    /// In C order; computed, like ``fortran``.
    static let cOrder = TestFlags(rawValue: 0x100)
    /// Dimensions of its own, not those of the exporter: a slice.
    static let ownDimensions = TestFlags(rawValue: 0x200)

    /// Dimensions that the test exporter takes: twice what the protocol allows, so that consumers can be shown too
    /// many.
    static let maximumDimensions = 128

    /// The names that Python sees.
    static let constants: [(String, TestFlags)] = [
        ("ND_VAREXPORT", .variableExport), ("ND_WRITABLE", .writable), ("ND_FORTRAN", .fortran),
        ("ND_SCALAR", .scalar), ("ND_PIL", .pointers), ("ND_REDIRECT", .redirect), ("ND_GETBUF_FAIL", .refuse),
        ("ND_GETBUF_UNDEFINED", .undefined),
    ]
}
