"""The keys of one end of a chat: X25-2 to X25-7, MODP-3 to MODP-5, FP-1, VER-1."""

import hashlib
import struct

from .agreement import PUBLISHED, check_x25519, in_group, lp, of_root, prove
from .primitives import Refused, hkdf_expand, hkdf_extract, sha256, unhex, x25519_public

PEER = {"initiator": "responder", "responder": "initiator"}


class Key:
    def __init__(self, chat_key: bytes, fingerprint: bytes, root: bytes = b"") -> None:
        self.chat_key, self.fingerprint, self.root = chat_key, fingerprint, root

    @staticmethod
    def of(root: bytes) -> "Key":
        values = of_root(root)
        return Key(values["chat_key"], values["fingerprint"], root)


class Keys:
    """What the end's methods need: `case`, `role`, `x25519`, `secrets` by public value, `keys` with the current one first."""

    def own_public(self, draws: list[bytes]) -> bytes:
        """X25-2, MODP-3: of the only draw that can be a secret."""
        for draw in draws:
            if len(draw) == (32 if self.x25519 else 256):
                secret = draw if self.x25519 else int.from_bytes(draw, "big")
                public = x25519_public(draw) if self.x25519 else pow(3, secret, PUBLISHED).to_bytes(256, "big")
                self.secrets[public] = draw
        return public

    def shared(self, own: bytes, theirs: bytes) -> bytes:
        secret = self.secrets[own]
        if self.x25519:
            return check_x25519(secret, theirs)
        value = int.from_bytes(theirs, "big")
        if len(theirs) > 257 or len(theirs) == 257 and theirs[0] or not in_group(value) or theirs == own:
            raise Refused("BadPublicValue")
        return pow(value, int.from_bytes(secret, "big"), PUBLISHED).to_bytes(256, "big")

    def first_key(self, own: bytes, theirs: bytes) -> Key:
        shared = self.shared(own, theirs)
        if not self.x25519:
            self.verification = hashlib.sha1(shared).digest()[:16] + sha256(shared)[:20]
            return Key(shared, hashlib.sha1(shared).digest()[12:])
        a, b = (own, theirs) if self.role == "initiator" else (theirs, own)
        ids = lp(unhex(self.case["id_i"])) + lp(unhex(self.case["id_r"])) + lp(b"")
        self.th = sha256(lp(b"secretchat/1 x25519 transcript") + b"\x01\x00" + ids + a + b)
        self.verification = hkdf_expand(
            hkdf_extract(b"secretchat/1 verification", self.th), b"secretchat/1 verification", 36
        )
        prk = hkdf_extract(b"secretchat/1 x25519 handshake", shared)
        key = Key.of(hkdf_expand(prk, b"secretchat/1 root" + self.th, 32))
        return key

    def next_key(self, own: bytes, theirs: bytes, exchange: int, starter: str) -> Key:
        shared = self.shared(own, theirs)
        if not self.x25519:
            return Key(shared, hashlib.sha1(shared).digest()[12:])
        p, q = (own, theirs) if starter == self.role else (theirs, own)
        chain = of_root(self.keys[0].root)["chain"]
        info = b"secretchat/1 rekey" + self.th + struct.pack("<qB", exchange, starter == "responder") + p + q
        return Key.of(hkdf_expand(hkdf_extract(chain, shared), info, 32))

    def proof(self, sender: str, history: bool, sent: int, key: Key | None = None) -> dict | None:
        """X25-6: under the current key, or another one."""
        if not self.x25519:
            return None
        keys = of_root((key or self.keys[0]).root)["discard_keys"]
        half = keys[:32] if sender == "initiator" else keys[32:]
        return {"sent": sent, "mac": prove(half, history, sent).hex()}

    def x(self, sender: str) -> int:
        return 0 if sender == "initiator" else 128 if self.x25519 else 8
