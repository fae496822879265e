"""Names that the crate gives to its variants, as types. The tests compare them with the crate's own lists."""

from __future__ import annotations

from typing import Literal, Union

__all__ = [
    "Action",
    "ChatState",
    "CloseReason",
    "EntityKind",
    "FileForm",
    "Handled",
    "History",
    "Notification",
    "PeerPolicy",
    "PlainKind",
    "Profile",
    "RekeyFailure",
    "RekeyLimit",
    "RekeyState",
    "Role",
    "Told",
    "TypingAction",
    "Violation",
]

Handled = Literal["applied", "waiting", "duplicate", "ignored", "no_room", "chat_closed"]
"""What became of an input. After "no_room" it must come again."""

History = Literal["keep", "delete"]
"""What becomes of the messages when a chat ends."""

Role = Literal["initiator", "responder"]
"""Which end asked for the chat."""

Profile = Literal["x25519", "hybrid", "telegram"]
"""The profile of a chat."""

FileForm = Literal["segments", "chain"]
"""The form of sealed files; "chain" in the Telegram profile, where nothing shows that a file was changed."""

ChatState = Literal["requested", "accepted", "ready", "closed"]
"""Where a chat stands."""

RekeyState = Literal["idle", "requested", "accepted", "answered", "asked"]
"""Where the exchange of a new key stands."""

RekeyLimit = Literal["tell", "refuse"]
"""What happens when a key is used for too long."""

RekeyFailure = Literal[
    "aborted", "bad_value", "fingerprint_collision", "fingerprint_mismatch", "refused", "unanswered"
]
"""Why no new key came about."""

PeerPolicy = Literal["default", "strict", "tolerant"]
"""What the Telegram profile takes from old clients."""

Notification = Literal["all", "sender", "nothing"]
"""The most that a notification may show."""

TypingAction = Literal[
    "typing",
    "cancel",
    "record_video",
    "upload_video",
    "record_audio",
    "upload_audio",
    "upload_photo",
    "upload_document",
    "geo_location",
    "choose_contact",
    "record_round",
    "upload_round",
]
"""What a user is busy with."""

Violation = Literal[
    "seq_negative",
    "seq_parity",
    "in_seq_back",
    "in_seq_ahead",
    "seq_exhausted",
    "layer_back",
    "bare_object",
    "body_not_understood",
    "resend_range",
    "rekey_unexpected",
]
"""What a peer did that no peer may do."""

CloseReason = Union[
    Violation,
    Literal[
        "accepted_elsewhere",
        "bad_answer",
        "by_peer",
        "by_server_or_peer",
        "by_us",
        "rolled_back",
        "unproved",
    ],
]
"""Why a chat is closed."""

Action = Literal["set_ttl", "mark_read", "delete", "flush_history", "report_screenshot"]
"""What a user did that the peer was to hear of."""

PlainKind = Literal[
    "bank_card",
    "blockquote",
    "bold",
    "bot_command",
    "cashtag",
    "code",
    "email",
    "hashtag",
    "italic",
    "mention",
    "phone",
    "spoiler",
    "strike",
    "underline",
    "unknown",
    "url",
]
"""What a part of a text can be."""

EntityKind = Union[PlainKind, Literal["pre", "text_url", "mention_name", "custom_emoji"]]
"""What a part of a text can be; the last four have an argument."""

Told = Union[int, str]
"""The id of the transmission that tells the peer, or the reason why there is none: "nothing", or the name of a limit."""
