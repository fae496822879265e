"""Sections 3, 4, 5 and 16: message keys, envelopes, names of keys, frames and fragments."""

import hashlib
import re
import struct
from pathlib import Path

from .primitives import Refused, ige, sha256, unhex


def keys_of(key: bytes, x: int, msg_key: bytes) -> tuple[bytes, bytes]:
    """KDF-2."""
    a = sha256(msg_key + key[x : x + 36])
    b = sha256(key[40 + x : 76 + x] + msg_key)
    return a[0:8] + b[8:24] + a[24:32], b[0:8] + a[8:24] + b[24:32]


def msg_key_of(key: bytes, x: int, plain: bytes) -> bytes:
    """KDF-1."""
    return sha256(key[88 + x : 120 + x] + plain)[8:24]


def kdf(case: dict, file: dict) -> dict:
    key, x = unhex(case["key"]), case["x"]
    if case["kind"] == "derived":
        aes_key, aes_iv = keys_of(key, x, unhex(case["msg_key"]))
        return {"aes_key": aes_key, "aes_iv": aes_iv}
    plain = unhex(case["plain"])
    msg_key = msg_key_of(key, x, plain)
    return {"msg_key": msg_key, "cipher": ige(*keys_of(key, x, msg_key), plain)}


def chain(case: dict, file: dict) -> dict:
    key, iv, plain = (unhex(case[name]) for name in ("key", "iv", "plain"))
    outputs = {"cipher": ige(key, iv, plain)}
    assert ige(key, iv, outputs["cipher"], decrypt=True) == plain
    if "wrong_third_block" in case:
        outputs["wrong_third_block"] = ige(key, iv, plain[32:])[:16]
    return outputs


def fingerprint_of(key: bytes) -> bytes:
    """FP-1."""
    return hashlib.sha1(key).digest()[-8:]


def names(case: dict, file: dict) -> dict:
    key = unhex(case["key"])
    if case["kind"] == "file-key":
        d = hashlib.md5(key + unhex(case["iv"])).digest()
        return {"fingerprint": struct.unpack("<i", bytes(a ^ b for a, b in zip(d[0:4], d[4:8])))[0]}
    sha1 = hashlib.sha1(key).digest()
    stripped = key.lstrip(b"\0")
    return {
        "sha1": sha1,
        "sha256": sha256(key),
        "fingerprint": fingerprint_of(key),
        "fingerprint_long": str(struct.unpack("<q", fingerprint_of(key))[0]),
        "verification": sha1[:16] + sha256(key)[:20],
        "stripped_fingerprint": fingerprint_of(stripped) if stripped != key else None,
    }


def seal(key: bytes, fingerprint: bytes, x: int, plain: bytes) -> bytes:
    msg_key = msg_key_of(key, x, plain)
    return fingerprint + msg_key + ige(*keys_of(key, x, msg_key), plain)


def open_sealed(key: bytes, fingerprint: bytes, x: int, sealed: bytes) -> bytes:
    """ENV-4: the body."""
    if len(sealed) < 8:
        raise Refused("NotAuthentic")
    if sealed[:8] != fingerprint:
        raise Refused("UnknownKey")
    if (len(sealed) - 24) % 16 or not 56 <= len(sealed) <= 525_336:
        raise Refused("NotAuthentic")
    plain = ige(*keys_of(key, x, sealed[8:24]), sealed[24:], decrypt=True)
    (length,) = struct.unpack("<I", plain[:4])
    padding = len(plain) - 4 - length
    genuine = msg_key_of(key, x, plain) == sealed[8:24]
    if not (genuine and 0 < length <= 524_288 and length % 4 == 0 and 12 <= padding <= 1024):
        raise Refused("NotAuthentic")
    return plain[4 : 4 + length]


def envelope(case: dict, file: dict) -> dict:
    named = file["keys"][case["key"]]
    key, fingerprint = unhex(named["key"]), unhex(named["fingerprint"])
    body = open_sealed(key, fingerprint, case["x"], unhex(case["sealed"]))
    if "body" not in case:
        return {}
    plain = struct.pack("<I", len(body)) + body + unhex(case["padding"])
    return {"body": body, "sealed": seal(key, fingerprint, case["x"], plain)}


def old_keys_of(key: bytes, msg_key: bytes) -> tuple[bytes, bytes]:
    """KDF-4."""
    digests = (msg_key + key[:32], key[32:48] + msg_key + key[48:64], key[64:96] + msg_key, msg_key + key[96:128])
    a, b, c, d = (hashlib.sha1(data).digest() for data in digests)
    return a[0:8] + b[8:20] + c[4:16], a[8:20] + b[0:8] + c[16:20] + d[0:8]


