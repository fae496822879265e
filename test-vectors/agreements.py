"""What an end of each profile does in an exchange of keys, for `ends.py`: SPEC sections 6 to 8.

Needs `pip install cryptography kyber-py`. An exchange is `request` and `finish` at the end that asks, `answer` at the other.
Each draws what SPEC RNG-3 says, in that order, and leaves the shared secret in `secret`.
"""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from kyber_py.ml_kem import ML_KEM_768

PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac92513"
    "9543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc4988"
    "0708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4"
    "b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)


class Bound:
    """What the profiles share whose keys come from a root: LAY-1, X25-3, X25-7."""

    binds = True
    first_layer = 144
    x_of_responder = 128


class X25519(Bound):
    """X25-2."""

    transcript, handshake, rekey = b"secretchat/1 x25519 transcript", b"secretchat/1 x25519 handshake", b"secretchat/1 rekey"

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self.draw, self.secret = draw, b""

    def request(self) -> bytes:
        self.scalar = X25519PrivateKey.from_private_bytes(self.draw(32))
        return self.scalar.public_key().public_bytes_raw()

    def answer(self, request: bytes) -> bytes:
        own = self.request()
        self.finish(request)
        return own

    def finish(self, answer: bytes) -> None:
        self.secret = self.scalar.exchange(X25519PublicKey.from_public_bytes(answer))


class Hybrid(Bound):
    """HYB-1, HYB-4: the X25519 exchange, and beside it one of ML-KEM, whose secret comes first."""

    transcript, handshake, rekey = (
        b"secretchat/1 x25519mlkem768 " + what for what in (b"transcript", b"handshake", b"rekey")
    )

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self.draw, self.classic, self.secret = draw, X25519(draw), b""

    def request(self) -> bytes:
        own = self.classic.request()
        ek, self.key = ML_KEM_768.key_derive(self.draw(64))
        return own + ek

    def answer(self, request: bytes) -> bytes:
        own = self.classic.answer(request[:32])
        secret, ct = ML_KEM_768._encaps_internal(request[32:], self.draw(32))
        self.secret = secret + self.classic.secret
        return own + ct

    def finish(self, answer: bytes) -> None:
        self.classic.finish(answer[:32])
        self.secret = ML_KEM_768.decaps(self.key, answer[32:]) + self.classic.secret


class Telegram:
    """MODP-3, MODP-5, in the published group with the generator 3."""

    binds = False
    first_layer = 73
    x_of_responder = 8

    def __init__(self, draw: Callable[[int], bytes]) -> None:
        self.draw, self.secret = draw, b""

    def request(self) -> bytes:
        self.exponent = int.from_bytes(self.draw(256), "big")
        value = pow(3, self.exponent, PRIME)
        assert 2**1984 <= value <= PRIME - 2**1984
        return value.to_bytes(256, "big")

    def answer(self, request: bytes) -> bytes:
        own = self.request()
        self.finish(request)
        return own

    def finish(self, answer: bytes) -> None:
        self.secret = pow(int.from_bytes(answer, "big"), self.exponent, PRIME).to_bytes(256, "big")


PROFILES = {"x25519": X25519, "hybrid": Hybrid, "telegram": Telegram}
