"""The JSON of inputs and outputs of a chat, as crates/conformance/SHIM.md describes it."""

from __future__ import annotations

from typing import Any, Optional, get_args

from secretchat import VIEW_ONCE, Chat, Draft, Persist, Verification, _native, events, media, names, transmits
from secretchat.errors import ApiMisuse
from shim_fields import Fields, ShimError, boolean, hexadecimal, integer, listed, real, text, wide

TYPING = get_args(names.TypingAction)
U32, U64 = 1 << 32, 1 << 64
LONGEST = 365 * 24 * 60 * 60


def camel(name: str) -> str:
    """Returns a name as a variant."""
    return "".join(word.capitalize() for word in name.split("_"))


def snake(name: str) -> str:
    """Returns the name of a class in snake case."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def named(name: Optional[bytes]) -> Optional[str]:
    """Returns the host's name of a file."""
    return None if name is None else name.decode(errors="replace")


def ids(random_ids: tuple[int, ...]) -> list[str]:
    """Returns ids of messages."""
    return [str(id) for id in random_ids]


def output(output: Any) -> Any:
    """Returns the line of an output."""
    if isinstance(output, Persist):
        put = [_native.record_name(name) for name, _ in output.put]
        return {"out": "persist", "put": put, "delete": [_native.record_name(name) for name in output.delete]}
    return transmit(output) if isinstance(output, get_args(transmits.Transmit)) else event(output)


def transmit(transmit: Any) -> Any:
    """Returns the line of a transmission."""
    line: dict[str, Any] = dict(vars(transmit))
    match transmit:
        case transmits.Discard(_, history, proof):
            sent, mac = proof or (None, None)
            line |= {"history": history == "delete", "sent": sent, "proof": mac and mac.hex()}
        case transmits.Ciphertext(_, sealed, random_id):
            line |= {"random_id": str(random_id), "bytes": sealed.hex(), "file": named(transmit.file)}
        case transmits.Request() | transmits.Accept():
            line |= {name: value.hex() for name, value in line.items() if isinstance(value, bytes)}
    return line | {"out": "transmit", "kind": snake(type(transmit).__name__)}


def event(event: Any) -> Any:
    """Returns the line of an event."""
    line: dict[str, Any] = dict(vars(event))
    if "random_id" in line:
        line["random_id"] = str(line["random_id"])
    if "random_ids" in line:
        line["random_ids"] = ids(line["random_ids"])
    match event:
        case events.Ready(value):
            line["verification"] = bytes(value).hex()
        case events.Message():
            line |= content(event)
            line |= {
                "position": position(event.position),
                "file": event.file
                and {
                    "reference": named(event.file.reference),
                    "size": event.file.size,
                    "fingerprint": event.file.fingerprint,
                },
                "reply_to": None if event.reply_to is None else str(event.reply_to),
                "grouped_id": None if event.grouped_id is None else str(event.grouped_id),
            }
        case events.Deleted(_, files):
            line["files"] = [{"random_id": str(id), "file": named(name)} for id, name in files]
        case events.Opened(_, lease, shown):
            line["lease"] = lease and leased(lease)
            line["content"] = shown and content(shown.content)
        case events.Expired(_, file):
            line["file"] = named(file)
        case events.RekeyFailed(reason):
            line["reason"] = camel(reason)
        case events.Closed():
            del line["is_violation"]
            line["history"] = event.history == "delete"
            line |= closed_for(event.reason, event.is_violation)
    return line | {"out": "event", "event": snake(type(event).__name__)}


def closed_for(reason: str, is_violation: bool) -> Any:
    """Returns why a chat is closed."""
    if is_violation:
        return {"reason": "Violation", "violation": camel(reason)}
    return {"reason": camel(reason)}


def content(content: Any) -> Any:
    """Returns the content of a message."""
    return {
        "text": content.text,
        "entities": [entity(part) for part in content.entities],
        "media": content.media and medium(content.media),
        "rights": vars(content.rights),
    }


def position(position: media.Position) -> Any:
    """Returns where a message stands."""
    return vars(position)


