// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// What a reader of items makes once for a parsed format and keeps with it, such as the class of its records.
open class FormatCompanion: @unchecked Sendable {
    /// For derived classes, which have what is kept.
    public init() {}
}

/// Storage for a companion, which all copies of a format share.
final class CompanionPlace: Sendable {
    let reference = AtomicLazyReference<FormatCompanion>()
}

extension Format {
    /// Whether any value has a name; only such formats keep a companion.
    package var hasNames: Bool { place != nil }

    /// What is kept with this format.
    package var companion: FormatCompanion? { place?.reference.load() }

    /// Keeps a companion with this format unless there is one already.
    package func keep(_ companion: FormatCompanion) { _ = place?.reference.storeIfNil(companion) }

    public static func == (a: Format, b: Format) -> Bool {
        a.itemsize == b.itemsize && a.alignment == b.alignment && a.fields == b.fields
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(fields)
        hasher.combine(itemsize)
        hasher.combine(alignment)
    }
}
