"""A chat over asyncio: `request` and `accept` begin one, and `Session` runs a `Link` over any pair of a reader and a writer."""

from .begin import accept, read_request, request
from .session import Reader, Session, Writer

__all__ = ["Reader", "Session", "Writer", "accept", "read_request", "request"]