ARGUMENTS = {"pre": "language", "text_url": "url", "mention_name": "user_id", "custom_emoji": "document_id"}


def entity(entity: media.Entity) -> Any:
    """Returns an entity."""
    line: dict[str, Any] = {"kind": entity.kind, "offset": entity.offset, "length": entity.length}
    if entity.kind in ARGUMENTS:
        line[ARGUMENTS[entity.kind]] = str(entity.argument) if entity.kind == "custom_emoji" else entity.argument
    return line


def entity_of(value: Any) -> media.Entity:
    """Reads an entity."""
    fields = Fields(value)
    kind: Any = fields.need("kind", text)
    argument: Any = None
    if kind in ("pre", "text_url"):
        argument = fields.need(ARGUMENTS[kind], text)
    elif kind == "mention_name":
        argument = fields.need("user_id", integer(1 << 31, -(1 << 31)))
    elif kind == "custom_emoji":
        argument = fields.need("document_id", wide)
    elif kind not in get_args(names.PlainKind):
        raise ShimError("BadField")
    offset, length = fields.need("offset", integer(U32)), fields.need("length", integer(U32))
    fields.end()
    return media.Entity(kind, offset, length, argument)


def leased(lease: media.MediaLease) -> Any:
    """Returns the lease of a medium."""
    line = {"size": lease.size, "rights": vars(lease.rights)}
    return with_key(with_thumb(line, lease.thumbnail), lease.hazmat_key())


def medium(medium: Any) -> Any:
    """Returns a medium."""
    match medium:
        case media.Photo(width, height, size):
            line: dict[str, Any] = {"kind": "photo", "w": width, "h": height, "size": size}
            return with_key(with_thumb(line, medium.thumbnail), medium.key)
        case media.Document(mime_type, size):
            line = shape(medium) | {"mime_type": mime_type, "size": size}
            return with_key(with_thumb(line, medium.thumbnail), medium.key)
        case media.ExternalDocument():
            line = {
                "kind": "external_document",
                "id": str(medium.id),
                "access_hash": str(medium.access_hash),
                "dc_id": medium.dc_id,
                "date": medium.date,
                "mime_type": medium.mime_type,
                "size": medium.size,
                "attributes": shape(medium),
            }
            return with_thumb(line, medium.thumbnail)
        case media.GeoPoint(latitude, longitude):
            return {"kind": "geo", "lat": latitude, "long": longitude}
        case media.Venue(point):
            line = {name: value for name, value in vars(medium).items() if name != "point"}
            return line | {"kind": "venue", "lat": point.latitude, "long": point.longitude}
        case media.Contact():
            return vars(medium) | {"kind": "contact"}
        case media.WebPage(url):
            return {"kind": "web_page", "url": url}
    return {"kind": "unsupported"}


def shape(document: Any) -> dict[str, Any]:
    """Returns the attributes of a file."""
    match document.kind:
        case media.File():
            line: dict[str, Any] = {"kind": "document"}
        case media.Video(duration, width, height):
            line = {"kind": "video", "duration": duration, "w": width, "h": height}
        case media.Animation(duration, width, height):
            line = {"kind": "animation", "duration": duration, "w": width, "h": height}
        case media.Audio():
            line = vars(document.kind) | {"kind": "audio"}
        case media.Voice(duration, waveform):
            line = {"kind": "voice", "duration": duration, "waveform": waveform.hex()}
        case media.RoundVideo(duration, side):
            line = {"kind": "round", "duration": duration, "w": side}
        case media.Sticker(alt, name):
            line = {"kind": "sticker", "alt": alt, "stickerset": name}
    line["file_name"] = document.file_name
    if document.image_size is not None:
        line["w"], line["h"] = document.image_size
    return line


def with_thumb(line: dict[str, Any], thumbnail: Optional[media.Thumbnail]) -> dict[str, Any]:
    """Adds a preview."""
    line["thumb"] = thumbnail and thumbnail.jpeg.hex()
    line["thumb_w"] = thumbnail and thumbnail.width
    line["thumb_h"] = thumbnail and thumbnail.height
    return line


