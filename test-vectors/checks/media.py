"""Section 11: chains, parts, tokens, segments."""

import functools
import hashlib
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from .primitives import Refused, hkdf_expand, hkdf_extract, hmac_sha256, ige, sha256, unhex


def chain(case: dict, file: dict) -> dict:
    key, iv, cipher = (unhex(case[name]) for name in ("key", "iv", "cipher"))
    whole = case["size"] + -case["size"] % 16
    if len(cipher) != whole:
        raise Refused("TooLong" if len(cipher) > whole else "Truncated")
    padded = ige(key, iv, cipher, decrypt=True)
    plain, padding = padded[: case["size"]], padded[case["size"] :]
    outputs = {"plain": plain, "padding": padding, "cipher": ige(key, iv, plain + padding)}
    if case["kind"] == "restart":
        parts = plain[:32], plain[32:]
        outputs["wrong_cipher"] = b"".join(ige(key, iv, part) for part in parts)
    if case["kind"] == "splice":
        predicted = ige(key, iv, unhex(case["spliced_cipher"]), decrypt=True)
        changed = [i for i in range(len(plain) // 16) if plain[16 * i : 16 * i + 16] != predicted[16 * i : 16 * i + 16]]
        outputs |= {"predicted_plain": predicted, "changed_blocks": changed}
    return outputs


LABEL = b"secretchat/1 resume token"


def open_token(case: dict, token: bytes, direction: int) -> dict:
    """RES-5."""
    prk = hkdf_extract(unhex(case["key"]) + unhex(case["iv"]), unhex(case["host"]))
    aead = AESGCMSIV(hkdf_expand(prk, LABEL, 32))
    if len(token) != 127 or token[0] != 2:
        raise Refused("ResumeToken")
    try:
        state = aead.decrypt(token[1:13], token[13:], LABEL + token[:1])
    except InvalidTag as error:
        raise Refused("ResumeToken") from error
    way, power, size, done = struct.unpack("<BBQQ", state[:18])
    if way != direction or power > 9 or size != case["size"]:
        raise Refused("ResumeToken")
    part = 1024 << power
    if direction in (2, 3):
        segments_of_token(case, direction, state, done)
    elif done > -(-(size + -size % 16) // part):
        raise Refused("ResumeToken")
    return {"done": done, "part": part, "iv": state[18:50], "padding": state[50:66], "digest": state[66:98], "nonce": token[1:13]}


def segments_of_token(case: dict, direction: int, state: bytes, done: int) -> None:
    """SEG-11: parts are segments, and the message's commitment is that of the token's salt and padding."""
    salt, padding, size = state[18:50], state[50:66], case["size"]
    if state[1] not in (2, 6) or padding[0] > 1 or any(padding[1:]):
        raise Refused("ResumeToken")
    if direction == 3 and done == 0:
        if state[1] != 6:
            raise Refused("ResumeToken")
        return
    stored = Stored(unhex(case["key"]), size, b"scseg\x01" + bytes([state[1] + 10]) + padding[:1] + salt)
    most = stored.count if direction == 2 else -(-size // stored.segment)
    if stored.commitment != unhex(case["iv"]) or done > most:
        raise Refused("ResumeToken")


def resumed_segments(case: dict) -> dict:
    """RES-5 and SEG-11: the tokens behind segments."""
    secret, salt, size = unhex(case["key"]), unhex(case["salt"]), case["size"]
    stored = Stored(secret, size, b"scseg\x01" + bytes([case.get("segment_code", 16), case["padding"]]) + salt)
    kept, tokens = borders(content(case["name"], size), stored.segment), []
    for given in case["tokens"]:
        done = given["segments_done"]
        shown = {"segments_done": done, "offset": min(done * stored.segment, size)}
        for name, direction in (("seal", 2), ("open", 3)):
            if f"{name}_token" not in given:
                assert name == "open" and done * stored.segment >= size + stored.segment
                continue
            token = open_token(case, unhex(given[f"{name}_token"]), direction)
            known = direction == 2 or done > 0
            expected = {"done": done, "part": stored.segment if known else 1 << 16, "iv": salt if known else bytes(32), "digest": kept[done if direction == 3 else -1]}
            expected |= {"padding": bytes([case["padding"] if known else 0]).ljust(16, b"\0"), "nonce": unhex(given[f"{name}_nonce"])}
            assert token == expected
            shown |= {f"{name}_nonce": given[f"{name}_nonce"], f"{name}_token": given[f"{name}_token"]}
        tokens.append(shown)
    return {"iv": stored.commitment, "count": stored.count, "tokens": tokens}


def borders(content: bytes, part: int) -> list[bytes]:
    """RES-4: d[0], d[1], ..."""
    found = [bytes(32)]
    for at in range(0, len(content), part):
        found.append(sha256(b"secretchat/1 resume part" + found[-1] + content[at : at + part]))
    return found


def resume(case: dict, file: dict) -> dict:
    if case["kind"] == "segments":
        return resumed_segments(case)
    if case["kind"] == "segments-token":
        token = open_token(case, unhex(case["token"]), {"sealing": 2, "opening": 3}[case["doing"]])
        return {"comment": f"{case['doing']}: good"} if token["done"] == 1 else {}
    if case["kind"] == "token":
        open_token(case, unhex(case["token"]), 0)
        return {"comment": "good"}
    if case["kind"] == "shown":
        # RES-6: as long as what was done, and of the token's digest.
        token = open_token(case, unhex(case["token"]), ("encrypt", "decrypt").index(case["direction"]))
        content = unhex(case["content"])
        expected = case["size"]
        if case["direction"] == "decrypt":
            expected = min(expected, token["done"] * token["part"])
        if len(content) != expected or borders(content, token["part"])[-1] != token["digest"]:
            raise Refused("ResumeMismatch")
        return {"content": content}
    if case["kind"] == "changed":
        # RES-6: a part leads from one kept value to the next.
        token, plain, content = open_token(case, unhex(case["token"]), 0), unhex(case["plain"]), unhex(case["content"])
        kept, number = borders(plain, token["part"]), case["part"]
        assert kept[-1] == token["digest"] and number == token["done"]
        if sha256(b"secretchat/1 resume part" + kept[number] + content) != kept[number + 1]:
            raise Refused("ResumeMismatch")
        missing = -len(content) % 16
        return {"part_cipher": ige(unhex(case["key"]), token["iv"], content + token["padding"][:missing])}
    if case["kind"] == "beyond-32-bits":
        token = open_token(case, unhex(case["decrypt_token"]), 1)
        return {"offset": token["done"] * token["part"]}
    plain, padding, key, iv = (unhex(case[name]) for name in ("plain", "padding", "key", "iv"))
    cipher, part = ige(key, iv, plain + padding), case["part_size"]
    kept, tokens = borders(plain, part), []
    for done in range(-(-len(cipher) // part) + 1):
        end = min(done * part, len(cipher))
        expected = {"done": done, "part": part}
        expected["iv"] = cipher[end - 16 : end] + (plain + padding)[end - 16 : end] if done else iv
        given, shown = case["tokens"][done], {"parts_done": done, "offset": min(end, case["size"])}
        for direction, name in enumerate(("encrypt", "decrypt")):
            token = open_token(case, unhex(given[f"{name}_token"]), direction)
            expected["digest"] = kept[done if direction else -1]
            expected |= {"padding": (b"" if direction else padding).ljust(16, b"\0"), "nonce": unhex(given[f"{name}_nonce"])}
            assert token == expected
            shown |= {f"{name}_nonce": given[f"{name}_nonce"], f"{name}_token": given[f"{name}_token"]}
        tokens.append(shown)
    return {"cipher": cipher, "tokens": tokens}


TAG, HEADER = 32, 40


def padme(length: int) -> int:
    """SEG-6."""
    if length < 2:
        return length
    e = length.bit_length() - 1
    unit = 1 << (e - e.bit_length())
    return -(-length // unit) * unit


class Stored:
    """Keys and lengths of one file (SEG-2, SEG-3, SEG-5)."""

    def __init__(self, secret: bytes, size: int, header: bytes) -> None:
        form, salt = header[:8], header[8:]
        bound = form + struct.pack("<Q", size)
        prk = hkdf_extract(salt, secret)
        self.size, self.padded = size, -(-(padme(size) if form[7] else size) // 16) * 16
        self.segment = 1 << form[6]
        self.count = -(-self.padded // self.segment)
        self.commitment = hkdf_expand(prk, b"secretchat/1 file commitment" + bound, 32)
        self.tag_key = hkdf_expand(prk, b"secretchat/1 segment tag" + bound, 32)
        self.keys = lambda i: hkdf_expand(prk, b"secretchat/1 segment key" + bound + struct.pack("<Q", i), 64)

    def end_of(self, i: int) -> bytes:
        last = i == (self.size - 1) // self.segment
        return struct.pack("<QBI", i, last, self.inside(i))

    def inside(self, i: int) -> int:
        """The content of the segment."""
        return max(0, min(self.segment, self.size - self.segment * i))

    def length(self, i: int) -> int:
        return min(self.segment, self.padded - self.segment * i)


@functools.cache
def content(name: str, size: int) -> bytes:
    return b"".join(sha256(f"{name} content {i}".encode()) for i in range(size // 32 + 1))[:size]


@functools.cache
def seal(name: str, secret: bytes, size: int, header: bytes) -> bytes:
    stored, out = Stored(secret, size, header), bytearray(header)
    padded = content(name, size).ljust(stored.padded, b"\0")
    for i in range(stored.count):
        keys = stored.keys(i)
        start = stored.segment * i
        cipher = ige(keys[:32], keys[32:], padded[start : start + stored.length(i)])
        out += cipher + hmac_sha256(stored.tag_key, cipher + stored.end_of(i))
    return bytes(out)


def form_ok(header: bytes) -> bool:
    return header[:6] == b"scseg\x01" and header[6] in (12, 16) and header[7] in (0, 1)


def released(case: dict, data: bytes) -> tuple[int, str | None]:
    """How much content comes out, and what then is wrong."""
    header = data[:HEADER]
    if len(header) < HEADER:
        return 0, "Truncated"
    if not form_ok(header):
        return 0, "Header"
    stored = Stored(unhex(case["secret"]), case["size"], header)
    if stored.commitment != unhex(case["commitment"]):
        return 0, "NotThisFile"
    out, at = 0, HEADER
    for i in range(stored.count):
        length = stored.length(i)
        sealed = data[at : at + length + 32]
        if len(sealed) < length + 32:
            return out, "Truncated"
        cipher, tag = sealed[:length], sealed[length:]
        if hmac_sha256(stored.tag_key, cipher + stored.end_of(i)) != tag:
            return out, "NotAuthentic"
        inside = stored.inside(i)
        if inside < length:
            keys = stored.keys(i)
            if any(ige(keys[:32], keys[32:], cipher, decrypt=True)[inside:]):
                return out, "Padding"
        out, at = out + inside, at + length + 32
    return out, "TooLong" if len(data) > at else None


def named(file: dict, name: str) -> dict:
    return next(case for case in file["cases"] if case.get("name") == name)


def sealed(case: dict) -> bytes:
    return seal(case["name"], unhex(case["secret"]), case["size"], unhex(case["header"]))


def segments(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "padme":
        return {"padded": padme(case["length"])}
    if kind in ("file", "other"):
        form = b"scseg" + bytes([1, case.get("segment_code", 16), case["padding"]])
        data, stored = sealed(case), Stored(unhex(case["secret"]), case["size"], form + unhex(case["salt"]))
        parts = []
        for part in case["segments"]:
            i, keys = part["index"], stored.keys(part["index"])
            end = HEADER + (stored.segment + TAG) * i + stored.length(i) + TAG
            shown = {"index": i, "key": keys[:32].hex(), "iv": keys[32:].hex(), "end": end, "tag": data[end - 32 : end].hex()}
            parts.append(shown)
        outputs = {"header": form + unhex(case["salt"]), "commitment": stored.commitment, "tag_key": stored.tag_key}
        outputs |= {"count": stored.count, "segments": parts, "stored_len": len(data), "stored_sha256": sha256(data)}
        return outputs | ({"stored": data} if "stored" in case else {})
    whole = sealed(named(file, case["file"]))
    if kind == "sealed-wrong":
        data = whole[: case["kept"]] + unhex(case["stored"])
    else:
        data = bytearray(b"".join(sealed(named(file, name))[a:b] for name, a, b in case["pieces"]))
        if "flip" in case:
            data[case["flip"][0]] ^= case["flip"][1]
        data = bytes(data)
        assert sha256(data).hex() == case["stored_sha256"]
        before = content(case["file"], named(file, case["file"])["size"])[: case["released"]]
        assert hashlib.sha256(before).hexdigest() == case["released_sha256"]
    out, error = released(case, data)
    assert out == case["released"], (case["id"], out)
    if error:
        raise Refused(error)
    return {}


FORMATS = {"media-1": chain, "resume-1": resume, "segments-1": segments}
