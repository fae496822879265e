"""Frames for a transport of your own. Nothing in them is authentic before the chat has checked it."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Optional, Union

from ._native import Decoder, Reassembler, decode_one, encode, fragment
from .names import History

__all__ = [
    "Accept",
    "Ciphertext",
    "Decoder",
    "Discard",
    "FileCancel",
    "FilePart",
    "FileRequest",
    "Frame",
    "Reassembler",
    "Receipt",
    "Request",
    "decode_one",
    "encode",
    "fragment",
]


@dataclass(frozen=True)
class Request:
    """Asks for a chat."""

    public: bytes


@dataclass(frozen=True)
class Accept:
    """Accepts a chat."""

    public: bytes
    fingerprint: bytes


@dataclass(frozen=True)
class Ciphertext:
    """A sealed message. `file` is the name of its file, 16 bytes, if it has one."""

    transmit_id: int
    bytes: bytes
    file: Optional[builtins.bytes] = None


@dataclass(frozen=True)
class Discard:
    """Ends or declines a chat. `proof` is the number of messages sent and 32 bytes."""

    history: History
    proof: Optional[tuple[int, bytes]] = None


@dataclass(frozen=True)
class Receipt:
    """A transmission arrived. `proof` answers a Discard."""

    transmit_id: int
    proof: Optional[bytes] = None


@dataclass(frozen=True)
class FilePart:
    """A part of a sealed file."""

    file_id: bytes
    offset: int
    total: int
    bytes: bytes


@dataclass(frozen=True)
class FileRequest:
    """Asks for parts of a file: from each first number to the second."""

    file_id: bytes
    missing: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class FileCancel:
    """A file will not come, or is not wanted."""

    file_id: bytes


Frame = Union[Request, Accept, Ciphertext, Discard, Receipt, FilePart, FileRequest, FileCancel]
"""Every frame."""