def open_old(key: bytes, fingerprint: bytes, sealed: bytes) -> bytes:
    """ENV-5: the body."""
    assert sealed[:8] == fingerprint
    msg_key = sealed[8:24]
    if len(sealed) < 40 or (len(sealed) - 24) % 16:
        raise Refused("NotAuthentic")
    plain = ige(*old_keys_of(key, msg_key), sealed[24:], decrypt=True)
    (length,) = struct.unpack("<I", plain[:4])
    fits = 0 < length <= 524_288 and length % 4 == 0 and 0 <= len(plain) - 4 - length <= 15
    if not fits or hashlib.sha1(plain[: 4 + length]).digest()[4:20] != msg_key:
        raise Refused("NotAuthentic")
    return plain[4 : 4 + length]


def seal_old(key: bytes, fingerprint: bytes, body: bytes, padding: bytes) -> bytes:
    plain = struct.pack("<I", len(body)) + body
    msg_key = hashlib.sha1(plain).digest()[4:20]
    return fingerprint + msg_key + ige(*old_keys_of(key, msg_key), plain + padding)


def old_envelope(case: dict, file: dict) -> dict:
    key, fingerprint = unhex(file["key"]), unhex(file["fingerprint"])
    body = open_old(key, fingerprint, unhex(case["sealed"]))
    return {"body": body, "sealed": seal_old(key, fingerprint, body, unhex(case["padding"]))}


WORDS = [line.split() for line in (Path(__file__).parent.parent.parent / "src/verify/words.txt").read_text().splitlines()]