def with_key(line: dict[str, Any], key: Optional[media.MediaKey]) -> dict[str, Any]:
    """Adds a key."""
    parts = key.hazmat_parts() if key else (None, None)
    line["key"], line["iv"] = (part and part.hex() for part in parts)
    return line


def draft(fields: Fields, is_telegram: bool) -> Draft:
    """Reads a draft."""
    said = fields.get("media", Fields)
    medium, caption = (None, None) if said is None else medium_of(said, is_telegram)
    written = fields.get("text", text)
    if written is not None and caption is not None:
        raise ShimError("BadField")
    random_id, entities = fields.get("random_id", wide), fields.get("entities", listed(entity_of)) or []
    reply_to, via_bot = fields.get("reply_to", wide), fields.get("via_bot", text)
    seconds = fields.get("ttl", integer(U32))
    seconds = None if seconds is None else ttl(seconds)
    silent, protected, hidden = (fields.get(name, boolean) or False for name in ("silent", "protected", "hidden"))
    file = fields.get("file", text)
    fields.end()
    words = written if written is not None else caption or ""
    name = None if file is None else file.encode()
    return Draft(words, medium, tuple(entities), name, seconds, reply_to, silent, protected, hidden, random_id, via_bot)


def ttl(seconds: int) -> int:
    """Checks a timer: that no chat can have it does not set off a crash."""
    if seconds > LONGEST and seconds != VIEW_ONCE:
        raise ApiMisuse("", 0, "ttl_too_long")
    return seconds


def medium_of(fields: Fields, is_telegram: bool) -> tuple[Any, Optional[str]]:
    """Reads a medium and its caption."""
    kind = fields.need("kind", text)
    number = integer(U32)
    medium: Any
    if kind == "photo":
        thumb = thumb_of(fields)
        width, height = fields.get("w", number) or 0, fields.get("h", number) or 0
        medium = media.Photo(width, height, fields.get("size", integer(U64)) or 0, key_of(fields, is_telegram), thumb)
    elif kind == "contact":
        phone, first, last = (fields.get(name, text) or "" for name in ("phone_number", "first_name", "last_name"))
        medium = media.Contact(phone, first, last, fields.get("user_id", integer(1 << 31, -(1 << 31))) or 0)
    elif kind == "geo":
        medium = point_of(fields)
    elif kind == "venue":
        point = point_of(fields)
        title, address = fields.get("title", text) or "", fields.get("address", text) or ""
        provider, venue_id = fields.get("provider", text) or "", fields.get("venue_id", text) or ""
        medium = media.Venue(point, title, address, provider, venue_id)
    elif kind == "web_page":
        medium = media.WebPage(fields.get("url", text) or "")
    elif kind == "external_document":
        attributes = fields.need("attributes", Fields)
        shape = shape_of(attributes.need("kind", text), attributes)
        attributes.end()
        signed = integer(1 << 31, -(1 << 31))
        id, access_hash, dc_id = fields.need("id", wide), fields.need("access_hash", wide), fields.get("dc_id", signed) or 0
        date, thumb = fields.get("date", signed) or 0, thumb_of(fields)
        mime_type, size = fields.get("mime_type", text) or "", fields.get("size", integer(U64)) or 0
        medium = media.ExternalDocument(id, access_hash, dc_id, date, mime_type, size, *shape, thumb)
    else:
        shape = shape_of(kind, fields)
        thumb, mime_type = thumb_of(fields), fields.get("mime_type", text) or ""
        size = fields.get("size", integer(U64)) or 0
        medium = media.Document(mime_type, size, key_of(fields, is_telegram), *shape, thumb)
    caption = fields.get("caption", text)
    fields.end()
    return medium, caption


