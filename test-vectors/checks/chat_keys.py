"""The keys of one end of a chat: X25-2 to X25-7, HYB-1 to HYB-6, MODP-3 to MODP-5, FP-1, VER-1.

A profile asks with draws of its own and keeps a secret, answers a request, and finishes with an answer. `draws` are those of
a call: what is used is taken out.
"""

import hashlib

from . import hybrid
from .agreement import PUBLISHED, X25519, check_x25519, in_group, of_root, prove, verification
from .primitives import Refused, sha256, unhex, x25519_public

PEER = {"initiator": "responder", "responder": "initiator"}


def take(draws: list[bytes], length: int) -> bytes:
    """The next draw of this length."""
    draw = next(draw for draw in draws if len(draw) == length)
    draws.remove(draw)
    return draw


class OfX25519:
    labels, first_layer, x_of_responder = X25519, 144, 128

    @staticmethod
    def ask(draws: list[bytes]) -> tuple[bytes, bytes]:
        scalar = take(draws, 32)
        return x25519_public(scalar), scalar

    @staticmethod
    def check_request(value: bytes) -> None:
        # Any own secret does: the value alone is judged.
        check_x25519(bytes(32), value)

    @staticmethod
    def answer(draws: list[bytes], request: bytes, said: bytes) -> bytes:
        scalar = take(draws, 32)
        assert x25519_public(scalar) == said
        return check_x25519(scalar, request)

    @staticmethod
    def finish(scalar: bytes, answer: bytes) -> bytes:
        return check_x25519(scalar, answer)


class OfHybrid:
    labels, first_layer, x_of_responder = hybrid.HYBRID, 144, 128

    @staticmethod
    def ask(draws: list[bytes]) -> tuple[bytes, tuple[bytes, bytes]]:
        kept = take(draws, 32), take(draws, 64)
        return hybrid.request(*kept), kept

    @staticmethod
    def check_request(value: bytes) -> None:
        hybrid.check_public(value, bytes(32), hybrid.REQUEST_LEN)

    @staticmethod
    def answer(draws: list[bytes], request: bytes, said: bytes) -> bytes:
        """What was said is taken as the ciphertext: the other end finds out, where it is under test."""
        scalar, m = take(draws, 32), take(draws, 32)
        assert x25519_public(scalar) == said[:32] and len(said) == hybrid.ANSWER_LEN
        return hybrid.answer_secrets(scalar, m, request)

    @staticmethod
    def finish(kept: tuple[bytes, bytes], answer: bytes) -> bytes:
        return hybrid.finish_secrets(*kept, answer)


class OfTelegram:
    labels, first_layer, x_of_responder = None, 73, 8

    @staticmethod
    def ask(draws: list[bytes]) -> tuple[bytes, bytes]:
        exponent = take(draws, 256)
        return pow(3, int.from_bytes(exponent, "big"), PUBLISHED).to_bytes(256, "big"), exponent

    @staticmethod
    def check_request(value: bytes) -> None:
        if len(value) > 257 or len(value) == 257 and value[0] or not in_group(int.from_bytes(value, "big")):
            raise Refused("BadPublicValue")

    @staticmethod
    def answer(draws: list[bytes], request: bytes, said: bytes) -> bytes:
        own, exponent = OfTelegram.ask(draws)
        assert own == said
        return OfTelegram.finish(exponent, request)

    @staticmethod
    def finish(exponent: bytes, answer: bytes) -> bytes:
        OfTelegram.check_request(answer)
        value, secret = int.from_bytes(answer, "big"), int.from_bytes(exponent, "big")
        if value == pow(3, secret, PUBLISHED):
            raise Refused("BadPublicValue")
        return pow(value, secret, PUBLISHED).to_bytes(256, "big")


PROFILES = {"x25519": OfX25519, "hybrid": OfHybrid, "telegram": OfTelegram}


class Key:
    def __init__(self, chat_key: bytes, fingerprint: bytes, root: bytes = b"") -> None:
        self.chat_key, self.fingerprint, self.root = chat_key, fingerprint, root

    @staticmethod
    def of(root: bytes) -> "Key":
        values = of_root(root)
        return Key(values["chat_key"], values["fingerprint"], root)


class Keys:
    """What the end's methods need: `case`, `role`, `profile`, `keys` with the current one first."""

    def first_key(self, secret: bytes, a: bytes, b: bytes) -> Key:
        labels = self.profile.labels
        if labels is None:
            self.verification = hashlib.sha1(secret).digest()[:16] + sha256(secret)[:20]
            return Key(secret, hashlib.sha1(secret).digest()[12:])
        self.th = labels.th((unhex(self.case["id_i"]), unhex(self.case["id_r"]), b""), a, b)
        self.verification = verification(self.th)
        return Key.of(labels.first_root(secret, self.th))

    def next_key(self, secret: bytes, exchange: int, starter: str, p: bytes, q: bytes) -> Key:
        labels = self.profile.labels
        if labels is None:
            return Key(secret, hashlib.sha1(secret).digest()[12:])
        chain = of_root(self.keys[0].root)["chain"]
        return Key.of(labels.next_root(secret, chain, self.th, exchange, starter == "responder", p, q))

    def proof(self, sender: str, history: bool, sent: int, key: Key | None = None) -> dict | None:
        """X25-6: under the current key, or another one."""
        if self.profile.labels is None:
            return None
        keys = of_root((key or self.keys[0]).root)["discard_keys"]
        half = keys[:32] if sender == "initiator" else keys[32:]
        return {"sent": sent, "mac": prove(half, history, sent).hex()}

    def x(self, sender: str) -> int:
        return 0 if sender == "initiator" else self.profile.x_of_responder
