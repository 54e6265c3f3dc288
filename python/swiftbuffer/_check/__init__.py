"""Does an exporter keep the buffer protocol? What stands behind ``swiftbuffer.check``."""

from swiftbuffer._check.catalogue import CATALOGUE
from swiftbuffer._check.codes import Code, Severity
from swiftbuffer._check.report import Finding, Report
from swiftbuffer._check.runner import assert_conforms, check

__all__ = ["CATALOGUE", "Code", "Finding", "Report", "Severity", "assert_conforms", "check"]
