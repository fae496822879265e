#!/usr/bin/env python3
"""Records of chats in every phase, sealed by SPEC REC-1 to REC-4 alone.

    records.py            writes records/chats.json
    records.py --check    compares it, and reads records/written.json, which the crate wrote, field by field

AES-256-GCM-SIV is OpenSSL's, by the `cryptography` package, checked against RFC 8452 C.2 first. Key material comes from
x25519-profile.json and mtproto.json.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

HERE = Path(__file__).parent / "records"
STORE_KEY = bytes(range(0x40, 0x60))
KINDS = {"keys": 1, "state": 2, "outgoing": 3, "waiting": 4, "early": 5, "tombstone": 6, "timed": 7}
NAMES = {number: kind for kind, number in KINDS.items()}


def drawn(label: str, length: int) -> bytes:
    """Bytes that stand for random ones."""
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def u8(n):
    return n.to_bytes(1, "little")


def u32(n):
    return n.to_bytes(4, "little")


def u64(n):
    return n.to_bytes(8, "little")


def i32(n):
    return n.to_bytes(4, "little", signed=True)


def i64(n):
    return n.to_bytes(8, "little", signed=True)


def lp(data):
    return u32(len(data)) + data


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


# REC-1 to REC-3


def name(kind: str, number: int = 0) -> bytes:
    return u8(KINDS[kind]) + number.to_bytes(8, "big")


class Keys:
    """The keys of one chat's records."""

    def __init__(self, chat: bytes, store_key: bytes):
        prk = mac(chat, store_key)
        self.chat = chat
        self.record_key = mac(prk, b"secretchat/1 record key\x01")
        self.set_key = mac(prk, b"secretchat/1 record set\x01")

    def aad(self, version: int, of: bytes, generation: int) -> bytes:
        return b"secretchat/1 record" + u8(version) + self.chat + of + u64(generation)

    def seal(self, of: bytes, generation: int, plain: bytes) -> bytes:
        nonce = drawn(f"nonce {of.hex()} {generation}", 12)
        sealed = AESGCMSIV(self.record_key).encrypt(nonce, plain, self.aad(1, of, generation))
        return u8(1) + u64(generation) + nonce + sealed

    def open(self, of: bytes, row: bytes) -> tuple[int, bytes]:
        generation = int.from_bytes(row[1:9], "little")
        assert row[0] == 1 and generation > 0
        return generation, AESGCMSIV(self.record_key).decrypt(row[9:21], row[21:], self.aad(row[0], of, generation))

    def digest(self, members) -> bytes:
        """Of names with generations."""
        members = list(members)
        total = sum(int.from_bytes(mac(self.set_key, of + u64(generation)), "little") for of, generation in members)
        return u32(len(members)) + (total % 2**256).to_bytes(32, "little")


# REC-4. A layout is a list of (name, type); a type reads itself from a cursor.


class Cursor:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        assert self.at + length <= len(self.data), "too short"
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, length: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(length), "little", signed=signed)

    def flag(self) -> bool:
        value = self.number(1)
        assert value in (0, 1), "no flag"
        return value == 1

    def lp(self) -> bytes:
        return self.take(self.number(4))

    def optional(self, read):
        """A flag and a value that stands there anyway: 0 without the flag."""
        flag, value = self.flag(), read()
        assert flag or not value, "a value without its flag"
        return value if flag else None

    def finish(self):
        assert self.at == len(self.data), "bytes left over"


def read_setup(c: Cursor) -> dict:
    setup = {"profile": c.number(1), "role": c.number(1)}
    assert setup["profile"] in (1, 2) and setup["role"] in (0, 1)
    if setup["profile"] == 2:
        setup |= {"policy": c.number(1), "g": c.number(4), "p": c.take(256)}
    setup |= {field: c.lp() for field in ("local_id", "peer_id", "context")}
    setup["limits"] = [c.number(4) for _ in range(7)]
    setup["rekey"] = [c.number(4) for _ in range(3)] + [c.number(8) for _ in range(3)] + [c.number(1)]
    setup["view_once"] = c.flag()
    return setup


def read_key(c: Cursor) -> dict:
    return {"chat_key": c.take(256), "fingerprint": c.take(8)}


def read_next(c: Cursor, profile: int) -> dict:
    return read_key(c) | ({"chain": c.take(32), "check": c.take(36)} if profile == 1 else {})


