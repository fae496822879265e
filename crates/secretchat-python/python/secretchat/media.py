"""Media and the other contents of messages, and sealed files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional, Union

from ._native import (
    ContentLease,
    EncryptionPlan,
    MediaCopies,
    MediaDecryptor,
    MediaEncryptor,
    MediaKey,
    MediaLease,
    PartDecryptor,
    PartEncryptor,
    ResumableMediaDecryptor,
    ResumableMediaEncryptor,
    ResumeKey,
    ResumingMediaDecryptor,
    ResumingMediaEncryptor,
    encrypted_len,
    entities_fit,
    entity_at,
    entity_range,
    open,
    seal,
)
from .names import EntityKind, Notification, Role
from .reader import SegmentReader

__all__ = [
    "Animation",
    "Audio",
    "Contact",
    "Content",
    "ContentLease",
    "Counters",
    "Document",
    "Draft",
    "EncryptionPlan",
    "Entity",
    "ExternalDocument",
    "File",
    "GeoPoint",
    "IncomingFile",
    "Kind",
    "Media",
    "MediaCopies",
    "MediaDecryptor",
    "MediaEncryptor",
    "MediaKey",
    "MediaLease",
    "Outcome",
    "Part",
    "PartDecryptor",
    "PartEncryptor",
    "Photo",
    "Position",
    "Preview",
    "PreviewContent",
    "ResumableMediaDecryptor",
    "ResumableMediaEncryptor",
    "ResumeKey",
    "ResumingMediaDecryptor",
    "ResumingMediaEncryptor",
    "Rights",
    "RoundVideo",
    "SegmentReader",
    "Sticker",
    "Thumbnail",
    "Unsupported",
    "Venue",
    "Video",
    "Voice",
    "WebPage",
    "encrypted_len",
    "entities_fit",
    "entity_at",
    "entity_range",
    "open",
    "seal",
]


@dataclass(frozen=True)
class Part:
    """A part of a file in the Telegram profile: where it begins in the sealed file, and how long it and its content are."""

    number: int
    offset: int
    length: int
    content_length: int


@dataclass(frozen=True)
class Thumbnail:
    """A small JPEG that is shown until the file is there."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Photo:
    """A picture that the sender made smaller. `size` is that of the file before it was sealed, in bytes."""

    width: int
    height: int
    size: int
    key: Optional[MediaKey] = None
    """Absent in a message that has to be opened first."""
    thumbnail: Optional[Thumbnail] = None


@dataclass(frozen=True)
class File:
    """Any file."""


@dataclass(frozen=True)
class Video:
    """A video. `duration` is in seconds."""

    duration: int
    width: int
    height: int


@dataclass(frozen=True)
class Animation:
    """A video without sound that plays by itself."""

    duration: int
    width: int
    height: int


@dataclass(frozen=True)
class RoundVideo:
    """A round video message."""

    duration: int
    side: int


@dataclass(frozen=True)
class Audio:
    """Music."""

    duration: int
    title: str = ""
    performer: str = ""


@dataclass(frozen=True)
class Voice:
    """A voice message. `waveform` has five bits for each bar."""

    duration: int
    waveform: bytes = b""


@dataclass(frozen=True)
class Sticker:
    """A sticker, with its emoji and the short name of its set."""

    alt: str
    set: Optional[str] = None


Kind = Union[File, Video, Animation, RoundVideo, Audio, Voice, Sticker]
"""What a document is."""


@dataclass(frozen=True)
class Document:
    """A file, sent as it is. `size` is that of the file before it was sealed, in bytes."""

    mime_type: str
    size: int
    key: Optional[MediaKey] = None
    """Absent in a message that has to be opened first."""
    kind: Kind = field(default_factory=File)
    file_name: Optional[str] = None
    image_size: Optional[tuple[int, int]] = None
    thumbnail: Optional[Thumbnail] = None


