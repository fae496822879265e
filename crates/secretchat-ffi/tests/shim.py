#!/usr/bin/env python3
"""Hosts one chat through the C interface alone, driven by lines of JSON (crates/conformance/SHIM.md).

    shim.py LIBRARY        the shared library; the header stands beside this folder

For tests only: its randomness is not random.
"""

import ctypes
import hashlib
import json
import pathlib
import re
import sys

HEADER = (pathlib.Path(__file__).parent.parent / "include/secretchat.h").read_text()
LIBRARY = ctypes.CDLL(sys.argv[1])

# ---- the header, as ctypes ----

CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
CONSTANT = {name: int(value) for name, value in re.findall(r"^  (SC_\w+) = (\d+),$", CODE, re.M)}
CONSTANT |= {name: int(value) for name, value in re.findall(r"^#define (SC_\w+) (\d+)$", CODE, re.M)}
NO_TIME = 2**64 - 1
TYPES = {
    "uint8_t": ctypes.c_uint8, "uint16_t": ctypes.c_uint16, "uint32_t": ctypes.c_uint32, "uint64_t": ctypes.c_uint64,
    "int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "size_t": ctypes.c_size_t, "double": ctypes.c_double,
    "ScStatus": ctypes.c_int32,
}


def declare():
    pending = dict(re.findall(r"typedef struct (\w+) \{(.*?)\} \w+;", CODE, re.S))
    while pending:
        for name, body in list(pending.items()):
            fields = []
            for kind, star, field, count in re.findall(r"(?:const )?(?:struct )?(\w+) (\*?)(\w+)(?:\[(\w+)\])?;", body):
                if star:
                    made = ctypes.c_void_p
                elif kind in TYPES:
                    made = TYPES[kind]
                else:
                    break
                fields.append((field, made * int(CONSTANT.get(count, count or 0)) if count else made))
            else:
                TYPES[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
                del pending[name]


declare()
for result, star, name, arguments in re.findall(r"^(?:const )?(?:struct )?(\w+) (\*?)(sc_\w+)\(([^)]*)\);", CODE, re.M):
    function = getattr(LIBRARY, name)
    function.restype = ctypes.c_void_p if star else None if result == "void" else TYPES[result]
    kinds = [argument.split() for argument in arguments.split(",") if argument.strip() != "void"]
    function.argtypes = [
        ctypes.c_void_p if "*" in " ".join(words) else TYPES[words[-2]] for words in kinds
    ]

C = LIBRARY
RANDOM = CONSTANT["SC_ERROR_RANDOM"]
NAMES = [(name.lower(), value) for name, value in CONSTANT.items()]


def name_of(kind, code):
    """The name of a code, as in `SC_KIND_NAME`."""
    prefix = f"sc_{kind}_"
    found = [name[len(prefix):] for name, value in NAMES if name.startswith(prefix) and value == code]
    return found[0] if found else None


def code_of(kind, name):
    return CONSTANT.get(f"SC_{kind}_{name}".upper())


def camel(name):
    return "".join(word.capitalize() if word[:1].isalpha() else word for word in name.split("_"))


def string(pointer, len):
    return ctypes.string_at(pointer, len) if pointer else b""


def read(lent):
    return ctypes.string_at(lent.data, lent.len) if lent.data else None


def text(lent):
    found = read(lent)
    return None if found is None else found.decode()


def opaque(lent):
    found = read(lent)
    return None if found is None else found.decode(errors="replace")


def each(kind, pointer, count):
    return list((TYPES[kind] * count).from_address(pointer)) if count else []


def pointed(kind, pointer):
    return TYPES[kind].from_address(pointer) if pointer else None


def take(make):
    """The bytes of a buffer that a call makes."""
    handle = ctypes.c_void_p()
    check(make(ctypes.byref(handle)))
    made = string(C.sc_buffer_data(handle), C.sc_buffer_len(handle))
    C.sc_buffer_free(handle)
    return made


# ---- errors ----


class Failure(Exception):
    def __init__(self, side, kind):
        self.side, self.kind = side, kind


def shim_error(kind):
    return Failure("shim", kind)


def check(status):
    if status == 0:
        return
    buffer = ctypes.create_string_buffer(80)
    C.sc_error_name(status, buffer, 80)
    side = {1: "api", 2: "api", 10: "api", 3: "peer", 6: "peer", 4: "store"}.get(status // 100)
    if side is None:
        raise RuntimeError(f"{status} {buffer.value}")
    raise Failure(side, camel(buffer.value.decode()))


# ---- fields ----

BAD = "BadField"


def number(low, high):
    def taken(value):
        if type(value) is not int or not low <= value <= high:
            raise shim_error(BAD)
        return value

    return taken


u32, u64, i32 = number(0, 2**32 - 1), number(0, 2**64 - 1), number(-(2**31), 2**31 - 1)


def i64(value):
    if not isinstance(value, str) or not re.fullmatch(r"[+-]?[0-9]+", value, re.ASCII) or not -(2**63) <= int(value) < 2**63:
        raise shim_error(BAD)
    return int(value)


def string_field(value):
    if not isinstance(value, str):
        raise shim_error(BAD)
    return value


def boolean(value):
    if not isinstance(value, bool):
        raise shim_error(BAD)
    return value


def real(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise shim_error(BAD)
    return float(value)


def octets(length=None):
    def taken(value):
        if not isinstance(value, str) or not re.fullmatch(r"([0-9a-fA-F]{2})*", value):
            raise shim_error(BAD)
        found = bytes.fromhex(value)
        if length is not None and len(found) != length:
            raise shim_error(BAD)
        return found

    return taken


def listed(kind):
    def taken(value):
        if not isinstance(value, list):
            raise shim_error(BAD)
        return [kind(item) for item in value]

    return taken


class Fields:
    def __init__(self, value):
        if not isinstance(value, dict):
            raise shim_error(BAD)
        self.left = {name: item for name, item in value.items() if item is not None}

    def get(self, name, kind, default=None):
        return kind(self.left.pop(name)) if name in self.left else default

    def need(self, name, kind):
        if name not in self.left:
            raise shim_error("MissingField")
        return self.get(name, kind)

    def only(self, name, kind):
        found = self.need(name, kind)
        self.end()
        return found

    def end(self):
        if self.left:
            raise shim_error("UnknownField")


# ---- structs that a call borrows ----


class Lent:
    """Keeps alive what structs point to."""

    def __init__(self):
        self.kept = []

    def bytes(self, value, into):
        if value is None:
            return
        if isinstance(value, str):
            value = value.encode()
        buffer = ctypes.create_string_buffer(value, len(value) + 1)
        self.kept.append(buffer)
        into.data, into.len = ctypes.addressof(buffer), len(value)

    def struct(self, kind):
        made = TYPES[kind]()
        self.kept.append(made)
        return made

    def array(self, kind, items):
        made = (kind * max(1, len(items)))(*items)
        self.kept.append(made)
        return ctypes.addressof(made) if items else None


PLAIN = {"unknown", "mention", "hashtag", "bot_command", "url", "email", "bold", "italic", "code", "phone", "cashtag",
         "bank_card", "underline", "strike", "blockquote", "spoiler"}
FILES = {"document": "file", "video": "video", "animation": "animation", "audio": "audio", "voice": "voice",
         "round": "round_video", "sticker": "sticker"}
MEDIA = {"photo": "photo", "contact": "contact", "geo": "geo_point", "venue": "venue", "web_page": "web_page",
         "external_document": "external_document"}


def entity_from(lent):
    def taken(value):
        fields, entity = Fields(value), lent.struct("ScEntity")
        kind = fields.need("kind", string_field)
        if kind == "pre":
            lent.bytes(fields.need("language", string_field), entity.text)
        elif kind == "text_url":
            lent.bytes(fields.need("url", string_field), entity.text)
        elif kind == "mention_name":
            entity.id = fields.need("user_id", i32)
        elif kind == "custom_emoji":
            entity.id = fields.need("document_id", i64)
        elif kind not in PLAIN:
            raise shim_error(BAD)
        entity.kind = code_of("entity_kind", kind)
        entity.offset, entity.length = fields.need("offset", u32), fields.need("length", u32)
        fields.end()
        return entity

    return taken


def thumbnail_from(fields, lent, media):
    jpeg = fields.get("thumb", octets())
    if jpeg is not None:
        lent.bytes(jpeg, media.thumbnail)
        media.thumbnail_width, media.thumbnail_height = fields.get("thumb_w", u32, 0), fields.get("thumb_h", u32, 0)


def key_from(fields, lent, media):
    key = fields.get("key", octets(32))
    if key is not None:
        lent.bytes(key, media.key)
        lent.bytes(fields.need("iv", octets(32)), media.iv)


def point_from(fields, media):
    media.latitude, media.longitude = fields.need("lat", real), fields.need("long", real)


def shape_from(kind, fields, lent, media):
    lent.bytes(fields.get("file_name", string_field), media.file_name)
    if kind not in FILES:
        raise shim_error(BAD)
    media.document_kind = code_of("document_kind", FILES[kind])
    if kind in ("video", "animation", "audio", "voice", "round"):
        media.duration = fields.get("duration", u32, 0)
    if kind in ("video", "animation"):
        media.width, media.height = fields.get("w", u32, 0), fields.get("h", u32, 0)
    elif kind == "audio":
        lent.bytes(fields.get("title", string_field), media.title)
        lent.bytes(fields.get("performer", string_field), media.performer)
    elif kind == "voice":
        lent.bytes(fields.get("waveform", octets()), media.waveform)
    elif kind == "round":
        media.width = fields.get("w", u32, 0)
    elif kind == "sticker":
        lent.bytes(fields.get("alt", string_field), media.alt)
        lent.bytes(fields.get("stickerset", string_field), media.sticker_set)
    width = fields.get("w", u32)
    if width is not None:
        media.has_image_size, media.width, media.height = 1, width, fields.need("h", u32)


def media_from(value, lent):
    fields, media = Fields(value), lent.struct("ScMedia")
    kind = fields.need("kind", string_field)
    media.kind = code_of("media", MEDIA.get(kind, "document"))
    if kind == "photo":
        thumbnail_from(fields, lent, media)
        media.width, media.height = fields.get("w", u32, 0), fields.get("h", u32, 0)
        media.size = fields.get("size", u64, 0)
        key_from(fields, lent, media)
    elif kind == "contact":
        for name in ("phone_number", "first_name", "last_name"):
            lent.bytes(fields.get(name, string_field), getattr(media, name))
        media.user_id = fields.get("user_id", i32, 0)
    elif kind == "geo":
        point_from(fields, media)
    elif kind == "venue":
        point_from(fields, media)
        for name in ("title", "address", "provider", "venue_id"):
            lent.bytes(fields.get(name, string_field), getattr(media, name))
    elif kind == "web_page":
        lent.bytes(fields.get("url", string_field), media.url)
    elif kind == "external_document":
        attributes = fields.need("attributes", Fields)
        shape_from(attributes.need("kind", string_field), attributes, lent, media)
        attributes.end()
        media.id, media.access_hash = fields.need("id", i64), fields.need("access_hash", i64)
        media.dc_id, media.date = fields.get("dc_id", i32, 0), fields.get("date", i32, 0)
        thumbnail_from(fields, lent, media)
        lent.bytes(fields.get("mime_type", string_field), media.mime_type)
        media.size = fields.get("size", u64, 0)
    else:
        shape_from(kind, fields, lent, media)
        thumbnail_from(fields, lent, media)
        lent.bytes(fields.get("mime_type", string_field), media.mime_type)
        media.size = fields.get("size", u64, 0)
        key_from(fields, lent, media)
    caption = fields.get("caption", string_field)
    fields.end()
    return media, caption


def draft_from(fields, lent):
    draft, caption = TYPES["ScDraft"](), None
    if "media" in fields.left:
        media, caption = media_from(fields.left.pop("media"), lent)
        draft.media = ctypes.addressof(media)
    own = fields.get("text", string_field)
    if own is not None and caption is not None:
        raise shim_error(BAD)
    lent.bytes(own if own is not None else caption, draft.text)
    for name, flag, kind in (("random_id", "has_random_id", i64), ("reply_to", "has_reply_to", i64), ("ttl", "has_ttl", u32)):
        value = fields.get(name, kind)
        if value is not None:
            setattr(draft, name, value)
            setattr(draft, flag, 1)
    entities = fields.get("entities", listed(entity_from(lent)), [])
    draft.entities, draft.entity_count = lent.array(TYPES["ScEntity"], entities), len(entities)
    lent.bytes(fields.get("via_bot", string_field), draft.via_bot)
    draft.is_silent = fields.get("silent", boolean, False)
    draft.is_protected = fields.get("protected", boolean, False)
    draft.is_hidden = fields.get("hidden", boolean, False)
    lent.bytes(fields.get("file", string_field), draft.file)
    fields.end()
    return draft


# ---- what is shown ----


def entity(told):
    kind = name_of("entity_kind", told.kind)
    shown = {"kind": kind, "offset": told.offset, "length": told.length}
    if kind == "pre":
        shown["language"] = text(told.text)
    elif kind == "text_url":
        shown["url"] = text(told.text)
    elif kind == "mention_name":
        shown["user_id"] = told.id
    elif kind == "custom_emoji":
        shown["document_id"] = str(told.id)
    return shown


def rights(told):
    shown = {name: bool(getattr(told, name)) for name in
             ("may_forward", "may_save", "may_copy", "may_screenshot", "is_hidden_until_opened")}
    return shown | {"notification": name_of("notification", told.notification)}


def hexed(lent):
    found = read(lent)
    return None if found is None else found.hex()


def with_thumb(shown, told):
    there = told.thumbnail.data is not None
    return shown | {"thumb": hexed(told.thumbnail), "thumb_w": told.thumbnail_width if there else None,
                    "thumb_h": told.thumbnail_height if there else None}


def shape(told):
    kind = {of: name for name, of in FILES.items()}[name_of("document_kind", told.document_kind)]
    shown = {"kind": kind, "file_name": text(told.file_name)}
    if kind in ("video", "animation"):
        shown |= {"duration": told.duration, "w": told.width, "h": told.height}
    elif kind == "audio":
        shown |= {"duration": told.duration, "title": text(told.title), "performer": text(told.performer)}
    elif kind == "voice":
        shown |= {"duration": told.duration, "waveform": hexed(told.waveform)}
    elif kind == "round":
        shown |= {"duration": told.duration, "w": told.width}
    elif kind == "sticker":
        shown |= {"alt": text(told.alt), "stickerset": text(told.sticker_set)}
    if told.has_image_size:
        shown |= {"w": told.width, "h": told.height}
    return shown


def media(told):
    kind = {of: name for name, of in MEDIA.items()}.get(name_of("media", told.kind), "document")
    if name_of("media", told.kind) == "unsupported":
        return {"kind": "unsupported"}
    if kind in ("photo", "document"):
        shown = {"kind": kind, "w": told.width, "h": told.height} if kind == "photo" else shape(told)
        if kind == "document":
            shown["mime_type"] = text(told.mime_type)
        return with_thumb(shown | {"size": told.size, "key": hexed(told.key), "iv": hexed(told.iv)}, told)
    if kind == "geo":
        return {"kind": kind, "lat": told.latitude, "long": told.longitude}
    if kind == "venue":
        names = ("title", "address", "provider", "venue_id")
        return {"kind": kind, "lat": told.latitude, "long": told.longitude} | {name: text(getattr(told, name)) for name in names}
    if kind == "contact":
        names = ("phone_number", "first_name", "last_name")
        return {"kind": kind, "user_id": told.user_id} | {name: text(getattr(told, name)) for name in names}
    if kind == "web_page":
        return {"kind": kind, "url": text(told.url)}
    return with_thumb({"kind": kind, "id": str(told.id), "access_hash": str(told.access_hash), "dc_id": told.dc_id,
                       "date": told.date, "mime_type": text(told.mime_type), "size": told.size, "attributes": shape(told)}, told)


def content(told):
    shown = pointed("ScMedia", told.media)
    return {"text": text(told.text), "entities": [entity(one) for one in each("ScEntity", told.entities, told.entity_count)],
            "media": None if shown is None else media(shown), "rights": rights(told.rights)}


def position(told):
    return {"sender": name_of("role", told.sender), "slot": told.slot, "acknowledged": told.acknowledged, "order": told.order}


def closed_for(shown, reason):
    name = name_of("violation", reason)
    if reason >= 16:
        return shown | {"reason": "Violation", "violation": camel(name)}
    return shown | {"reason": camel(name_of("close_reason", reason))}


def message(told):
    file = None
    if told.file.reference.data:
        file = {"reference": opaque(told.file.reference), "size": told.file.size if told.file.has_size else None,
                "fingerprint": told.file.fingerprint if told.file.has_fingerprint else None}
    return content(told.content) | {
        "random_id": str(told.random_id), "position": position(told.position), "date": told.date_ms, "file": file,
        "reply_to": str(told.reply_to) if told.has_reply_to else None,
        "grouped_id": str(told.grouped_id) if told.has_grouped_id else None, "via_bot": text(told.via_bot),
        "silent": bool(told.is_silent), "ttl": told.ttl, "layer": told.layer,
    }


def record_name(name):
    buffer = ctypes.create_string_buffer(80)
    C.sc_record_name(bytes(name), buffer, 80)
    return buffer.value.decode()


def transmit(out):
    kind = name_of("transmit_kind", out.what)
    shown = {"out": "transmit", "id": out.transmit_id, "kind": kind}
    if kind in ("request", "accept"):
        shown["public"] = hexed(out.bytes)
    if kind == "accept":
        shown["fingerprint"] = out.fingerprint.to_bytes(8, "little", signed=True).hex()
    elif kind == "discard":
        proved = bool(out.has_proof)
        shown |= {"history": out.history == 1, "sent": out.sent if proved else None, "proof": hexed(out.bytes) if proved else None}
    elif kind == "read":
        shown["max_date"] = out.max_date_ms
    elif kind == "typing":
        shown["typing"] = bool(out.is_typing)
    elif kind == "ciphertext":
        shown |= {"random_id": str(out.random_id), "bytes": hexed(out.bytes), "service": bool(out.is_service),
                  "silent": bool(out.is_silent), "file": opaque(out.file)}
    return shown


def ids(lent):
    return [str(one) for one in ((ctypes.c_int64 * lent.len).from_address(lent.data) if lent.len else [])]


def event(out, chat):
    name = name_of("event", out.what)
    random_id = str(out.random_id)
    if name == "ready":
        shown = {"verification": hexed(out.bytes)}
    elif name == "message":
        shown = message(pointed("ScMessage", out.message))
    elif name == "sent":
        shown = {"id": out.transmit_id, "random_id": random_id, "date": out.date_ms}
    elif name == "failed":
        shown = {"id": out.transmit_id, "random_id": random_id}
    elif name == "action_failed":
        action = name_of("user_action", out.action)
        shown = {"id": out.transmit_id, "action": action, "ttl": out.ttl if action == "set_ttl" else None}
    elif name in ("acknowledged", "read_by_peer", "screenshot"):
        shown = {"random_ids": ids(out.ids)}
    elif name == "deleted":
        files = each("ScFileOf", out.files, out.file_count)
        shown = {"random_ids": ids(out.ids), "files": [{"random_id": str(one.random_id), "file": opaque(one.file)} for one in files]}
    elif name == "ttl_changed":
        shown = {"ttl": out.ttl, "asked": out.asked_ttl, "crossed": bool(out.is_crossed)}
    elif name == "opened":
        lease, told = None, pointed("ScContent", out.content)
        if out.has_lease:
            handle, info = ctypes.c_void_p(), TYPES["ScLeaseInfo"]()
            check(C.sc_chat_take_lease(chat, ctypes.byref(handle)))
            check(C.sc_lease_info(handle, ctypes.byref(info)))
            lease = with_thumb({"size": info.size, "rights": rights(info.rights), "key": hexed(C.sc_lease_hazmat_key(handle)),
                                "iv": hexed(C.sc_lease_hazmat_iv(handle))}, info)
            C.sc_lease_free(handle)
        shown = {"random_id": random_id, "lease": lease, "content": None if told is None else content(told), "deadline": out.deadline_ms}
    elif name == "expired":
        shown = {"random_id": random_id, "file": opaque(out.file)}
    elif name == "key_refused":
        shown = {"random_id": random_id}
    elif name == "read_up_to":
        shown = {"max_date": out.max_date_ms, "date": out.date_ms}
    elif name == "typing":
        shown = {"action": name_of("typing_action", out.action)}
    elif name == "peer_layer":
        shown = {"layer": out.layer}
    elif name == "rekeyed":
        shown = {"rekeys": out.rekeys}
    elif name == "check_outdated":
        shown = {"compared_at": out.compared_at}
    elif name == "rekey_failed":
        shown = {"reason": camel(name_of("rekey_failure", out.reason))}
    elif name == "closed":
        shown = closed_for({"history": out.history == 1, "missing": out.missing if out.has_missing else None,
                            "set_back": bool(out.is_set_back)}, out.reason)
    else:
        shown = {}
    return shown | {"out": "event", "event": name}


# ---- the host ----


class Randomness:
    """Answers each draw with the first remaining answer of its length, otherwise with the stream of the seed."""

    def __init__(self, answers, seed):
        self.answers, self.seed, self.blocks, self.left = answers, seed, 0, b""

    def draw(self, length):
        for n, answer in enumerate(self.answers):
            if len(answer) == length:
                return self.answers.pop(n)
        while len(self.left) < length:
            self.left += hashlib.sha256(self.seed + self.blocks.to_bytes(8, "little")).digest()
            self.blocks += 1
        drawn, self.left = self.left[:length], self.left[length:]
        return drawn


STORE_KEY = b"\x5a" * 32
LIMITS = ("outbox_messages", "outbox_bytes", "waiting_messages", "waiting_bytes", "waiting_span", "timed_messages")
INPUTS = {"accepted", "accepted_elsewhere", "discarded", "discard_receipt", "ciphertext", "carried", "refused", "peer_read", "peer_typing"}


class Peer:
    def __init__(self, fields):
        self.lent = Lent()
        self.chat = self.invitation = self.fuse = None
        self.batches = []
        now = fields.need("now", u64)
        seed = fields.need("seed", octets())
        self.random = Randomness(fields.get("draws", listed(octets()), []), seed)
        self.env = ctypes.c_void_p()
        check(C.sc_env_from_bytes(None, 0, ctypes.byref(self.env)))
        check(C.sc_env_set_now(self.env, now))
        self.config = self.configure(fields)

    def configure(self, fields):
        config = TYPES["ScConfig"]()
        name = fields.need("profile", string_field)
        profile = code_of("profile", name)
        if name not in ("x25519", "hybrid", "telegram"):
            raise shim_error(BAD)
        check(C.sc_config_init(ctypes.byref(config), profile))
        telegram = name == "telegram"
        if telegram:
            generator, prime = fields.get("g", u32, 3), fields.get("p", octets())
            group = ctypes.c_void_p()
            if prime is not None and len(prime) == 0:
                raise Failure("peer", "PrimeSize")
            self.made(lambda: C.sc_group_check(generator, prime, len(prime or b""), 1, self.env, ctypes.byref(group)))
            config.group = group.value
            policy = fields.get("policy", string_field)
            if policy is not None:
                code = code_of("peer_policy", policy)
                if code is None:
                    raise shim_error(BAD)
                config.peer_policy = code
            config.view_once = fields.get("view_once", boolean, False)
        local, peer = fields.get("local_id", octets(), b""), fields.get("peer_id", octets(), b"")
        self.lent.bytes(local, config.local_id)
        self.lent.bytes(peer, config.peer_id)
        self.lent.bytes(fields.get("context", octets(), b""), config.context)
        layer = fields.get("layer", i32)
        if layer is not None:
            config.layer = layer
        limits = fields.get("limits", Fields)
        if limits is not None:
            while limits.left:
                limit = next(iter(limits.left))
                if limit in ("view_once", "discard_patience"):
                    setattr(config, f"{limit}_ms", limits.need(limit, u32) * 1000)
                elif limit in LIMITS:
                    setattr(config, limit, limits.need(limit, u32))
                else:
                    raise shim_error("UnknownField")
        rekey = fields.get("rekey", Fields)
        if rekey is not None:
            messages = rekey.get("after_messages", u32)
            if messages is not None:
                config.rekey_initiator_messages = config.rekey_responder_messages = messages
            config.rekey_bytes = rekey.get("after_bytes", u64, config.rekey_bytes)
            config.rekey_age_ms = rekey.get("after_millis", u64, config.rekey_age_ms)
            rekey.end()
        bounds = fields.get("ttl_bounds", listed(u32))
        cap = fields.get("notification_cap", string_field)
        self.lent.bytes(fields.get("server_random", octets(), b""), config.server_random)
        config.exporter = fields.get("exporter", boolean, False)
        self.keeps_records = fields.get("store", boolean, True)
        fields.end()
        if bounds is not None:
            if len(bounds) != 2:
                raise shim_error(BAD)
            config.ttl_shortest, config.ttl_longest = bounds
        if cap is not None:
            code = code_of("notification", cap)
            if code is None:
                raise shim_error(BAD)
            config.notification_cap = code
        if self.keeps_records:
            self.lent.bytes(STORE_KEY, config.store_key)
        check(C.sc_config_check(ctypes.byref(config)))
        return config

    def made(self, call):
        """Makes a call, and gives it the randomness that it asks for."""
        while (status := call()) == RANDOM:
            drawn = self.random.draw(C.sc_env_bytes_wanted(self.env))
            check(C.sc_env_add_bytes(self.env, drawn, len(drawn)))
        check(status)

    def obey(self, command, fields, lines):
        if command == "invitation":
            public = fields.only("public", octets())
            self.begins()
            made = ctypes.c_void_p()
            check(C.sc_invitation_parse(public, len(public), ctypes.byref(self.config), ctypes.byref(made)))
            self.invitation = made
            return None
        if command == "decline":
            fields.end()
            out = TYPES["ScOutput"]()
            check(C.sc_invitation_decline(self.invited(), ctypes.byref(out)))
            self.invitation = None
            lines.append(transmit(out))
            return None
        if command == "state":
            fields.end()
            return self.state()
        if command == "position":
            random_id, out = fields.only("id", i64), TYPES["ScPosition"]()
            status = C.sc_chat_position(self.there(), random_id, ctypes.byref(out))
            return position(out) if status == 0 else None
        if command == "peek":
            message_bytes, out = fields.only("bytes", octets()), TYPES["ScPreview"]()
            check(C.sc_chat_peek(self.there(), message_bytes, len(message_bytes), ctypes.byref(out)))
            return self.preview(out)
        if command == "diagnosis":
            fields.end()
            return self.diagnosis()
        if command == "crash_after":
            self.fuse = fields.only("outputs", u64)
            return None
        failure = done = None
        try:
            done = self.call(command, fields)
        except Failure as found:
            if found.side == "shim":
                raise
            failure = found
        if self.fuse is not None:
            outputs, self.fuse = self.fuse, None
            self.drain(outputs, lines)
            self.restore(0, False)
            done = "crashed"
        if failure is not None:
            raise failure
        self.drain(None, lines)
        if self.chat is not None:
            at = C.sc_chat_timeout(self.chat)
            lines.append({"out": "timeout", "at": None if at == NO_TIME else at})
        return done

    def there(self):
        if self.chat is None:
            raise shim_error("NoChat")
        return self.chat

    def begins(self):
        if self.chat is not None:
            raise shim_error("ChatExists")

    def invited(self):
        if self.invitation is None:
            raise shim_error("NoInvitation")
        return self.invitation

    def host(self, chat):
        self.chat, self.batches = chat, []

    def call(self, command, fields):
        if command == "request":
            fields.end()
            self.begins()
            chat = ctypes.c_void_p()
            self.made(lambda: C.sc_chat_request(ctypes.byref(self.config), self.env, ctypes.byref(chat)))
            return self.host(chat)
        if command == "accept":
            fields.end()
            invitation, self.invitation = self.invited(), None
            chat = ctypes.c_void_p()
            self.made(lambda: C.sc_invitation_accept(invitation, self.env, ctypes.byref(chat)))
            return self.host(chat)
        if command == "now":
            now, monotonic = fields.need("now", u64), fields.get("monotonic", u64)
            boot = fields.get("boot", u64, 0)
            fields.end()
            check(C.sc_env_set_now(self.env, now))
            if monotonic is None:
                check(C.sc_env_clear_monotonic(self.env))
            else:
                check(C.sc_env_set_monotonic(self.env, boot, monotonic))
            if self.chat is not None:
                self.made(lambda: C.sc_chat_handle_timeout(self.chat, self.env))
            return None
        if command == "restart":
            dropped, expect = fields.get("drop_batches", u64, 0), fields.get("expect_checkpoint", boolean, False)
            fields.end()
            return self.restore(dropped, expect)
        if command in INPUTS:
            return self.input(command, fields)
        return self.command(command, fields)

    def input(self, command, fields):
        handled, lent = ctypes.c_uint16(), Lent()
        became = ctypes.byref(handled)
        if command == "accepted":
            public, name = fields.need("public", octets()), fields.need("fingerprint", octets(8))
            fingerprint = int.from_bytes(name, "little", signed=True)
            call = lambda chat: C.sc_chat_accepted(chat, self.env, public, len(public), fingerprint, became)
        elif command == "accepted_elsewhere":
            call = lambda chat: C.sc_chat_accepted_elsewhere(chat, self.env, became)
        elif command == "discarded":
            history, mac, sent = fields.need("history", boolean), fields.get("proof", octets(32)), fields.get("sent", u32)
            fields.end()
            if (mac is None) != (sent is None):
                raise shim_error("MissingField")
            call = lambda chat: C.sc_chat_discarded(chat, self.env, history, mac, sent or 0, became)
        elif command == "discard_receipt":
            proof = fields.get("proof", octets(32))
            call = lambda chat: C.sc_chat_discard_receipt(chat, self.env, proof, became)
        elif command == "ciphertext":
            found, date = fields.need("bytes", octets()), fields.get("date", u64, NO_TIME)
            file = lent.struct("ScIncomingFile")
            about = fields.get("file", Fields)
            if about is not None:
                lent.bytes(about.need("reference", string_field), file.reference)
                size, fingerprint = about.get("size", u64), about.get("fingerprint", i32)
                about.end()
                file.size, file.has_size = size or 0, size is not None
                file.fingerprint, file.has_fingerprint = fingerprint or 0, fingerprint is not None
            call = lambda chat: C.sc_chat_ciphertext(chat, self.env, found, len(found), ctypes.byref(file), date, became)
        elif command == "carried":
            id, date = fields.need("id", u64), fields.get("date", u64, NO_TIME)
            call = lambda chat: C.sc_chat_carried(chat, self.env, id, date, became)
        elif command == "refused":
            id, permanent = fields.need("id", u64), fields.need("permanent", boolean)
            call = lambda chat: C.sc_chat_refused(chat, self.env, id, permanent, became)
        elif command == "peer_read":
            max_date, date = fields.need("max_date", u64), fields.get("date", u64, NO_TIME)
            call = lambda chat: C.sc_chat_peer_read(chat, self.env, max_date, date, became)
        else:
            call = lambda chat: C.sc_chat_peer_typing(chat, self.env, became)
        fields.end()
        chat = self.there()
        self.made(lambda: call(chat))
        return name_of("handled", handled.value)

    def command(self, command, fields):
        lent, notice = Lent(), TYPES["ScNotice"]()
        told, random_id = ctypes.byref(notice), ctypes.c_int64()
        env = self.env
        if command == "send":
            draft = draft_from(fields, lent)
            chat = self.there()
            self.made(lambda: C.sc_chat_send(chat, env, ctypes.byref(draft), ctypes.byref(random_id)))
            return str(random_id.value)
        if command == "send_album":
            drafts = [draft_from(item, lent) for item in fields.only("items", listed(Fields))]
            sent = (ctypes.c_int64 * max(1, len(drafts)))()
            array, chat = lent.array(TYPES["ScDraft"], drafts), self.there()
            self.made(lambda: C.sc_chat_send_album(chat, env, array, len(drafts), ctypes.byref(sent)))
            return [str(one) for one in sent[: len(drafts)]]
        if command == "export":
            label, context = fields.need("label", octets()), fields.get("context", octets(), b"")
            fields.end()
            secret = ctypes.create_string_buffer(32)
            check(C.sc_chat_export(self.there(), label, len(label), context, len(context), secret, len(secret)))
            return secret.raw.hex()
        if command in ("mark_read", "screenshot", "delete"):
            chosen = fields.only("ids", listed(i64))
            array, chat = lent.array(ctypes.c_int64, chosen), self.there()
            if command == "screenshot":
                return self.made(lambda: C.sc_chat_report_screenshot(chat, env, array, len(chosen)))
            function = C.sc_chat_mark_read if command == "mark_read" else C.sc_chat_delete
            self.made(lambda: function(chat, env, array, len(chosen), told))
            return self.notice(notice)
        if command in ("open_view", "close_view"):
            id = fields.only("id", i64)
            chat = self.there()
            if command == "close_view":
                return self.made(lambda: C.sc_chat_close_view(chat, env, id))
            self.made(lambda: C.sc_chat_open_view(chat, env, id, told))
            return self.notice(notice)
        if command == "flush_history":
            fields.end()
            chat = self.there()
            self.made(lambda: C.sc_chat_flush_history(chat, env, told))
            return self.notice(notice)
        if command == "typing":
            action = code_of("typing_action", fields.only("action", lower))
            if action is None:
                raise shim_error(BAD)
            chat = self.there()
            return self.made(lambda: C.sc_chat_typing(chat, env, action))
        if command == "mark_scanned":
            code = fields.only("code", string_field).encode()
            chat = self.there()
            return self.made(lambda: C.sc_chat_mark_scanned(chat, env, code, len(code)))
        with_one = {
            "set_ttl": ("seconds", u32, C.sc_chat_set_ttl), "mark_read_up_to": ("max_date", u64, C.sc_chat_mark_read_up_to),
            "announce_layer": ("layer", i32, C.sc_chat_announce_layer), "close": ("history", boolean, C.sc_chat_close),
            "mark_verified": ("value", octets(36), C.sc_chat_mark_verified),
        }
        if command in with_one:
            name, kind, function = with_one[command]
            value = fields.only(name, kind)
            chat = self.there()
            return self.made(lambda: function(chat, env, value))
        alone = {
            "rekey": C.sc_chat_rekey, "acknowledge": C.sc_chat_acknowledge, "retransmit": C.sc_chat_retransmit,
            "accept_again": C.sc_chat_accept_again, "clear_verified": C.sc_chat_clear_verified,
            "forget_exporter": C.sc_chat_forget_exporter,
        }
        if command not in alone:
            raise shim_error("UnknownCommand")
        fields.end()
        chat = self.there()
        return self.made(lambda: alone[command](chat, env))

    def notice(self, notice):
        kind = name_of("notice", notice.kind)
        if kind == "queued":
            return {"queued": notice.transmit_id}
        if kind == "left_out":
            try:
                check(notice.error)
            except Failure as limit:
                return {"left_out": limit.kind}
        return kind

    def drain(self, most, lines):
        out = TYPES["ScOutput"]()
        while self.chat is not None and most != 0:
            check(C.sc_chat_poll(self.chat, ctypes.byref(out)))
            kind = name_of("output", out.kind) if out.kind else None
            if kind is None:
                return
            if kind == "event":
                lines.append(event(out, self.chat))
            elif kind == "transmit":
                lines.append(transmit(out))
            else:
                lines.append(self.persist(pointed("ScBatch", out.batch)))
            most = None if most is None else most - 1

    def persist(self, batch):
        put = [(bytes(row.name), read(row.value) or b"") for row in each("ScRow", batch.put, batch.put_count)]
        remove = [bytes(row.name) for row in each("ScRow", batch.remove, batch.remove_count)]
        self.batches.append((bytes(batch.chat_id), batch.checkpoint.generation, bytes(batch.checkpoint.tag), put, remove))
        return {"out": "persist", "put": [record_name(name) for name, _ in put], "delete": [record_name(name) for name in remove]}

    def restore(self, dropped, expect):
        C.sc_chat_free(self.chat)
        self.chat = self.invitation = None
        kept = self.batches[: max(0, len(self.batches) - dropped)]
        records = {}
        for _, _, _, put, remove in kept:
            records.update(put)
            for name in remove:
                records.pop(name, None)
        expected = None
        if expect and self.batches:
            expected = TYPES["ScCheckpoint"]()
            expected.generation = self.batches[-1][1]
            expected.tag[:] = self.batches[-1][2]
        lent, rows = Lent(), []
        for name, value in records.items():
            row = lent.struct("ScRow")
            row.name[:] = name
            lent.bytes(value, row.value)
            rows.append(row)
        chat_id = self.batches[0][0] if self.batches else bytes(16)
        array, chat = lent.array(TYPES["ScRow"], rows), ctypes.c_void_p()
        pointer = None if expected is None else ctypes.byref(expected)
        self.made(lambda: C.sc_chat_restore(chat_id, array, len(rows), STORE_KEY, pointer, self.env, ctypes.byref(chat)))
        self.chat, self.batches = chat, kept

    def state(self):
        chat, s = self.there(), TYPES["ScState"]()
        check(C.sc_chat_state(chat, ctypes.byref(s)))
        fingerprint = lambda value: value.to_bytes(8, "little", signed=True).hex()
        rekey = {"state": name_of("rekey_state", s.rekey), "exchange_id": str(s.exchange_id) if s.rekey != 1 else None}
        if name_of("rekey_state", s.rekey) == "accepted":
            rekey["fingerprint"] = fingerprint(s.next_fingerprint)
        code = None
        if s.has_verification or s.has_check:
            code = take(lambda out: C.sc_chat_scan_code(chat, out)).decode()
        profile = {1: "telegram", 2: "x25519", 3: "x25519_ml_kem_768"}[C.sc_chat_profile(chat)]
        shown = {
            "state": name_of("chat_state", s.state), "profile": profile, "role": name_of("role", s.role),
            "own_layer": s.own_layer, "peer_layer": s.peer_layer, "ttl": s.ttl, "sent": s.sent,
            "acknowledged": s.acknowledged, "received": s.received,
            "key_fingerprint": fingerprint(s.key_fingerprint) if s.has_key_fingerprint else None,
            "verification": bytes(s.verification).hex() if s.has_verification else None,
            "check": bytes(s.check).hex() if s.has_check else None,
            "verified": {"check": s.verified_check if s.has_verified_check else None} if s.is_verified else None,
            "scan_code": code, "rekeys": s.rekeys, "rekey": rekey,
            "generation": s.checkpoint.generation if s.has_checkpoint else 0, "id": bytes(s.id).hex() if s.has_id else None,
            "owes_acknowledgement": bool(s.owes_acknowledgement), "awaits_transport": bool(s.awaits_transport),
            "discard_receipt": bytes(s.discard_receipt).hex() if s.has_discard_receipt else None,
            "timeout": None if s.timeout_ms == NO_TIME else s.timeout_ms,
        }
        return closed_for(shown, s.reason) if shown["state"] == "closed" else shown

    def preview(self, out):
        kind = name_of("peek", out.kind)
        if kind != "message":
            return kind
        about = None
        if out.has_content:
            entities = [entity(one) for one in each("ScEntity", out.entities, out.entity_count)]
            about = {"text": text(out.text), "entities": entities, "media": text(out.media)}
        return {"random_id": str(out.random_id), "position": position(out.position), "is_early": bool(out.is_early),
                "silent": bool(out.is_silent), "most": name_of("notification", out.most), "content": about}

    def diagnosis(self):
        chat, outcomes, out = self.there(), [], TYPES["ScOutcome"]()
        while C.sc_chat_outcome(chat, len(outcomes), ctypes.byref(out)) == 0:
            outcomes.append({"cause": name_of("cause", out.cause), "name": text(out.name), "times": out.times, "minute": out.minute_ms})
        return {"text": take(lambda made: C.sc_chat_diagnosis(chat, made)).decode(), "outcomes": outcomes}


def lower(value):
    value = string_field(value)
    if value != value.lower():
        raise shim_error(BAD)
    return value


def refuse(_constant):
    raise ValueError


def obey(peer, line, lines):
    try:
        parsed = json.loads(line, parse_constant=refuse)
        fields = Fields(parsed)
        command = fields.need("command", string_field)
    except (ValueError, RecursionError, Failure):
        raise shim_error("MalformedLine") from None
    if command == "config":
        if peer is not None:
            raise shim_error("Configured")
        return Peer(fields), None
    if peer is None:
        raise shim_error("NotConfigured")
    return peer, peer.obey(command, fields, lines)


def main():
    print("shim: for tests only, its randomness is not random", file=sys.stderr)
    peer = None
    for line in sys.stdin.buffer:
        lines = []
        try:
            peer, done = obey(peer, line, lines)
            lines.append({"done": done})
        except Failure as failure:
            lines.append({"err": {"side": failure.side, "kind": failure.kind}})
        for answer in lines:
            sys.stdout.write(json.dumps(answer, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n")
        sys.stdout.flush()


main()
