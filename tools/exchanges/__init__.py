# SPDX-License-Identifier: Apache-2.0
"""What `tools/exchange.py` tries: `cells` says how, the other modules have the rows."""