@dataclass(frozen=True)
class ExternalDocument:
    """A file that Telegram's servers have **unencrypted**, such as a sticker of a public set."""

    id: int
    access_hash: int
    dc_id: int
    date: int = 0
    mime_type: str = ""
    size: int = 0
    kind: Kind = field(default_factory=File)
    file_name: Optional[str] = None
    image_size: Optional[tuple[int, int]] = None
    thumbnail: Optional[Thumbnail] = None


@dataclass(frozen=True)
class GeoPoint:
    """A place, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Venue:
    """A place with a name."""

    point: GeoPoint
    title: str
    address: str
    provider: str = ""
    venue_id: str = ""


@dataclass(frozen=True)
class Contact:
    """A contact card."""

    phone_number: str
    first_name: str
    last_name: str = ""
    user_id: int = 0


@dataclass(frozen=True)
class WebPage:
    """A page that is shown with a preview."""

    url: str


@dataclass(frozen=True)
class Unsupported:
    """A medium that makes no sense, such as a file without bytes."""


Media = Union[Photo, Document, ExternalDocument, GeoPoint, Venue, Contact, WebPage, Unsupported]
"""The medium of a message."""


@dataclass(frozen=True)
class Entity:
    """A part of a text that is bold, a link, a mention, and so on.

    `offset` and `length` count UTF-16 code units, as Telegram does; `entity_at` and `entity_range` convert from and to
    characters of Python. The kinds "pre" (a language), "text_url" (a URL), "mention_name" (a user's number) and
    "custom_emoji" (a document's number) have an argument.
    """

    kind: EntityKind
    offset: int
    length: int
    argument: Union[str, int, None] = None


@dataclass(frozen=True)
class Draft:
    """A message to send: a text, or a medium with the text as its caption."""

    text: str = ""
    media: Optional[Media] = None
    entities: tuple[Entity, ...] = ()
    file: Optional[bytes] = None
    """The transport's name of the sealed file."""
    ttl: Optional[int] = None
    """The timer in seconds, `secretchat.VIEW_ONCE`, or `None` for the chat's timer."""
    reply_to: Optional[int] = None
    silent: bool = False
    protected: bool = False
    """Asks the peer's program not to save, copy or forward it."""
    hidden: bool = False
    """Hides the whole content until it is opened. Needs a timer."""
    random_id: Optional[int] = None
    """The message's id, from `secretchat.random_id()`; otherwise the chat draws one."""
    via_bot: Optional[str] = None


@dataclass(frozen=True)
class IncomingFile:
    """What the transport says of a file that came with a message. Nothing of it is authentic."""

    reference: bytes
    """The transport's name of the file."""
    size: Optional[int] = None
    fingerprint: Optional[int] = None


@dataclass(frozen=True)
class Rights:
    """What a program may do with a content."""

    notification: Notification
    may_forward: bool
    may_save: bool
    may_copy: bool
    may_screenshot: bool
    is_hidden_until_opened: bool


@dataclass(frozen=True)
class Position:
    """Where a message stands in the history. `order` sorts the messages of both ends, except for ties."""

    sender: Role
    slot: int
    acknowledged: int
    order: int


@dataclass(frozen=True)
class Content:
    """The content of a message that was hidden until it was opened."""

    text: str
    entities: tuple[Entity, ...]
    media: Optional[Media]
    rights: Rights


@dataclass(frozen=True)
class PreviewContent:
    """What a notification may show. `media` is the name of the medium's kind."""

    text: str
    entities: tuple[Entity, ...]
    media: Optional[str]


@dataclass(frozen=True)
class Preview:
    """A message that a notification tells of. `is_early` says that messages before it are missing."""

    random_id: int
    position: Position
    is_early: bool
    silent: bool
    most: Notification
    content: Optional[PreviewContent]


@dataclass(frozen=True)
class Counters:
    """How many messages were sent, acknowledged by the peer, and received."""

    sent: int
    acknowledged: int
    received: int


@dataclass(frozen=True)
class Outcome:
    """What became of a call. `minute` is in milliseconds since 1970, and `times` counts repeats."""

    cause: str
    name: str
    times: int
    minute: int
