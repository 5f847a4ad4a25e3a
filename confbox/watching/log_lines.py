"""How a line of the log is written: as text, or with LOG_FORMAT=json as one object."""

import json
import logging
from datetime import UTC, datetime

from confbox.watching.request_ids import current_id


def request_id_of(record: logging.LogRecord) -> str:
    """Django logs a refusal after the last layer, and names its request."""
    return getattr(getattr(record, "request", None), "request_id", "") or current_id.get()


class TextLines(logging.Formatter):
    """The journal adds the time."""

    def format(self, record: logging.LogRecord) -> str:
        line, request_id = super().format(record), request_id_of(record)
        if not request_id:
            return line
        first, newline, rest = line.partition("\n")
        return f"{first} request={request_id}{newline}{rest}"


class JsonLines(logging.Formatter):
    """Without anything that the text does not have; log-ins and refusals have their parts as well."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname, "logger": record.name, "message": message}
        if request_id := request_id_of(record):
            line["request"] = request_id
        if record.name == "security":
            line |= dict(part.split("=", 1) for part in message.split(" ") if "=" in part)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
