"""Records as SPEC REC-1 to REC-4 have them: what they hold, and how that is sealed.

What a record holds is a dict of its fields in their order, so that a case can say another thing in one of them.
"""

import hashlib
import hmac
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

VECTORS = Path(__file__).resolve().parent.parent
VERSION = 2
KINDS = {"keys": 1, "state": 2, "outgoing": 3, "waiting": 4, "early": 5, "tombstone": 6, "timed": 7}
# Those that the state has a digest of, in its order.
COUNTED = ("keys", "outgoing", "waiting", "early", "timed")
LIMITS = [1000, 1 << 24, 1000, 1 << 24, 10_000, 4096, 300, 86_400]
DAY = 24 * 60 * 60 * 1000
NOW = 1_700_000_000_000
PROOF = bytes(range(0x40, 0x60))
# The tag of the record that the state, or the tombstone, took the place of.
BEFORE = bytes(range(0xB0, 0xC0))


def drawn(label: str, length: int) -> bytes:
    """Bytes that stand for random ones."""
    blocks = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def u8(*numbers: int) -> bytes:
    return bytes(numbers)


def u32(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(4, "little") for n in numbers)


def u64(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(8, "little") for n in numbers)


def i32(n: int) -> bytes:
    return n.to_bytes(4, "little", signed=True)


def i64(n: int) -> bytes:
    return n.to_bytes(8, "little", signed=True)


def lp(data: bytes) -> bytes:
    return u32(len(data)) + data


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def name(kind: str, number: int = 0) -> bytes:
    return u8(KINDS[kind]) + (number % 2**64).to_bytes(8, "big")


def member(of: bytes, sealed: bytes) -> tuple[bytes, int, bytes]:
    """REC-3: what a set is told of a record."""
    return of, int.from_bytes(sealed[1:9], "little"), sealed[-16:]


class Keys:
    """The keys of one chat's records."""

    def __init__(self, chat: bytes, store_key: bytes):
        self.chat = chat
        self.prk = mac(chat, store_key)
        self.record_key = mac(self.prk, b"secretchat/1 record key\x01")
        self.set_key = mac(self.prk, b"secretchat/1 record set\x01")

    def associated(self, of: bytes, generation: int, version: int = VERSION) -> bytes:
        return b"secretchat/1 record" + u8(version) + self.chat + of + u64(generation)

    def seal(self, of: bytes, generation: int, plain: bytes, version: int = VERSION, nonce: bytes | None = None) -> bytes:
        nonce = nonce or drawn(f"nonce {of.hex()} {generation}", 12)
        sealed = AESGCMSIV(self.record_key).encrypt(nonce, plain, self.associated(of, generation, version))
        return u8(version) + u64(generation) + nonce + sealed

    def digest(self, members) -> bytes:
        """Of names with generations and tags."""
        members = list(members)
        total = sum(
            int.from_bytes(mac(self.set_key, of + u64(generation) + tag), "little") for of, generation, tag in members
        )
        return u32(len(members)) + (total % 2**256).to_bytes(32, "little")


def vectors(file: str) -> list[dict]:
    return json.loads((VECTORS / file).read_text())["cases"]


# The published prime is that of every group with g = 3.
P = bytes.fromhex(next(case["p"] for case in vectors("modp.json") if case["kind"] == "group" and case["g"] == 3))


X25519, TELEGRAM, HYBRID = 1, 2, 3


def is_bound(profile: int) -> bool:
    """Whether its keys have a chain, a check and keys of Discards (X25-3, HYB-4)."""
    return profile != TELEGRAM


def setup(profile: int, role: int) -> dict:
    ends = [b"alice", b"bob"] if role == 0 else [b"bob", b"alice"]
    fields = {"profile": u8(profile), "role": u8(role)}
    if profile == TELEGRAM:
        fields |= {"policy": u8(0), "g": u32(3), "p": P}
        ends = [b"", b""]
    fields |= {"local id": lp(ends[0]), "peer id": lp(ends[1]), "context": lp(b""), "limits": u32(*LIMITS)}
    fields |= {"uses": u32(100, 150, 1000), "times": u64(7 * DAY, 14 * DAY, 60_000), "limit": u8(0)}
    return fields | {"view once": u8(is_bound(profile))}


def layout(fields: dict) -> dict:
    return {"layout": u8(1)} | fields


def requested(profile: int, secrets: dict) -> dict:
    return layout(setup(profile, 0) | {"phase": u8(0)} | secrets)


def opened(profile: int, role: int, agreed: dict, exchange: dict, old: dict, own: bytes = b"") -> dict:
    fields = setup(profile, role) | {"phase": u8(1), "key": agreed["key"]}
    if is_bound(profile):
        # The other role's: it checks the peer's Discards.
        fields |= {"peer discard": agreed["discard keys"][32 - 32 * role : 64 - 32 * role]}
    fields |= {"verification": agreed["verification"]}
    fields |= {"own flag": u8(bool(own)), "own": lp(own)}
    if is_bound(profile):
        fields |= {"th": agreed["th"], "chain": agreed["chain"], "check": agreed["check"]}
        fields |= {"own discard": agreed["discard keys"][32 * role : 32 * role + 32]}
    return layout(fields | old | exchange)


