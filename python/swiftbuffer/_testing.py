# SPDX-License-Identifier: Apache-2.0
"""The extension module of the test kit, which lies in the file of `_core`: one file, one Swift runtime.

CPython finds an extension module by the name of its file. Here one file holds two modules, each with a `PyInit`
function, types and state of its own. Importing this module loads the second one, which takes its place.

Source: PEP 489, "Multiple modules in one library".
"""

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location

from swiftbuffer import _core

_loader = ExtensionFileLoader(__name__, _core.__file__)
_spec = spec_from_file_location(__name__, _core.__file__, loader=_loader)
_module = module_from_spec(_spec)
_loader.exec_module(_module)
# Only now: another thread that imports this module must not find the new one before it is filled.
sys.modules[__name__] = _module
