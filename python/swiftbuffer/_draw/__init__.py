# SPDX-License-Identifier: Apache-2.0
"""``swiftbuffer.draw``: pictures of memory.

``views`` acquires the buffers, ``layers`` finds the items in a window of memory, ``items`` the fields and the padding
of an item, ``build`` puts them together to a ``model``; ``svg`` and ``terminal`` show the model. Addresses, fields and
sizes come from the views and from ``capi``.
"""

from swiftbuffer._draw.picture import Picture, draw

__all__ = ["Picture", "draw"]