def state(sent=0, received=0, acknowledged=0, confirmed=True, ttl=0, elapsed=0, peer_layer=144, noted=None) -> dict:
    """Up to the tag of the record before."""
    fields = {"raw": u64(NOW), "elapsed": u64(elapsed), "confirmed": u8(confirmed)}
    fields |= {"noted flag": u8(noted is not None), "noted": u64(noted or 0)}
    fields |= {"sent": u32(sent), "received": u32(received), "acknowledged": u32(acknowledged), "asked": u32(received)}
    # What is missing was asked for once, a moment ago.
    fields |= {"requests": u8(received > 0), "asked at": u64(elapsed)}
    fields |= {
        "owes": u8(received > 0),
        "own layer": i32(144),
        "peer layer": i32(peer_layer),
        "seen layer": i32(peer_layer),
    }
    fields |= {"told flag": u8(0), "told": i32(0), "ttl": i32(ttl), "ttl flag": u8(0), "ttl slot": u32(0)}
    fields |= {"ttl known": i32(ttl), "ttl from": u32(0)}
    fields |= {"rekeys": u32(0), "key since": u64(0), "key sent": u32(0), "key received": u32(0), "overdue": u8(0)}
    fields |= {"failures": u8(0), "ended flag": u8(0), "ended": i64(0), "refused flag": u8(0), "refused": i64(0)}
    fields |= {"held flag": u8(0), "held": u64(0), "ask after": u64(0), "unanswered": u8(0)}
    # What was received began with slot 0, under MTProto 2.0.
    return layout(fields | {"modern flag": u8(received > 0), "modern from": u32(0), "told old": u8(0)})


def outgoing(slot: int, fingerprint: bytes) -> dict:
    """An odd slot has just been made; the peer has asked for an even one, and its key was wiped since."""
    asked = slot % 2 == 0
    fields = {"in_seq_no": u32(0), "random_id": i64(100 + slot), "layer": i32(144), "kind": u8(0)}
    fields |= {"ttl": i32(0), "noop": u8(0)}
    fields |= {"silent": u8(0), "delivery": u8(2 if asked else 0), "told": u8(asked), "emptied": u8(0)}
    fields |= {"file flag": u8(1), "file": lp(b"there")}
    sealed = fingerprint + drawn(f"sealed {slot}", 16 + 128)
    replacement = fingerprint + drawn(f"replacement {slot}", 16 + 128) if asked else b""
    fields |= {"sealed": lp(sealed), "replacement flag": u8(asked), "replacement": lp(replacement)}
    return layout(fields)


def waiting(fingerprint: bytes) -> dict:
    fields = {"in_seq_no": u32(0), "fingerprint": fingerprint, "layer": i32(144), "old": u8(0), "enough": u8(1)}
    fields |= {"resent": u8(0)}
    fields |= {"answered": u8(0), "date flag": u8(1), "date": u64(NOW), "file flag": u8(1), "reference": lp(b"where")}
    fields |= {"size flag": u8(1), "size": u64(1008), "name flag": u8(0), "name": i32(0)}
    return layout(fields | {"body": lp(b"\0" * 4)})


def early() -> dict:
    fields = {"in_seq_no": u32(0), "fingerprint": bytes(8), "layer": i32(0), "old": u8(0), "enough": u8(0)}
    fields |= {"resent": u8(0)}
    fields |= {"answered": u8(0), "date flag": u8(0), "date": u64(0), "file flag": u8(0)}
    return layout(fields | {"body": lp(b"sealed")})


def timed(side: int, held: bool) -> dict:
    fields = {"ttl": i32(5), "kind": u8(2), "duration": u32(0), "side": u8(side), "deadline flag": u8(0)}
    fields |= {"deadline": u64(0), "date": u64(NOW), "carried flag": u8(0), "carried": u64(0), "held": u8(held)}
    if held:
        fields |= {"key": b"\xa1" * 32, "iv": b"\xb2" * 32, "size": u64(1000), "preview": u8(1)}
        fields |= {"width": u32(9), "height": u32(6), "jpeg": lp(b"jpeg")}
    return layout(fields)


def optional(name: str, value: bytes | None) -> dict:
    return {f"{name} flag": u8(value is not None), name: value or bytes(32)}


def tombstone(of: dict, reason: int, history: int, proof: tuple | None, receipt: bytes | None, until: tuple) -> dict:
    """`proof` is the count and the proof, `until` what of the peer ends the repetition (X25-11)."""
    fields = of | {"reason": u8(reason), "history": u8(history)} | optional("receipt", receipt)
    fields |= {"pending": u8(1), "ask history": u8(history)}
    fields |= {"proof flag": u8(proof is not None), "sent": u32(proof[0] if proof else 0), "proof": proof[1] if proof else bytes(32)}
    for n in range(3):
        fields |= optional(f"until {n}", until[n] if n < len(until) else None)
    return layout(fields | {"before": BEFORE})
