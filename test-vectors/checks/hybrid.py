"""Section 7: the key agreement of the hybrid profile, with OpenSSL's ML-KEM-768.

OpenSSL encapsulates with randomness of its own. A ciphertext is known to be right by FIPS 203 algorithm 18: decapsulation
gives the secret that belongs to the randomness only if it encrypts to the same bytes. Where nobody has the seed of a key,
its ciphertext is taken from the file.
"""

import hashlib
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey

from .agreement import P25519, Labels, check_ends, discard, ends_of, of_root, schedule
from .primitives import Refused, unhex, x25519, x25519_public

LABEL = b"secretchat/1 x25519mlkem768 "
HYBRID = Labels(LABEL + b"transcript", LABEL + b"handshake", LABEL + b"rekey")
REQUEST_LEN, ANSWER_LEN = 1216, 1120


def check_public(value: bytes, scalar: bytes, length: int) -> bytes:
    """HYB-2: the X25519 secret. A refusal has the number of the check."""
    if len(value) != length:
        raise Refused("BadPublicValue", 1)
    number = int.from_bytes(value[:32], "little")
    if number >= P25519:
        raise Refused("BadPublicValue", 2)
    if value[:32] == x25519_public(scalar):
        raise Refused("BadPublicValue", 3)
    if length == REQUEST_LEN and not is_reduced(value[32:]):
        raise Refused("BadPublicValue", 4)
    secret = x25519(scalar, value[:32])
    if secret == bytes(32):
        raise Refused("BadPublicValue", 5)
    return secret


def is_reduced(ek: bytes) -> bool:
    """FIPS 203 section 7.2: two numbers of 12 bits in three bytes. OpenSSL has to agree."""
    reduced = True
    for low, middle, high in zip(ek[0:1152:3], ek[1:1152:3], ek[2:1152:3], strict=True):
        reduced &= low + 256 * (middle % 16) < 3329 and middle // 16 + 16 * high < 3329
    try:
        MLKEM768PublicKey.from_public_bytes(ek)
    except ValueError:
        assert not reduced
    else:
        assert reduced
    return reduced


def secret_of(ek: bytes, m: bytes) -> bytes:
    """FIPS 203 algorithm 17: the secret alone."""
    return hashlib.sha3_512(m + hashlib.sha3_256(ek).digest()).digest()[:32]


def request(scalar: bytes, seed: bytes) -> bytes:
    return x25519_public(scalar) + MLKEM768PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def answer_secrets(scalar: bytes, m: bytes, request: bytes) -> bytes:
    """HYB-4: what goes into the schedule at the end that answers."""
    classic = check_public(request, scalar, REQUEST_LEN)
    return secret_of(request[32:], m) + classic


def finish_secrets(scalar: bytes, seed: bytes, answer: bytes) -> bytes:
    """The same at the other end."""
    classic = check_public(answer, scalar, ANSWER_LEN)
    return MLKEM768PrivateKey.from_seed_bytes(seed).decapsulate(answer[32:]) + classic


class Exchange:
    """The draws of both ends in a case."""

    def __init__(self, case: dict, scalar: str, answer_scalar: str) -> None:
        self.asks, self.seed = unhex(case[scalar]), unhex(case["d"]) + unhex(case["z"])
        self.answers, self.m = unhex(case[answer_scalar]), unhex(case["m"])

    def request(self) -> bytes:
        return request(self.asks, self.seed)


def agree(case: dict, names: tuple) -> tuple[dict, bytes]:
    """Both values and secrets of an exchange, and what goes into the schedule."""
    scalar, answer_scalar, request_name, answer_name = names
    exchange = Exchange(case, scalar, answer_scalar)
    asked, answer = exchange.request(), x25519_public(exchange.answers) + unhex(case[answer_name])[32:]
    secret = answer_secrets(exchange.answers, exchange.m, asked)
    # So the ciphertext is the right one.
    assert secret == finish_secrets(exchange.asks, exchange.seed, answer)
    return {request_name: asked, answer_name: answer, "ss_mlkem": secret[:32], "ss_x25519": secret[32:]}, secret


def public_value(case: dict, file: dict) -> dict:
    """What an end makes of a value in an exchange of another case."""
    (chat,) = (other for other in file["cases"] if other["id"] == case["handshake"])
    if "rekey" not in case:
        exchange, names = Exchange(chat, "a", "b"), ("A", "B")

        def derive(secret: bytes, a: bytes, b: bytes) -> dict:
            th = HYBRID.th(ends_of(chat), a, b)
            return {"th": th, "fingerprint": of_root(HYBRID.first_root(secret, th))["fingerprint"]}

        right = chat
    else:
        steps = [chat, *chat["rekeys"]]
        before, right = steps[case["rekey"] : case["rekey"] + 2]
        exchange, names = Exchange(right, "p", "q"), ("P", "Q")

        def derive(secret: bytes, p: bytes, q: bytes) -> dict:
            named = int(right["exchange_id"]), right["starter"]
            root = HYBRID.next_root(secret, unhex(before["chain"]), unhex(chat["th"]), *named, p, q)
            return {"fingerprint": of_root(root)["fingerprint"]}

    try:
        made = judged(case, exchange, names, derive)
    except Refused as refused:
        assert case["fails"] == refused.args[1], refused.args
        raise
    if case["to"] in ("initiator", "starter") and made["fingerprint"].hex() != right["fingerprint"]:
        assert all(case.get(name, value.hex()) == value.hex() for name, value in made.items())
        raise Refused("FingerprintMismatch")
    return made


def judged(case: dict, exchange: Exchange, names: tuple[str, str], derive: Callable) -> dict:
    value, own = unhex(case["value"]), {}
    if case["to"] in ("responder", "answerer"):
        secret = answer_secrets(exchange.answers, exchange.m, value)
        answer = x25519_public(exchange.answers) + unhex(case[names[1]])[32:]
        if value[32:] == exchange.request()[32:]:
            seed_holder = MLKEM768PrivateKey.from_seed_bytes(exchange.seed)
            assert seed_holder.decapsulate(answer[32:]) == secret[:32]
        assert len(answer) == ANSWER_LEN
        own = {names[1]: answer}
        publics = value, answer
    else:
        secret = finish_secrets(exchange.asks, exchange.seed, value)
        publics = exchange.request(), value
    return own | {"ss_mlkem": secret[:32], "ss_x25519": secret[32:], **derive(secret, *publics)}


def hybrid_profile(case: dict, file: dict) -> dict:
    if case["kind"] == "public-value":
        return public_value(case, file)
    if case["kind"] == "discard":
        return discard(case)
    if case["kind"] == "ends":
        return check_ends(case)
    return schedule(case, HYBRID, agree)


FORMATS = {"hybrid-profile-1": hybrid_profile}
