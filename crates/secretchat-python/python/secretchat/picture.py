"""The picture of a verification value as an image file. `Verification.text` and `Verification.svg` are its other forms."""

from __future__ import annotations

import struct
import zlib

from ._native import Verification

__all__ = ["png"]


def png(verification: Verification, scale: int = 16) -> bytes:
    """Returns the picture as a PNG image, each of whose 12 by 12 cells is `scale` pixels wide and high."""
    if not 1 <= scale <= 1024:
        raise ValueError("a cell has 1 to 1024 pixels")
    rows = (bytes(cell for cell in row for _ in range(scale)) for row in verification.cells)
    # A byte before each line of pixels says that they are stored as they are.
    pixels = b"".join((b"\0" + row) * scale for row in rows)
    side = 12 * scale
    palette = b"".join(colour.to_bytes(3, "big") for colour in Verification.COLOURS)
    header = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
