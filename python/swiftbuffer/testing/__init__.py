"""Exporters to test a consumer of buffers with: every awkward layout, and every way of doing it wrong."""

from swiftbuffer.testing._broken import SELF, BrokenExporter, broken
from swiftbuffer.testing._scripted import Request

__all__ = ["SELF", "BrokenExporter", "Request", "broken"]
