# SPDX-License-Identifier: Apache-2.0
"""Checks whether exporters and consumers conform to the buffer protocol: ``check`` and ``check_consumer``."""

from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.consumer import check_consumer
from swiftbuffer._check.report import ConsumerReport, Finding, Report
from swiftbuffer._check.runner import assert_conforms, check

__all__ = [
    "CATALOGUE",
    "Code",
    "ConsumerReport",
    "Finding",
    "Report",
    "Severity",
    "assert_conforms",
    "check",
    "check_consumer",
]