def shape_of(kind: str, fields: Fields) -> tuple[media.Kind, Optional[str], Optional[tuple[int, int]]]:
    """Reads the attributes of a file: its kind, its name and the size of its picture."""
    file_name = fields.get("file_name", text)
    number = integer(U32)

    def amount(name: str) -> int:
        return fields.get(name, number) or 0

    def word(name: str) -> str:
        return fields.get(name, text) or ""

    made: media.Kind
    match kind:
        case "document":
            made = media.File()
        case "video":
            made = media.Video(amount("duration"), amount("w"), amount("h"))
        case "animation":
            made = media.Animation(amount("duration"), amount("w"), amount("h"))
        case "audio":
            made = media.Audio(amount("duration"), word("title"), word("performer"))
        case "voice":
            made = media.Voice(amount("duration"), fields.get("waveform", hexadecimal) or b"")
        case "round":
            made = media.RoundVideo(amount("duration"), amount("w"))
        case "sticker":
            made = media.Sticker(word("alt"), fields.get("stickerset", text))
        case _:
            raise ShimError("BadField")
    width = fields.get("w", number)
    return made, file_name, None if width is None else (width, fields.need("h", number))


def thumb_of(fields: Fields) -> Optional[media.Thumbnail]:
    """Reads a preview."""
    jpeg = fields.get("thumb", hexadecimal)
    if jpeg is None:
        return None
    return media.Thumbnail(jpeg, fields.get("thumb_w", integer(U32)) or 0, fields.get("thumb_h", integer(U32)) or 0)


def point_of(fields: Fields) -> media.GeoPoint:
    """Reads a place."""
    return media.GeoPoint(fields.need("lat", real), fields.need("long", real))


def key_of(fields: Fields, is_telegram: bool) -> Optional[media.MediaKey]:
    """Reads a key."""
    key = fields.get("key", hexadecimal)
    if key is None:
        return None
    iv = fields.need("iv", hexadecimal)
    if len(key) != 32 or len(iv) != 32:
        raise ShimError("BadField")
    return media.MediaKey("chain" if is_telegram else "segments", key, iv)


def incoming_file(value: Any) -> media.IncomingFile:
    """Reads what the transport says of a file."""
    fields = Fields(value)
    reference, size = fields.need("reference", text).encode(), fields.get("size", integer(U64))
    fingerprint = fields.get("fingerprint", integer(1 << 31, -(1 << 31)))
    fields.end()
    return media.IncomingFile(reference, size, fingerprint)


def verification(value: bytes) -> Verification:
    """Reads a value."""
    if len(value) != 36:
        raise ShimError("BadField")
    return Verification(value)


def peek(peek: Any) -> Any:
    """Returns what a notification may show."""
    if not isinstance(peek, media.Preview):
        return peek
    shown = peek.content and vars(peek.content) | {"entities": [entity(part) for part in peek.content.entities]}
    return vars(peek) | {"random_id": str(peek.random_id), "position": position(peek.position), "content": shown}


def diagnosis(chat: Chat) -> Any:
    """Returns the diagnosis for support."""
    return {"text": chat.diagnosis(), "outcomes": [vars(outcome) for outcome in chat.outcomes()]}


def state(chat: Chat) -> Any:
    """Returns the state of a chat, without keys."""

    def hexed(value: Any) -> Optional[str]:
        return None if value is None else bytes(value).hex()

    rekey: dict[str, Any] = {
        "state": chat.rekey_state,
        "exchange_id": None if chat.exchange_id is None else str(chat.exchange_id),
    }
    if chat.candidate_fingerprint is not None:
        rekey["fingerprint"] = chat.candidate_fingerprint.hex()
    verified = chat.verified
    line = {name: getattr(chat, name) for name in ("state", "profile", "role", "own_layer", "peer_layer", "ttl")}
    line |= vars(chat.counters)
    line |= {name: hexed(getattr(chat, name)) for name in ("key_fingerprint", "verification", "check", "id", "discard_receipt")}
    line |= {name: getattr(chat, name) for name in ("scan_code", "rekeys", "owes_acknowledgement", "awaits_transport")}
    line |= {
        "verified": None if verified is None else {"check": None if verified < 0 else verified},
        "rekey": rekey,
        "generation": chat.checkpoint.generation if chat.checkpoint else 0,
        "timeout": chat.poll_timeout(),
    }
    if chat.close_reason is not None:
        line |= closed_for(chat.close_reason, chat.close_reason in get_args(names.Violation))
    return line
