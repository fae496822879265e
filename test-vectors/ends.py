"""Both ends of a chat, as far as `conversation.py` needs them: SPEC sections 2 to 10, with a log of every draw.

Needs `pip install cryptography`. What an end says is decided here, once, and not read from another implementation.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac92513"
    "9543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc4988"
    "0708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4"
    "b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)
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


def text(random_id: int, words: str, ttl: int = 0) -> bytes:
    return struct.pack("<IIqi", 0x91CC4674, 0, random_id, ttl) + string(words.encode())


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
        self.profile, self.role, self.seed = profile, role, f"{seed} {role}"
        self.drawn: list[bytes] = []
        self.count = 0
        self.sent = self.received = 0
        # LAY-1, LAY-2: what the peer is taken to read.
        self.layer = 144 if profile == "x25519" else 73
        self.secret = 0

    def draw(self, length: int) -> bytes:
        blocks = (sha256(self.seed.encode(), struct.pack("<II", self.count, i)) for i in range(length // 32 + 1))
        self.count += 1
        self.drawn.append(b"".join(blocks)[:length])
        return self.drawn[-1]

    def long(self) -> int:
        return struct.unpack("<q", self.draw(8))[0]

    def take_drawn(self) -> list[str]:
        drawn, self.drawn = self.drawn, []
        return [draw.hex() for draw in drawn]

    def public(self) -> bytes:
        """X25-2 or MODP-3, with a fresh secret."""
        if self.profile == "x25519":
            self.secret = self.draw(32)
            return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        self.secret = int.from_bytes(self.draw(256), "big")
        value = pow(3, self.secret, PRIME)
        assert 2**1984 <= value <= PRIME - 2**1984
        return value.to_bytes(256, "big")

    def shared(self, theirs: bytes) -> bytes:
        if self.profile == "x25519":
            return X25519PrivateKey.from_private_bytes(self.secret).exchange(X25519PublicKey.from_public_bytes(theirs))
        return pow(int.from_bytes(theirs, "big"), self.secret, PRIME).to_bytes(256, "big")

    def agree(self, theirs: bytes, a: bytes, b: bytes) -> None:
        """The first key: X25-3, or MODP-5 with FP-1."""
        shared = self.shared(theirs)
        if self.profile == "telegram":
            self.key = Key(shared, hashlib.sha1(shared).digest()[-8:])
            self.verification = hashlib.sha1(shared).digest()[:16] + sha256(shared)[:20]
            return
        ids = lp(IDS["initiator"]) + lp(IDS["responder"]) + lp(b"")
        self.th = sha256(lp(b"secretchat/1 x25519 transcript"), struct.pack("<H", 1), ids, a, b)
        root = expand(mac(b"secretchat/1 x25519 handshake", shared), b"secretchat/1 root" + self.th, 32)
        self.key = Key.of_root(root)
        label = b"secretchat/1 verification"
        self.verification = expand(mac(label, self.th), label, 36)

    def next_key(self, theirs: bytes, exchange_id: int, starter: str, p: bytes, q: bytes) -> Key:
        """Of a rekey: X25-7, or MODP-5 again."""
        shared = self.shared(theirs)
        if self.profile == "telegram":
            return Key(shared, hashlib.sha1(shared).digest()[-8:])
        info = b"secretchat/1 rekey" + self.th + struct.pack("<qB", exchange_id, starter == "responder") + p + q
        return Key.of_root(expand(mac(self.key.chain(), shared), info, 32))

    def x(self) -> int:
        return 0 if self.role == "initiator" else 8 if self.profile == "telegram" else 128

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