def read_keys(c: Cursor) -> dict:
    setup = read_setup(c)
    profile, secret = setup["profile"], 32 if setup["profile"] == 1 else 256
    keys = {"setup": setup, "phase": c.number(1)}
    if keys["phase"] == 0:
        return keys | {"secret": c.take(secret)}
    assert keys["phase"] == 1
    keys |= {"current": read_key(c), "verification": c.take(36), "own_public": c.optional(c.lp)}
    if profile == 1:
        keys |= {"th": c.take(32), "chain": c.take(32), "check": c.take(36), "discard": [c.take(32), c.take(32)]}
    keys["old"] = read_key(c) | {"committed": c.optional(lambda: c.number(4))} if c.flag() else None
    keys["exchange"] = c.number(1)
    assert keys["exchange"] <= 4
    if keys["exchange"]:
        keys["exchange_id"] = c.number(8, signed=True)
    if keys["exchange"] == 1:
        keys |= {"slot": c.number(4), "time": c.number(8), "secret": c.take(secret)}
    elif keys["exchange"] == 2:
        keys["public"] = c.lp()
    elif keys["exchange"] == 3:
        keys |= {"slot": c.number(4), "next": read_next(c, profile)}
    elif keys["exchange"] == 4:
        keys["next"] = read_next(c, profile)
    return keys


def read_state(c: Cursor) -> dict:
    state = {"raw": c.number(8), "elapsed": c.number(8), "confirmed": c.flag()}
    state |= {field: c.number(4) for field in ("sent", "received", "acknowledged", "asked")}
    state["owes"] = c.flag()
    state |= {field: c.number(4, True) for field in ("own_layer", "peer_layer", "seen_layer")}
    state["told_at"] = c.optional(lambda: c.number(4, True))
    state["ttl"] = c.number(4, True)
    state["ttl_slot"] = c.optional(lambda: c.number(4))
    state |= {"rekeys": c.number(4), "key_since": c.number(8), "key_sent": c.number(4), "key_received": c.number(4)}
    state |= {"told_overdue": c.flag(), "failures": c.number(1), "ended": c.optional(lambda: c.number(8, True))}
    state |= {"ask_after": c.number(8), "unanswered": c.number(1), "keys_generation": c.number(8)}
    return state | {kind: c.take(36) for kind in ("keys", "outgoing", "waiting", "early", "timed")}


def read_outgoing(c: Cursor) -> dict:
    outgoing = {"in_seq_no": c.number(4), "random_id": c.number(8, True), "kind": c.number(1)}
    assert outgoing["kind"] <= 2
    outgoing |= {flag: c.flag() for flag in ("silent", "carried", "emptied")}
    return outgoing | {"file": c.optional(c.lp), "sealed": c.lp()}


def read_waiting(c: Cursor) -> dict:
    waiting = {"in_seq_no": c.number(4), "fingerprint": c.take(8), "layer": c.number(4, True)}
    waiting |= {flag: c.flag() for flag in ("enough", "resent", "answered")}
    waiting["date"] = c.optional(lambda: c.number(8))
    if c.flag():
        waiting |= {"reference": c.lp(), "size": c.optional(lambda: c.number(8))}
        waiting["file_fingerprint"] = c.optional(lambda: c.number(4, True))
    return waiting | {"body": c.lp()}


def read_timed(c: Cursor) -> dict:
    timed = {"ttl": c.number(4, True), "kind": c.number(1), "duration": c.number(4), "side": c.number(1)}
    assert timed["kind"] <= 2 and timed["side"] <= 1
    timed |= {"deadline": c.optional(lambda: c.number(8)), "date": c.number(8)}
    timed["carried"] = c.optional(lambda: c.number(8))
    if c.flag():
        timed |= {"key": c.take(32), "iv": c.take(32), "size": c.number(8)}
        if c.flag():
            timed |= {"width": c.number(4), "height": c.number(4), "jpeg": c.lp()}
    return timed


def read_tombstone(c: Cursor) -> dict:
    tombstone = {"setup": read_setup(c), "reason": c.number(1), "history": c.flag(), "pending": c.flag()}
    assert tombstone["reason"] <= 6 or 16 <= tombstone["reason"] <= 25
    if tombstone["pending"]:
        tombstone["ask_history"] = c.flag()
        proved, proof = c.flag(), c.take(32)
        assert proved or proof == bytes(32), "a proof without its flag"
        tombstone["proof"] = proof if proved else None
    return tombstone


READERS = {
    "keys": read_keys,
    "state": read_state,
    "outgoing": read_outgoing,
    "waiting": read_waiting,
    "early": read_waiting,
    "timed": read_timed,
    "tombstone": read_tombstone,
}


def read(kind: str, plain: bytes) -> dict:
    cursor = Cursor(plain)
    assert cursor.number(1) == 1, "the layout"
    fields = READERS[kind](cursor)
    cursor.finish()
    return fields


