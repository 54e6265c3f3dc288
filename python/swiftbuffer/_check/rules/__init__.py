# SPDX-License-Identifier: Apache-2.0
"""The rules of the checker, by subject: the code of each rule, its texts and its check stand together."""
