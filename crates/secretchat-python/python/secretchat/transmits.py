"""What there is to carry to the peer, and what else a driver asks of its host.

A repeat of a transmission has the same `id`. Say `Chat.on_carried` when the transport took it.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Optional, Union

from . import frames
from .names import History

__all__ = [
    "Accept",
    "Checkpoint",
    "Ciphertext",
    "Discard",
    "Read",
    "Receipt",
    "Request",
    "Transmit",
    "Typing",
    "frame",
]


@dataclass(frozen=True)
class Request:
    """Asks for a chat."""

    id: int
    public: bytes


@dataclass(frozen=True)
class Accept:
    """Accepts a chat."""

    id: int
    public: bytes
    fingerprint: bytes


@dataclass(frozen=True)
class Discard:
    """Ends or declines a chat. `proof` is the number of messages sent and 32 bytes."""

    id: int
    history: History
    proof: Optional[tuple[int, bytes]]


@dataclass(frozen=True)
class Read:
    """Tells the server that the user has read all messages until `max_date`. In the Telegram profile alone."""

    id: int
    max_date: int


@dataclass(frozen=True)
class Typing:
    """Tells the server whether the user is typing. In the Telegram profile alone."""

    id: int
    typing: bool


@dataclass(frozen=True)
class Ciphertext:
    """A sealed message. `service` says that no user sees it, and `file` names the file that goes with it."""

    id: int
    bytes: bytes
    random_id: int
    service: bool
    silent: bool
    file: Optional[builtins.bytes]


Transmit = Union[Request, Accept, Discard, Read, Typing, Ciphertext]
"""Everything that there is to carry."""


@dataclass(frozen=True)
class Receipt:
    """A driver's answer to a transmission of the peer: it need not come again. `proof` answers a Discard."""

    id: int
    proof: Optional[bytes]


@dataclass(frozen=True)
class Checkpoint:
    """The mark of a batch of records that is durable. A host that guards against old copies of its database notes it in
    another place, before it takes the next action, and expects it in `Chat.restore`."""

    generation: int
    tag: bytes


def frame(transmit: Union[Transmit, Receipt]) -> frames.Frame:
    """Returns the frame that carries a transmission or a receipt over a transport of your own.

    Raises `ValueError` for what only Telegram's server understands.
    """
    if isinstance(transmit, Request):
        return frames.Request(transmit.public)
    if isinstance(transmit, Accept):
        return frames.Accept(transmit.public, transmit.fingerprint)
    if isinstance(transmit, Discard):
        return frames.Discard(transmit.history, transmit.proof)
    if isinstance(transmit, Ciphertext):
        return frames.Ciphertext(transmit.id, transmit.bytes, transmit.file)
    if isinstance(transmit, Receipt):
        return frames.Receipt(transmit.id, transmit.proof)
    raise ValueError(f"{type(transmit).__name__} has no frame")
