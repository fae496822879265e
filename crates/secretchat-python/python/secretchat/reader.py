"""Any place of a sealed file, as a file of Python."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

from ._native import MediaKey
from ._native import SegmentReader as _SegmentReader

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["SegmentReader", "Source"]


class Source(Protocol):
    """What a reader needs of the sealed file, such as `open(path, "rb")` or `io.BytesIO`."""

    def read(self, n: int, /) -> bytes:
        """Returns at most `n` bytes, and none at the end."""
        ...

    def seek(self, offset: int, whence: int, /) -> int:
        """Moves to a place, and returns it."""
        ...


class SegmentReader(io.RawIOBase):
    """Reads any place of a file in segments, such as a film that is played from the middle. It is a binary file: wrap it in
    `io.BufferedReader`, or pass it to a library that takes one.

    What comes out is authentic, and of the place where it belongs: wrong bytes raise `MediaError`. It reads only what you ask
    for, so it does not notice what is wrong or missing elsewhere.
    """

    def __init__(self, source: Source, key: MediaKey, size: int) -> None:
        """Opens the sealed file of a medium with its key and its size."""
        super().__init__()
        self._reader = _SegmentReader(source, key, size)

    def readable(self) -> bool:
        """Returns true."""
        return True

    def seekable(self) -> bool:
        """Returns true."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Reads into a buffer, and returns how many bytes, which is 0 at the end."""
        place = memoryview(buffer).cast("B")
        content = self._reader.read(len(place))
        place[: len(content)] = content
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Moves to a place of the content, and returns it."""
        return self._reader.seek(offset, whence)