def read_chat(chat: dict) -> None:
    """Each field, the digests, and that the counters fit the rows (REC-5)."""
    keys = Keys(bytes.fromhex(chat["chat"]), bytes.fromhex(chat["store_key"]))
    members, fields = {}, {}
    for row in chat["rows"]:
        of = bytes.fromhex(row["name"])
        kind, number = NAMES[of[0]], int.from_bytes(of[1:], "big")
        generation, plain = keys.open(of, bytes.fromhex(row["sealed"]))
        members.setdefault(kind, []).append((of, generation))
        fields[kind, number] = read(kind, plain)
    if ("tombstone", 0) in fields:
        assert len(fields) == 1
        return
    state = fields["state", 0]
    assert state["keys_generation"] == members["keys"][0][1]
    for kind in ("keys", "outgoing", "waiting", "early", "timed"):
        assert state[kind] == keys.digest(members.get(kind, [])), f"the digest of {kind}"
    slots = sorted(number for kind, number in fields if kind == "outgoing")
    assert slots == list(range(state["acknowledged"], state["sent"]))
    assert all(number > state["received"] for kind, number in fields if kind == "waiting")


# The chats. What is written is written a second time by hand here, so that a slip of the reader does not hide.

LIMITS = [1000, 1 << 24, 1000, 1 << 24, 10_000, 4096, 300]
DAY = 24 * 60 * 60 * 1000
NOW = 1_700_000_000_000


def setup(profile: int, role: int) -> bytes:
    telegram = b""
    ends = [b"alice", b"bob"] if role == 0 else [b"bob", b"alice"]
    rekey = u32(100) + u32(150) + u32(1000) + u64(7 * DAY) + u64(14 * DAY) + u64(60_000) + u8(0)
    if profile == 2:
        p = bytes.fromhex(next(
            group["p"] for group in json.loads((HERE.parent / "modp.json").read_text())["groups"] if group["g"] == 3
        ))
        telegram, ends = u8(0) + u32(3) + p, [b"", b""]
    limits = b"".join(map(u32, LIMITS))
    return u8(profile) + u8(role) + telegram + lp(ends[0]) + lp(ends[1]) + lp(b"") + limits + rekey + u8(profile == 1)


def state(sent=0, received=0, acknowledged=0, confirmed=True, ttl=0, elapsed=0, peer_layer=144) -> bytes:
    """Up to the generation of keys."""
    return (
        u8(1) + u64(NOW) + u64(elapsed) + u8(confirmed) + u32(sent) + u32(received) + u32(acknowledged)
        + u32(received) + u8(received > 0) + i32(144) + i32(peer_layer) + i32(peer_layer) + u8(0) + i32(0) + i32(ttl)
        + u8(0) + u32(0) + u32(0) + u64(0) + u32(0) + u32(0) + u8(0) + u8(0) + u8(0) + i64(0) + u64(0) + u8(0)
    )


def outgoing(slot: int, random_id: int, fingerprint: bytes) -> bytes:
    sealed = fingerprint + drawn(f"sealed {slot}", 16 + 128)
    return u8(1) + u32(0) + i64(random_id) + u8(0) + u8(0) + u8(0) + u8(0) + u8(1) + lp(b"there") + lp(sealed)


def waiting(fingerprint: bytes) -> bytes:
    file = u8(1) + lp(b"where") + u8(1) + u64(1008) + u8(0) + i32(0)
    return u8(1) + u32(0) + fingerprint + i32(144) + u8(1) + u8(0) + u8(0) + u8(1) + u64(NOW) + file + lp(b"\0" * 4)


def timed(side: int, held: bool) -> bytes:
    preview = u8(1) + u32(9) + u32(6) + lp(b"jpeg")
    medium = u8(1) + b"\xa1" * 32 + b"\xb2" * 32 + u64(1000) + preview if held else u8(0)
    return u8(1) + i32(5) + u8(2) + u32(0) + u8(side) + u8(0) + u64(0) + u64(NOW) + u8(0) + u64(0) + medium


def chat(what: str, expected: dict, plains: dict, head: bytes | None) -> dict:
    """Rows of `plains`, by kind and number, each of its own generation; `head` is the state up to that of keys."""
    identity = drawn(f"chat {what}", 16)
    keys = Keys(identity, STORE_KEY)
    named = [(name(kind, number % 2**64), kind, plain) for (kind, number), plain in plains.items()]
    written = [(of, kind, generation, plain) for generation, (of, kind, plain) in enumerate(named, 1)]
    newest = len(written)
    if head is not None:
        newest += 1
        digests = b"".join(
            keys.digest((of, generation) for of, found, generation, _ in written if found == kind)
            for kind in ("keys", "outgoing", "waiting", "early", "timed")
        )
        of_keys = next(generation for _, kind, generation, _ in written if kind == "keys")
        written.append((name("state"), "state", newest, head + u64(of_keys) + digests))
    rows = [{"name": of.hex(), "sealed": keys.seal(of, generation, plain).hex()} for of, _, generation, plain in written]
    expected |= {"generation": newest}
    return {"what": what, "chat": identity.hex(), "store_key": STORE_KEY.hex(), "expected": expected, "rows": rows}


