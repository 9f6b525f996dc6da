"""Sends log lines to a collector as well: the same words, ids and fields as on standard output, and nobody's values."""

import logging
from collections.abc import Callable
from typing import Any

from opentelemetry._logs import SeverityNumber, set_logger_provider
from opentelemetry.context import get_current
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

OWN_WORDS = "opentelemetry"
"""What the exporters say of themselves is not exported: a collector that fails would be told so by itself."""


class ExportedLogs(logging.Handler):
    """Hands log lines over to be sent in batches; nobody waits for them. `fields_of` gives a line's own fields."""

    def __init__(self, resource: Resource, fields_of: Callable[[logging.LogRecord], dict[str, Any]]) -> None:
        super().__init__()
        provider = LoggerProvider(resource, shutdown_on_exit=False)
        provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
        set_logger_provider(provider)
        self._logger = provider.get_logger("totetaxi")
        self._fields_of = fields_of

    def emit(self, record: logging.LogRecord) -> None:
        """In the trace that the line belongs to."""
        if record.name.startswith(OWN_WORDS):
            return
        fields = {"logger": record.name, **self._fields_of(record)}
        self._logger.emit(
            timestamp=int(record.created * 1e9),
            context=get_current(),
            severity_number=SeverityNumber(record.levelno // 10 * 4 + 1),
            severity_text=record.levelname,
            body=record.getMessage(),
            attributes={
                name: value if isinstance(value, str | bool | int | float) else str(value)
                for name, value in fields.items()
            },
        )
