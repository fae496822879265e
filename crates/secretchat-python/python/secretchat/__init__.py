"""End-to-end encrypted one-to-one chats, without input and output of their own.

`Chat` is one end: give it what came and what the user wants, and take its outputs. `Driver` adds a store, and `Link` adds
files and frames. `secretchat.aio.Session` runs a link over asyncio, and `secretchat.store.SqliteStore` keeps its records.
"""

from __future__ import annotations

from typing import Union

from . import errors, events, frames, media, names, transmits
from ._native import (
    Chat,
    Config,
    DhGroup,
    Driver,
    FolderFiles,
    Invitation,
    Link,
    MemoryFiles,
    Peeker,
    Persist,
    StoreKey,
    Verification,
    key_file,
    random_id,
    take_actions,
)
from .errors import SecretchatError
from .media import Draft

__all__ = [
    "VIEW_ONCE",
    "Chat",
    "Config",
    "DhGroup",
    "Draft",
    "Driver",
    "FolderFiles",
    "Invitation",
    "Link",
    "MemoryFiles",
    "Output",
    "Peeker",
    "Persist",
    "SecretchatError",
    "StoreKey",
    "Verification",
    "errors",
    "events",
    "frames",
    "key_file",
    "media",
    "names",
    "random_id",
    "take_actions",
    "transmits",
]

VIEW_ONCE = 2147483647
"""The timer of a message that can be opened once."""

Output = Union[Persist, transmits.Transmit, events.Event]
"""Everything that a chat gives."""
