// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import PythonBuffers

/// The formats that texts have been read as before, in one interpreter: in a dict of the module's state.
///
/// Reading the text of a record takes longer than making an array of a few. A format that is asked for again is also
/// the one whose records have their class, and whose fields have their views.
enum KnownFormats {
    /// The format that an object names; see ``ItemFormat/of(argument:)``.
    ///
    /// - Parameter owner: the module, one of its types, or an instance of one.
    static func format(of object: ObjectReference, for owner: ObjectReference) throws(PythonError) -> ItemFormat {
        if let known = ItemFormat.of(oneLetter: object) { return known }
        guard sb_is_exact_str(object) != 0, let formats = formats(for: owner) else { return try .of(argument: object) }
        if let known = formats.value(of: object) { return known }
        let item = try ItemFormat.of(argument: object)
        formats.keep(item, of: object)
        return item
    }

    /// As ``format(of:for:)``, where the text has been read before.
    static func known(_ object: ObjectReference, for owner: ObjectReference) -> ItemFormat? {
        guard sb_is_exact_str(object) != 0 else { return nil }
        return formats(for: owner)?.value(of: object)
    }

    private static func formats(for owner: ObjectReference) -> KeptValues<ItemFormat>? {
        let state =
            unsafe owner.isType ? ModuleState.objects(of: owner.typePointer) : ModuleState.objects(for: owner)
        guard let kept = unsafe state?[CoreState.knownFormats.rawValue] else { return nil }
        return KeptValues(in: kept, limit: 128)
    }
}
