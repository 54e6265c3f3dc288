# SPDX-License-Identifier: Apache-2.0
"""Everyday operations beside what a user would pick instead: the works as data, and their tables."""
