"""What happened in a chat. Ids are 64-bit numbers, and times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from ._native import Verification
from .media import ContentLease, Entity, IncomingFile, Media, MediaLease, Position, Rights
from .names import Action, CloseReason, History, RekeyFailure, TypingAction

__all__ = [
    "Acknowledged",
    "ActionFailed",
    "CheckOutdated",
    "Closed",
    "Deleted",
    "Event",
    "Expired",
    "Failed",
    "HistoryFlushed",
    "KeyRefused",
    "Message",
    "OldProtocol",
    "Opened",
    "PeerLayer",
    "ReadByPeer",
    "ReadUpTo",
    "Ready",
    "RekeyFailed",
    "RekeyOverdue",
    "Rekeyed",
    "RollbackSuspected",
    "Screenshot",
    "Sent",
    "TtlChanged",
    "Typing",
    "Unsupported",
]


@dataclass(frozen=True)
class Ready:
    """The chat has keys, and messages can be sent. The users should compare the value."""

    verification: Verification


@dataclass(frozen=True)
class Message:
    """A message of the peer. It is authentic, and **untrusted**: the peer can write anything."""

    random_id: int
    position: Position
    date: int
    text: str
    """The text, or the caption of the medium."""
    entities: tuple[Entity, ...]
    media: Optional[Media]
    rights: Rights
    file: Optional[IncomingFile]
    reply_to: Optional[int]
    grouped_id: Optional[int]
    """The same for all media of an album."""
    via_bot: Optional[str]
    silent: bool
    ttl: int
    """The timer in seconds; 0 for none, `secretchat.VIEW_ONCE` for view once."""
    layer: int


@dataclass(frozen=True)
class Sent:
    """The transport took a message of this end."""

    id: int
    random_id: int
    date: int


@dataclass(frozen=True)
class Failed:
    """The transport refused a message of this end for good."""

    id: int
    random_id: int


@dataclass(frozen=True)
class ActionFailed:
    """The transport refused an action for good. `ttl` belongs to "set_ttl"."""

    id: int
    action: Action
    ttl: Optional[int]


@dataclass(frozen=True)
class Acknowledged:
    """The peer's end has received these messages."""

    random_ids: tuple[int, ...]


@dataclass(frozen=True)
class TtlChanged:
    """The peer set the timer of the chat, in seconds. `asked` is what it asked for, before this end's bounds. `crossed`
    says that both users set it at once, and that the peer's setting counts."""

    ttl: int
    asked: int
    crossed: bool


@dataclass(frozen=True)
class Opened:
    """A message with a timer is open until `deadline`. End the leases then, and destroy what came of them."""

    random_id: int
    lease: Optional[MediaLease]
    content: Optional[ContentLease]
    deadline: int


@dataclass(frozen=True)
class Expired:
    """A message has ended. Delete it, its file, and everything that was made of it."""

    random_id: int
    file: Optional[bytes]


@dataclass(frozen=True)
class KeyRefused:
    """The key of a medium cannot fit its file, so there is nothing to open."""

    random_id: int


@dataclass(frozen=True)
class ReadByPeer:
    """The peer's user has read these messages."""

    random_ids: tuple[int, ...]


@dataclass(frozen=True)
class ReadUpTo:
    """The server says that the peer's user has read all messages until `max_date`."""

    max_date: int
    date: int


@dataclass(frozen=True)
class Deleted:
    """The peer deleted these messages: delete them here, with their files, of which the chat knows these."""

    random_ids: tuple[int, ...]
    files: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True)
class HistoryFlushed:
    """The peer deleted all messages: delete them here, too."""


@dataclass(frozen=True)
class Screenshot:
    """The peer's user took a screenshot of these messages."""

    random_ids: tuple[int, ...]


@dataclass(frozen=True)
class Typing:
    """The peer's user is busy with something, or has stopped ("cancel")."""

    action: TypingAction


@dataclass(frozen=True)
class PeerLayer:
    """The peer reads this layer now."""

    layer: int


@dataclass(frozen=True)
class Rekeyed:
    """The chat has a new key; `rekeys` says how many so far. What the users compared still holds."""

    rekeys: int


@dataclass(frozen=True)
class RekeyFailed:
    """No new key came about."""

    reason: RekeyFailure


@dataclass(frozen=True)
class RekeyOverdue:
    """The key is in use for too long, and no new one comes."""


@dataclass(frozen=True)
class RollbackSuspected:
    """The records that the chat was restored from may be older than the chat."""


@dataclass(frozen=True)
class CheckOutdated:
    """The users compared a check of an older key, after `compared_at` renewals."""

    compared_at: int


@dataclass(frozen=True)
class Unsupported:
    """The peer sent something that this version does not know."""


@dataclass(frozen=True)
class OldProtocol:
    """The peer still speaks MTProto 1.0, in the Telegram profile."""


@dataclass(frozen=True)
class Closed:
    """The chat is over. `history` says what becomes of its messages here."""

    reason: CloseReason
    is_violation: bool
    """Whether the reason is something that no peer may do."""
    history: History
    missing: Optional[int]
    """How many messages of the peer have not arrived, if the peer proved how many there are."""
    set_back: bool
    """Whether the peer proved that it has been set back to an old state."""


Event = Union[
    Ready,
    Message,
    Sent,
    Failed,
    ActionFailed,
    Acknowledged,
    TtlChanged,
    Opened,
    Expired,
    KeyRefused,
    ReadByPeer,
    ReadUpTo,
    Deleted,
    HistoryFlushed,
    Screenshot,
    Typing,
    PeerLayer,
    Rekeyed,
    RekeyFailed,
    RekeyOverdue,
    RollbackSuspected,
    CheckOutdated,
    Unsupported,
    OldProtocol,
    Closed,
]
"""Every event."""