def picture(case: dict, file: dict) -> dict:
    """VER-2, VER-5, VER-6."""
    if case["kind"] == "scanned":
        return scanned(case)
    assert file["colours"] == ["ffffff", "d5e6f3", "2d5775", "2f99c9"]
    value = unhex(case["value"])
    flat = [value[i // 4] >> 2 * (i % 4) & 3 for i in range(144)]
    rows = ["".join(map(str, flat[12 * row : 12 * row + 12])) for row in range(12)]
    assert len({word for pair in WORDS for word in pair}) == 512
    return {
        "cells": rows,
        "hex_lines": [" ".join(f"{b:02x}" for b in value[8 * i : 8 * i + 8]) for i in range(4)],
        "words": [WORDS[b][1 if i & 1 else 0] for i, b in enumerate(value)],
        "codes": [f"SECRETCHAT:1:{role}:" + "".join(f"{b:02X}" for b in value) for role in ("I", "R")],
    }


def scanned(case: dict) -> dict:
    """What VER-6 says of a text."""
    name, colon, rest = case["text"].upper().partition(":")
    version, behind, rest = rest.partition(":")
    if (name, colon, behind) != ("SECRETCHAT", ":", ":") or re.fullmatch("[1-9][0-9]{0,3}", version) is None:
        raise Refused("NoCode")
    if version != "1":
        raise Refused("NewerCode")
    shown = re.fullmatch("([IR]):([0-9A-F]{72})", rest)
    if shown is None:
        raise Refused("NoCode")
    if shown[1] == case["own"]:
        raise Refused("OwnCode")
    if shown[2].lower() != case["value"]:
        raise Refused("Mismatch")
    return {"value": shown[2].lower()}


PUBLIC, SEALED, PART = 1280, 525_336, 524_288
LONGEST = {1: PUBLIC, 2: 8 + PUBLIC, 3: 8 + 17 + SEALED, 4: 38, 5: 41, 6: 32 + PART, 7: 16 + 64 * 16, 8: 16}
NAMES = ("Request", "Accept", "Ciphertext", "Discard", "Receipt", "FilePart", "FileRequest", "FileCancel")
KINDS = dict(enumerate(NAMES, 1))


class Body:
    """Bytes of a frame's body, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, length: int) -> bytes:
        if len(self.data) < length:
            raise Refused("Malformed")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def number(self) -> int:
        return struct.unpack("<Q", self.take(8))[0]

    def flag(self) -> bool:
        if (byte := self.take(1)[0]) > 1:
            raise Refused("Malformed")
        return byte == 1

    def option(self, length: int) -> bytes | None:
        return self.take(length) if self.flag() else None

    def rest(self, most: int) -> bytes:
        if len(self.data) > most:
            raise Refused("TooLong")
        return self.take(len(self.data))

    def end(self) -> None:
        if self.data:
            raise Refused("Malformed")


def missing(body: Body) -> list[list[str]]:
    """FRM-6: ranges in ascending order that neither touch nor overlap."""
    ranges, before = [], -1
    while body.data:
        start, end = body.number(), body.number()
        if not before < start < end:
            raise Refused("Malformed")
        ranges.append([str(start), str(end)])
        before = end
    return ranges


def frame(case: dict, file: dict) -> dict:
    """FRM-1, FRM-2, FRM-4, FRM-6."""
    data = unhex(case["frame"])
    read = read_frame(data)
    assert data[2:18].hex() == file["tag"]
    return read


def read_frame(data: bytes) -> dict:
    if data[0] != 1:
        raise Refused("UnknownVersion")
    if data[1:2] == b"\x09":
        raise Refused("Fragment")
    if len(data) > 1 and data[1] not in KINDS:
        raise Refused("UnknownKind")
    kind, length = data[1], struct.unpack("<I", data[18:22])[0]
    if length > LONGEST[kind]:
        raise Refused("TooLong")
    shortest = {2: 8, 3: 9, 4: 2, 5: 8, 6: 32, 7: 16, 8: 16}.get(kind, 0)
    if length < shortest:
        raise Refused("Malformed")
    if len(data) - 22 != length:
        raise Refused("Truncated" if len(data) - 22 < length else "Malformed")
    body, read = Body(data[22:]), {"frame_kind": KINDS[kind]}
    if kind == 1:
        read |= {"public": body.rest(PUBLIC)}
    elif kind == 2:
        read |= {"fingerprint": body.take(8), "public": body.rest(PUBLIC)}
    elif kind == 3:
        read |= {"transmit_id": str(body.number()), "file": body.option(16), "sealed": body.rest(SEALED)}
    elif kind == 4:
        read |= {"history": body.flag()}
        proof = body.option(36)
        read |= {"sent": str(int.from_bytes(proof[:4], "little")), "proof": proof[4:]} if proof else {"sent": None, "proof": None}
    elif kind == 5:
        transmit_id = body.number()
        # Only the answer to a Discard has a proof.
        read |= {"transmit_id": str(transmit_id), "proof": body.option(32) if transmit_id == 2 else None}
    elif kind == 6:
        file_id, offset, total, part = body.take(16), body.number(), body.number(), body.rest(PART)
        if total == 0 or offset + len(part) > total or (offset and not part):
            raise Refused("Malformed")
        read |= {"file": file_id, "offset": str(offset), "total": str(total), "part": part}
    elif kind == 7:
        read |= {"file": body.take(16), "missing": missing(body)}
    else:
        read |= {"file": body.take(16)}
    body.end()
    return read


def fragments(case: dict, file: dict) -> dict:
    """FRAG-1, FRAG-2, FRAG-3."""
    if case["kind"] == "joined":
        return joined([unhex(datagram) for datagram in case["datagrams"]])
    whole, size = unhex(case["frame"]), case["mtu"]
    if size < 50:
        raise Refused("SmallMtu")
    read_frame(whole)
    name = sha256(whole)[:6]
    if len(whole) <= size:
        return {"frame_id": name, "datagrams": [whole.hex()]}
    room = size - 12
    count = (len(whole) + room - 1) // room
    datagrams, rest = [], whole
    for index in range(count):
        datagrams.append(b"\x01\x09" + name + index.to_bytes(2, "little") + count.to_bytes(2, "little") + rest[:room])
        rest = rest[room:]
    assert not rest
    return {"frame_id": name, "datagrams": [datagram.hex() for datagram in datagrams]}


def joined(datagrams: list[bytes]) -> dict:
    kept: dict[tuple[bytes, int], dict[int, bytes]] = {}
    frames = []
    for datagram in datagrams:
        if datagram[:2] != b"\x01\x09":
            read_frame(datagram)
            frames.append(datagram.hex())
            continue
        if len(datagram) < 13:
            raise Refused("Truncated")
        name, part = datagram[2:8], datagram[12:]
        index, count = (int.from_bytes(datagram[at : at + 2], "little") for at in (8, 10))
        if count > 13_826:
            raise Refused("TooLong")
        if count < 2 or index >= count or (index < count - 1 and len(part) < 38):
            raise Refused("Malformed")
        parts = kept.setdefault((name, count), {})
        if parts.setdefault(index, part) != part:
            del parts[index]
        if len(parts) == count:
            del kept[name, count]
            whole = b"".join(parts[place] for place in range(count))
            if sha256(whole)[:6] != name:
                raise Refused("Mixed")
            read_frame(whole)
            frames.append(whole.hex())
    missing = [[index for index in range(count) if index not in parts] for (_, count), parts in kept.items() if parts]
    return {"frames": frames, "missing": missing}


FORMATS = {
    "kdf-1": kdf,
    "ige-1": chain,
    "fingerprints-1": names,
    "envelope-1": envelope,
    "envelope-old-1": old_envelope,
    "verification-1": picture,
    "frame-1": frame,
    "fragments-1": fragments,
}
