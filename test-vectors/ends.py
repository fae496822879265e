"""Both ends of a chat, as far as `conversation.py` and `script.py` need them: SPEC sections 2 to 12, with a log of every draw.

Needs `pip install cryptography kyber-py`. What an end says is decided here, once, and not read from another implementation.
"""

import hashlib
import hmac
import struct

from agreements import PROFILES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

IDS = {"initiator": b"alice", "responder": b"bob"}
SIZES = [64, 128, 192, 256, 384, 512, 768, 1024] + [1280 + 448 * k for k in range(30)]


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block = b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = mac(prk, block + info + bytes([i]))
        out += block
    return out[:length]


def lp(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def ige_encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    aes = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    c, p, out = iv[:16], iv[16:], b""
    for at in range(0, len(plain), 16):
        block = plain[at : at + 16]
        mixed = aes.update(bytes(x ^ y for x, y in zip(block, c, strict=True)))
        c, p = bytes(x ^ y for x, y in zip(mixed, p, strict=True)), block
        out += c
    return out


# TL-2, and the constructors that are said here.


def string(data: bytes) -> bytes:
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return head + data + bytes(-len(head + data) % 4)


def longs(numbers: list[int]) -> bytes:
    return struct.pack("<Ii", 0x1CB5C415, len(numbers)) + b"".join(struct.pack("<q", n) for n in numbers)


# Bits of the flags of a message: Telegram's own, RIGHT-6 and DES-14.
FLAGS = {"silent": 1 << 5, "protected": 1 << 26, "hidden": 1 << 27}


def text(random_id: int, words: str, ttl: int = 0, flags: int = 0) -> bytes:
    return struct.pack("<IIqi", 0x91CC4674, flags, random_id, ttl) + string(words.encode())


def service(random_id: int, action: bytes) -> bytes:
    return struct.pack("<Iq", 0x73164160, random_id) + action


NOOP = struct.pack("<I", 0xA82FDD63)
FLUSH = struct.pack("<I", 0x6719E45C)


def notify_layer(layer: int) -> bytes:
    return struct.pack("<Ii", 0xF3048883, layer)


def set_ttl(seconds: int) -> bytes:
    return struct.pack("<Ii", 0xA1733AEC, seconds)


def delete(ids: list[int]) -> bytes:
    return struct.pack("<I", 0x65614304) + longs(ids)


def resend(first: int, last: int) -> bytes:
    return struct.pack("<Iii", 0x511110B0, first, last)


def request_key(exchange_id: int, g_a: bytes) -> bytes:
    return struct.pack("<Iq", 0xF3C9611B, exchange_id) + string(g_a)


def accept_key(exchange_id: int, g_b: bytes, fingerprint: bytes) -> bytes:
    return struct.pack("<Iq", 0x6FE1735B, exchange_id) + string(g_b) + fingerprint


def commit_key(exchange_id: int, fingerprint: bytes) -> bytes:
    return struct.pack("<Iq", 0xEC2E0B9B, exchange_id) + fingerprint


def abort_key(exchange_id: int) -> bytes:
    return struct.pack("<Iq", 0xDD05EC6B, exchange_id)


class Key:
    def __init__(self, chat_key: bytes, fingerprint: bytes, root: bytes = b"") -> None:
        self.chat_key, self.fingerprint, self.root = chat_key, fingerprint, root

    @staticmethod
    def of_root(root: bytes) -> "Key":
        return Key(expand(root, b"secretchat/1 chat key", 256), expand(root, b"secretchat/1 fingerprint", 8), root)

    def chain(self) -> bytes:
        return expand(self.root, b"secretchat/1 chain", 32)

    def discard_proof(self, role: str, history: bool, sent: int) -> dict:
        """X25-6."""
        keys = expand(self.root, b"secretchat/1 discard", 64)
        key = keys[:32] if role == "initiator" else keys[32:]
        return {"sent": sent, "mac": mac(key, b"secretchat/1 discard" + struct.pack("<BI", history, sent)).hex()}


class End:
    def __init__(self, profile: str, role: str, seed: str) -> None:
        self.profile, self.role, self.seed = PROFILES[profile], role, f"{seed} {role}"
        self.drawn: list[bytes] = []
        self.given: list[bytes] = []
        self.count = 0
        self.sent = self.received = 0
        # LAY-1, LAY-2: what the peer is taken to read.
        self.layer = self.profile.first_layer

    def draw(self, length: int) -> bytes:
        """The next of `given`, or bytes that look random and are the same in each run."""
        if self.given:
            drawn = self.given.pop(0)
            assert len(drawn) == length
        else:
            blocks = (sha256(self.seed.encode(), struct.pack("<II", self.count, i)) for i in range(length // 32 + 1))
            self.count += 1
            drawn = b"".join(blocks)[:length]
        self.drawn.append(drawn)
        return drawn

    def long(self) -> int:
        return struct.unpack("<q", self.draw(8))[0]

    def take_drawn(self) -> list[str]:
        drawn, self.drawn = self.drawn, []
        return [draw.hex() for draw in drawn]

    def request(self) -> bytes:
        """The public value of a new exchange."""
        self.exchange = self.profile(self.draw)
        return self.exchange.request()

    def answer(self, request: bytes) -> bytes:
        self.exchange = self.profile(self.draw)
        return self.exchange.answer(request)

    def first_key(self, a: bytes, b: bytes) -> None:
        """X25-3, HYB-4, or MODP-5 with FP-1, at either end."""
        profile, secret = self.profile, self.exchange.secret
        if not profile.binds:
            self.key = Key(secret, hashlib.sha1(secret).digest()[-8:])
            self.verification = hashlib.sha1(secret).digest()[:16] + sha256(secret)[:20]
            return
        ids = lp(IDS["initiator"]) + lp(IDS["responder"]) + lp(b"")
        self.th = sha256(lp(profile.transcript), struct.pack("<H", 1), ids, a, b)
        self.key = Key.of_root(expand(mac(profile.handshake, secret), b"secretchat/1 root" + self.th, 32))
        label = b"secretchat/1 verification"
        self.verification = expand(mac(label, self.th), label, 36)

    def next_key(self, exchange_id: int, starter: str, p: bytes, q: bytes) -> Key:
        """Of a rekey, at either end: X25-7, HYB-6, or MODP-5 again."""
        profile, secret = self.profile, self.exchange.secret
        if not profile.binds:
            return Key(secret, hashlib.sha1(secret).digest()[-8:])
        info = profile.rekey + self.th + struct.pack("<qB", exchange_id, starter == "responder") + p + q
        return Key.of_root(expand(mac(self.key.chain(), secret), info, 32))

    def discard_proof(self, history: bool, key: Key | None = None) -> dict | None:
        """X25-6: under the current key or another one, if Discards are proved."""
        return (key or self.key).discard_proof(self.role, history, self.sent) if self.profile.binds else None

    def x(self) -> int:
        return 0 if self.role == "initiator" else self.profile.x_of_responder

    def seal(self, body: bytes, key: Key | None = None, padding: int | None = None) -> bytes:
        """ENV-1, ENV-2, KDF-1, KDF-2."""
        key, x = key or self.key, self.x()
        if padding is None:
            padding = next(size for size in SIZES if size >= 4 + len(body) + 12) - 4 - len(body)
        plain = struct.pack("<I", len(body)) + body + self.draw(padding)
        msg_key = sha256(key.chat_key[88 + x : 120 + x], plain)[8:24]
        a = sha256(msg_key, key.chat_key[x : x + 36])
        b = sha256(key.chat_key[40 + x : 76 + x], msg_key)
        aes_key, iv = a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
        return key.fingerprint + msg_key + ige_encrypt(aes_key, iv, plain)

    def wrap(self, message: bytes, **other: int) -> bytes:
        """TL-5 with the numbers of SEQ-1; `other` is what a hostile end writes in their place."""
        odd = self.role == "initiator"
        slot, received = other.get("slot", self.sent), other.get("received", self.received)
        numbers = {"layer": self.layer, "in": 2 * received + (not odd), "out": 2 * slot + odd} | other
        noise = string(self.draw(other.get("random_bytes", 31)))
        return struct.pack("<I", 0x1BE31789) + noise + struct.pack("<iii", numbers["layer"], numbers["in"], numbers["out"]) + message

    def say(self, message: bytes, key: Key | None = None, **other: int) -> bytes:
        sealed = self.seal(self.wrap(message, **other), key)
        if "slot" not in other:
            self.sent += 1
        return sealed

    def act(self, action: bytes, key: Key | None = None, **other: int) -> bytes:
        return self.say(service(self.long(), action), key, **other)
