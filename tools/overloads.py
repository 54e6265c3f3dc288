# SPDX-License-Identifier: Apache-2.0
"""Write the overloads of the declarations in `PythonModules`: one for each number of parameters.

`python3 tools/overloads.py` rewrites them. Parameter packs would be shorter, but take no noncopyable types, and cost
60 ns a call.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "Sources" / "PythonModules" / "Overloads"
MOST = 6
HEAD = "// SPDX-License-Identifier: Apache-2.0\n\n// Written by tools/overloads.py.\n\npublic import PythonBuffers\n"

#: For each declaration: the constraint of its value, the closure's first parameter, the result, and the call around it.
READ = "try ValueAccess<Value>.read(call.receiver) { value in\n    BODY\n}"
CHANGE = "try ValueAccess<Value>.change(call.receiver, whileExported: EXPORTED) { value in\n    BODY\n}"
MAKE = "try unsafe Exported<Value>.makeUnchecked(of: call.receiver, body(ARGUMENTS))"
KINDS = {
    "Def": ("", "", "BODY"),
    "StaticMethod": ("", "", "BODY"),
    "Init": (" where Value: ~Copyable", "", MAKE),
    "ClassMethod": (" where Value: ~Copyable", "", MAKE),
    "Method": (" where Value: ~Copyable", "borrowing Value", READ),
    "Mutating": (" where Value: ~Copyable", "inout Value", CHANGE.replace("EXPORTED", "true")),
    "Resizing": (" where Value: ~Copyable", "inout Value", CHANGE.replace("EXPORTED", "false")),
    "Call": (" where Value: ~Copyable", "borrowing Value", READ),
}
#: The names of what has none of its own.
NAMES = {"Init": "__new__", "Call": "__call__"}


def overload(kind: str, count: int, returns: bool) -> str:
    """One initializer."""
    _, receiver, around = KINDS[kind]
    types = "ABCDEF"[:count]
    makes = around == MAKE
    generics = [f"{name}: PythonParameter & ~Copyable & ~Escapable" for name in types]
    if returns and not makes:
        generics.append("Result: ToPython & ~Copyable")
    result = "Value" if makes else "Result" if returns else "Void"
    taken = ", ".join([*([receiver] if receiver else []), *(f"borrowing {name}" for name in types)])
    value = {"inout Value": ["&value"], "borrowing Value": ["value"], "": []}[receiver]
    arguments = ", ".join([*value, *(name.lower() for name in types)])
    if returns or makes:
        body = f"try body({arguments}).toPython()"
        lines = around.replace("ARGUMENTS", arguments).replace("BODY", body).splitlines()
    elif receiver:
        lines = around.replace("BODY", f"try body({arguments})\n    return .none").splitlines()
    else:
        lines = [f"try body({arguments})", "return .none"]
    for index, generic in reversed(list(enumerate(types))):
        lower = generic.lower()
        lines = [f"try call.with({index}, {generic}.self) {{ {lower} in", *(f"    {line}" for line in lines), "}"]
    name = [] if kind in NAMES else ["_ name: String"]
    parameters = [*name, *(f"_ {n.lower()}: Parameter<{n}>" for n in types), 'doc: String = ""']
    text = ["    @inlinable", f"    public init{'<' + ', '.join(generics) + '>' if generics else ''}("]
    text += [f"        {parameter}," for parameter in parameters]
    text += [f"        _ body: @escaping @Sendable ({taken}) throws -> {result}", "    ) {"]
    listed = ", ".join(f"{n.lower()}.parameter" for n in types)
    given = f'"{NAMES[kind]}"' if kind in NAMES else "name"
    type_of_result = ".ownType" if makes else ".result(Result.self)" if returns else ".none"
    text += [f"        function = Function({given}, [{listed}], doc, returns: {type_of_result}) {{ call in"]
    text += [f"            {line.rstrip()}" for line in lines] + ["        }", "    }"]
    return "\n".join(text)


def file_text(kind: str) -> str:
    """All overloads of one declaration."""
    constraint = KINDS[kind][0]
    makes = KINDS[kind][2] == MAKE
    results = [True] if makes else [True, False]
    overloads = [overload(kind, count, returns) for count in range(MOST + 1) for returns in results]
    return f"{HEAD}\nextension {kind}{constraint} {{\n" + "\n\n".join(overloads) + "\n}\n"


def formatted(text: str) -> str:
    """Swift code as the project writes it."""
    line = ["swift", "format", "--configuration", str(ROOT / ".swift-format")]
    return subprocess.run(line, input=text, capture_output=True, encoding="utf-8", check=True).stdout


def files() -> dict[Path, str]:
    """Each file with its text."""
    return {FOLDER / f"{kind}.swift": formatted(file_text(kind)) for kind in KINDS}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