def chats() -> list[dict]:
    made = []
    x25519 = json.loads((HERE.parent / "x25519-profile.json").read_text())["cases"][0]
    telegram = json.loads((HERE.parent / "mtproto.json").read_text())["chat_keys"][0]
    for profile, word, key in ((1, "x25519", x25519), (2, "telegram", telegram)):
        get = lambda field: bytes.fromhex(key[field])  # noqa: E731
        current = get("chat_key" if profile == 1 else "key") + get("fingerprint")
        verification, fingerprint = get("verification"), get("fingerprint")
        secret = get("a") if profile == 1 else drawn("exponent", 256)
        agreed = b"".join(map(get, ("th", "chain", "check", "discard_keys"))) if profile == 1 else b""
        following = drawn("next key", 256) + drawn("next fingerprint", 8)
        chained = drawn("next chain", 32) + drawn("next check", 36) if profile == 1 else b""
        common = {"profile": word, "sent": 0, "acknowledged": 0, "received": 0}
        opened = common | {"state": "Ready", "verification": verification.hex(), "fingerprint": fingerprint.hex()}

        def keys(role, exchange=b"\0", old=b"\0", own=b""):
            return u8(1) + setup(profile, role) + u8(1) + current + verification + u8(bool(own)) + lp(own) + agreed + old + exchange

        asked = u8(1) + setup(profile, 0) + u8(0) + secret
        first = 144 if profile == 1 else 73
        expected = common | {"state": "Requested"} | ({"public": key["A"]} if profile == 1 else {})
        early = {} if profile == 1 else {("early", 0): u8(1) + u32(0) + bytes(8) + i32(0) + bytes(3) + u8(0) + u64(0) + u8(0) + lp(b"sealed")}
        made.append(chat(f"{word}: requested", expected, {("keys", 0): asked} | early, state(confirmed=False, peer_layer=first)))
        if profile == 1:
            accepted = opened | {"state": "Accepted"}
            made.append(chat(f"{word}: accepted", accepted, {("keys", 0): keys(1, own=get("B"))}, state(confirmed=False)))
        made.append(chat(f"{word}: ready, nothing said", dict(opened), {("keys", 0): keys(0)}, state()))
        rows = {("outgoing", slot): outgoing(slot, 100 + slot, fingerprint) for slot in (3, 4)}
        rows |= {("waiting", 9): waiting(fingerprint), ("timed", -5): timed(0, True), ("timed", 104): timed(1, False)}
        counts = {"sent": 5, "acknowledged": 3, "received": 7}
        busy = state(5, 7, 3, ttl=5, elapsed=1000)
        exchanges = {
            "idle": u8(0),
            "requested": u8(1) + i64(-9) + u32(4) + u64(900) + secret,
            "accepted": u8(3) + i64(77) + u32(4) + following + chained,
        }
        for exchange, plain in exchanges.items():
            plains = {("keys", 0): keys(0, plain, u8(1) + following + u8(1) + u32(2) if exchange == "idle" else u8(0))} | rows
            made.append(chat(f"{word}: ready, {exchange}", opened | counts | {"rekey": exchange, "ttl": 5}, plains, busy))
        for reason, number in (("ByUs", 0), ("RolledBack", 3), ("Violation(InSeqAhead)", 19)):
            proof = u8(1) + drawn("proof", 32) if profile == 1 else u8(0) + bytes(32)
            tombstone = u8(1) + setup(profile, 1) + u8(number) + u8(1) + u8(1) + u8(1) + proof
            made.append(chat(f"{word}: closed, {reason}", common | {"state": reason}, {("tombstone", 0): tombstone}, None))
    return made


def self_check() -> None:
    # RFC 8452 C.2, the first two of AES-256-GCM-SIV.
    key, nonce = bytes([1]) + bytes(31), bytes([3]) + bytes(11)
    assert AESGCMSIV(key).encrypt(nonce, bytes([1]) + bytes(7), b"").hex() == "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"
    assert AESGCMSIV(key).encrypt(nonce, bytes([1]) + bytes(11), b"").hex() == "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"


def main() -> None:
    self_check()
    made = chats()
    for one in made:
        read_chat(one)
    text = json.dumps({"chats": made}, indent=1) + "\n"
    file = HERE / "chats.json"
    if sys.argv[1:] == ["--check"]:
        assert file.read_text() == text, "chats.json is not what this program computes"
        for one in json.loads((HERE / "written.json").read_text())["chats"]:
            read_chat(one)
    elif not sys.argv[1:]:
        HERE.mkdir(exist_ok=True)
        file.write_text(text)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
