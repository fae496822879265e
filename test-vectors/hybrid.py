#!/usr/bin/env python3
"""The key schedule of the hybrid profile, computed from SPEC HYB-1 to HYB-6 and from X25-3, X25-6 and X25-11.

    hybrid.py            writes hybrid-profile.json
    hybrid.py --check    compares it and hybrid-profile-published.json with what this program computes

Needs `pip install cryptography kyber-py`: ML-KEM-768 is that of kyber-py, X25519 is OpenSSL's. ML-KEM is compared with
OpenSSL's first, X25519 and HKDF with the values in primitives.json.
"""

import hashlib
import hmac
import json
import sys
from collections.abc import Callable
from copy import copy
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hybrid_values import IN_REKEYS, P, Q, flip, numbers, of_a_request, of_an_answer
from kyber_py.ml_kem import ML_KEM_768
from vector_file import cases, publish, standard

HERE = Path(__file__).parent
REQUEST_LEN, ANSWER_LEN = 32 + 1184, 32 + 1088
LABEL = b"secretchat/1 x25519mlkem768 "

# Primitives


def x25519(scalar: bytes, u: bytes) -> bytes:
    """RFC 7748. OpenSSL gives an error in place of a result of zeros."""
    try:
        return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(u))
    except ValueError:
        return bytes(32)


def x25519_public(scalar: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw()


def encaps(ek: bytes, m: bytes) -> tuple[bytes, bytes]:
    """FIPS 203 algorithm 17, which takes its randomness: the secret and the ciphertext."""
    return ML_KEM_768._encaps_internal(ek, m)


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block = b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = mac(prk, block + info + bytes([i]))
        out += block
    return out[:length]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def self_check() -> None:
    unhex = bytes.fromhex
    for case in standard("rfc7748-single"):
        assert x25519(unhex(case["scalar"]), unhex(case["u"])).hex() == case["product"]
    for case in standard("rfc5869"):
        prk = mac(unhex(case["salt"]) or bytes(32), unhex(case["ikm"]))
        assert (prk.hex(), expand(prk, unhex(case["info"]), len(case["okm"]) // 2).hex()) == (case["prk"], case["okm"])
    for i in range(10):
        seed, m = hashlib.sha512(bytes([i])).digest(), sha256(bytes([i]))
        theirs = MLKEM768PrivateKey.from_seed_bytes(seed)
        ek, dk = ML_KEM_768.key_derive(seed)
        ss, ct = encaps(ek, m)
        damaged = flip(ct, 100 * i)
        assert theirs.public_key().public_bytes_raw() == ek and theirs.decapsulate(ct) == ss == ML_KEM_768.decaps(dk, ct)
        assert theirs.decapsulate(damaged) == ML_KEM_768.decaps(dk, damaged) != ss


# HYB-1, HYB-2


class Refused(Exception):
    """By the number of the check in HYB-2."""


def classic_secret(value: bytes, scalar: bytes, length: int) -> bytes:
    """All checks of HYB-2 in their order."""
    if len(value) != length:
        raise Refused(1)
    u, rest = value[:32], value[32:]
    if int.from_bytes(u, "little") >= P:
        raise Refused(2)
    if u == x25519_public(scalar):
        raise Refused(3)
    if length == REQUEST_LEN and any(number >= Q for number in numbers(rest)):
        raise Refused(4)
    secret = x25519(scalar, u)
    if not any(secret):
        raise Refused(5)
    return secret


class Exchange:
    """The draws of both ends: the scalar and the seed of the one that asks, the scalar and the randomness of the other."""

    def __init__(self, asks: bytes, d: bytes, z: bytes, answers: bytes, m: bytes) -> None:
        self.asks, self.d, self.z, self.answers, self.m = asks, d, z, answers, m

    @staticmethod
    def named(name: str) -> "Exchange":
        return Exchange(*(sha256(f"{name}: {what}".encode()) for what in ("asks", "d", "z", "answers", "m")))

    def request(self) -> bytes:
        return x25519_public(self.asks) + ML_KEM_768.key_derive(self.d + self.z)[0]

    def answer(self, request: bytes) -> tuple[bytes, bytes, bytes]:
        """The value of the answer, and the secrets of ML-KEM and X25519."""
        classic = classic_secret(request, self.answers, REQUEST_LEN)
        secret, ct = encaps(request[32:], self.m)
        return x25519_public(self.answers) + ct, secret, classic

    def finish(self, answer: bytes) -> tuple[bytes, bytes]:
        classic = classic_secret(answer, self.asks, ANSWER_LEN)
        return ML_KEM_768.decaps(ML_KEM_768.key_derive(self.d + self.z)[1], answer[32:]), classic


# HYB-4, HYB-6, X25-3, X25-6, X25-11


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


class Chat:
    """Who talks to whom, and the root of each key so far."""

    def __init__(self, id_i: bytes, id_r: bytes, context: bytes) -> None:
        self.ends = lp(id_i) + lp(id_r) + lp(context)
        self.th = self.chain = b""

    def transcript(self, a: bytes, b: bytes) -> bytes:
        return sha256(lp(LABEL + b"transcript") + (1).to_bytes(2, "little") + self.ends + a + b)

    def first_root(self, secrets: tuple[bytes, bytes], a: bytes, b: bytes) -> bytes:
        return expand(mac(LABEL + b"handshake", b"".join(secrets)), b"secretchat/1 root" + self.transcript(a, b), 32)

    def next_root(self, secrets: tuple[bytes, bytes], exchange_id: int, starter: int, p: bytes, q: bytes) -> bytes:
        named = exchange_id.to_bytes(8, "little", signed=True) + bytes([starter])
        return expand(mac(self.chain, b"".join(secrets)), LABEL + b"rekey" + self.th + named + p + q, 32)


def of_root(root: bytes) -> dict:
    lengths = {"chat key": 256, "fingerprint": 8, "chain": 32, "check": 36}
    values = {name.replace(" ", "_"): expand(root, b"secretchat/1 " + name.encode(), n) for name, n in lengths.items()}
    return values | {"discard_keys": expand(root, b"secretchat/1 discard", 64)}


def proof(key: bytes, history: int, sent: int) -> bytes:
    return mac(key, b"secretchat/1 discard" + bytes([history]) + sent.to_bytes(4, "little"))


def proofs(keys: bytes, sent: int) -> dict:
    """A Discard of each end, and their receipts."""
    ends = {"initiator": keys[:32], "responder": keys[32:]}
    discards = [
        {"by": who, "history": history, "sent": sent, "proof": proof(key, history, sent).hex()}
        for history, (who, key) in enumerate(ends.items())
    ]
    receipts = {f"receipt_{who}": mac(key, b"secretchat/1 discard receipt") for who, key in ends.items()}
    return {"discards": discards, **receipts}


def as_hex(values: dict) -> dict:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}


# What the scalars and the public values of an exchange are called.
HANDSHAKE, REKEY = ("a", "b", "A", "B"), ("p", "q", "P", "Q")


def agreed(exchange: Exchange, names: tuple[str, str, str, str]) -> tuple[dict, tuple, tuple]:
    """The draws, values and secrets of an exchange by their names, then the two values and the two secrets again."""
    scalar, answer_scalar, request_name, answer_name = names
    request = exchange.request()
    answer, *secrets = exchange.answer(request)
    assert exchange.finish(answer) == tuple(secrets)
    draws = {scalar: exchange.asks, "d": exchange.d, "z": exchange.z, answer_scalar: exchange.answers, "m": exchange.m}
    made = {request_name: request, answer_name: answer, "ss_mlkem": secrets[0], "ss_x25519": secrets[1]}
    return draws | made, (request, answer), tuple(secrets)


def schedule(id_i: bytes, id_r: bytes, context: bytes, first: Exchange, rekeys: list[tuple[int, int, Exchange]]) -> dict:
    """A handshake and the rekeys that follow, each with the exchange's id and its starter."""
    chat = Chat(id_i, id_r, context)
    values, publics, secrets = agreed(first, HANDSHAKE)
    chat.th = chat.transcript(*publics)
    root = chat.first_root(secrets, *publics)
    keys = of_root(root)
    label = b"secretchat/1 verification"
    values |= {"th": chat.th, "root": root, **keys, "verification": expand(mac(label, chat.th), label, 36)}
    values |= proofs(keys["discard_keys"], 258)
    steps = []
    for number, (exchange_id, starter, exchange) in enumerate(rekeys):
        chat.chain = keys["chain"]
        step, publics, secrets = agreed(exchange, REKEY)
        root = chat.next_root(secrets, exchange_id, starter, *publics)
        keys = of_root(root)
        step = {"exchange_id": str(exchange_id), "starter": starter, **step, "root": root, **keys}
        steps.append(as_hex(step | proofs(keys["discard_keys"], 65_539 + number)))
    return {**as_hex({"id_i": id_i, "id_r": id_r, "context": context, **values}), "rekeys": steps}


def handshake(what: str, id_i: bytes, id_r: bytes, context: bytes, rekeys: list[tuple[int, int]]) -> dict:
    steps = [(*step, Exchange.named(f"{what}, rekey {number}")) for number, step in enumerate(rekeys)]
    return {"what": what, **schedule(id_i, id_r, context, Exchange.named(what), steps)}


def handshakes() -> list[dict]:
    long = bytes(i % 251 for i in range(1024))
    return [
        handshake("short ids, empty context", b"alice", b"bob", b"", [(1, 0), (-2, 1)]),
        handshake("the ids the other way round", b"bob", b"alice", b"", []),
        handshake("a context", b"alice", b"bob", b"room 7", [(-1, 1)]),
        handshake("longest ids and context", long, long[::-1], bytes(1024), [(-(2**63), 0), (2**63 - 1, 1)]),
        handshake("ids of one byte and two, of zeros", b"\0", b"\0\0", b"\0", [(-5, 1), (5, 0)]),
        handshake("ids that would run together without lengths", b"ab", b"cab", b"c", []),
        handshake("the same bytes, other borders", b"abc", b"ab", b"c", []),
        handshake("rekeys of the initiator alone", b"i", b"r", b"", [(7, 0), (8, 0), (9, 0), (10, 0)]),
        handshake("rekeys of the responder alone", b"i", b"r", b"", [(7, 1), (7, 1)]),
    ]


# What the ends make of hybrid_values.py


class Trial:
    """What both ends of an exchange make of values that come in place of the right ones."""

    def __init__(self, exchange: Exchange, names: tuple, derive: Callable) -> None:
        """`derive` computes the fingerprint, and th of a handshake, from the secrets and both values."""
        self.exchange, self.answer_name, self.derive = exchange, names[3], derive
        self.request = exchange.request()
        self.answer, *secrets = exchange.answer(self.request)
        self.right = derive(tuple(secrets), self.request, self.answer)

    def answered(self, value: bytes) -> dict:
        own, *secrets = self.exchange.answer(value)
        found = self.derive(tuple(secrets), value, own)
        return {self.answer_name: own, "ss_mlkem": secrets[0], "ss_x25519": secrets[1], **found}

    def finished(self, value: bytes) -> dict:
        secrets = self.exchange.finish(value)
        found = self.derive(secrets, self.request, value)
        wrong = {} if found == self.right else {"error": "FingerprintMismatch"}
        return {"ss_mlkem": secrets[0], "ss_x25519": secrets[1], **found, **wrong}

    def outcome(self, to: str, value: bytes) -> dict:
        try:
            return as_hex(self.answered(value) if to in ("responder", "answerer") else self.finished(value))
        except Refused as refused:
            return {"fails": refused.args[0], "error": "BadPublicValue"}

    def cases(self, ends: tuple[str, str], wanted: Callable) -> list[dict]:
        somebody = Exchange.named("somebody else")
        others = somebody.answer(self.request)[0], self.exchange.answer(somebody.request())[0]
        requests = of_a_request(self.request, self.answer[:32], somebody.request())
        answers = of_an_answer(self.answer, self.request, *others)
        given = [(to, *item) for to, values in zip(ends, (requests, answers), strict=True) for item in values.items()]
        return [
            {"what": f"{to}: {what}", "to": to, "value": value.hex(), **self.outcome(to, value)}
            for to, what, value in given
            if wanted(what)
        ]


def trials(case: dict) -> list[Trial]:
    """Of the handshake of a case, then of each of its rekeys."""
    ends = (bytes.fromhex(case[name]) for name in ("id_i", "id_r", "context"))
    chat = Chat(*ends)

    def of_handshake(secrets: tuple, a: bytes, b: bytes) -> dict:
        root = chat.first_root(secrets, a, b)
        return {"th": chat.transcript(a, b), "fingerprint": of_root(root)["fingerprint"]}

    made = [Trial(exchange_of(case, HANDSHAKE), HANDSHAKE, of_handshake)]
    for before, step in zip([case, *case["rekeys"]], case["rekeys"]):
        then = copy(chat)
        then.th, then.chain = bytes.fromhex(case["th"]), bytes.fromhex(before["chain"])

        def of_rekey(secrets: tuple, p: bytes, q: bytes, chat: Chat = then, step: dict = step) -> dict:
            root = chat.next_root(secrets, int(step["exchange_id"]), step["starter"], p, q)
            return {"fingerprint": of_root(root)["fingerprint"]}

        made.append(Trial(exchange_of(step, REKEY), REKEY, of_rekey))
    return made


def exchange_of(case: dict, names: tuple) -> Exchange:
    return Exchange(*(bytes.fromhex(case[name]) for name in (names[0], "d", "z", names[1], "m")))


def public_values(first: dict) -> list[dict]:
    """In the handshake of the first case, and in its two rekeys, which different ends start."""
    of_handshake, *of_rekeys = trials(first)
    made = of_handshake.cases(("responder", "initiator"), lambda what: True)
    for number, trial in enumerate(of_rekeys):
        for case in trial.cases(("answerer", "starter"), IN_REKEYS.__contains__):
            made.append({"what": f"rekey {number}, {case.pop('what')}", "rekey": number, **case})
    return [{"what": case.pop("what"), "handshake": "handshake-0", **case} for case in made]


def wrong_ends() -> list[dict]:
    """Ids and contexts that no chat begins with (X25-1)."""
    long = bytes(1025)
    given = [
        ("an empty id of the initiator", b"", b"r", b"", "IdLength"),
        ("an empty id of the responder", b"i", b"", b"", "IdLength"),
        ("an id of 1,025 bytes", long, b"r", b"", "IdLength"),
        ("the other id of 1,025 bytes", b"i", long, b"", "IdLength"),
        ("a context of 1,025 bytes", b"i", b"r", long, "IdLength"),
        ("equal ids", b"same", b"same", b"", "IdsEqual"),
    ]
    return [
        {"what": what, **as_hex({"id_i": id_i, "id_r": id_r, "context": context}), "error": error}
        for what, id_i, id_r, context, error in given
    ]


# What a published case has that nobody computes, and what is looked at in parts.
NOT_COMPUTED = {"id", "kind", "comment", "flags", "result", "handshake", "rekey", "to", "value", "discards", "rekeys"}


def check_published() -> int:
    """Every value of the published file; its numbers were made by another program, with another ML-KEM."""
    published = json.loads((HERE / "hybrid-profile-published.json").read_text())["cases"]
    compared = 0

    def same(ours: dict, theirs: dict) -> None:
        nonlocal compared
        for name in theirs.keys() - NOT_COMPUTED:
            assert ours[name] == theirs[name], name
            compared += 1
        for one in theirs.get("discards", []):
            key = bytes.fromhex(theirs["discard_keys"])[0 if one["by"] == "initiator" else 32 :][:32]
            assert proof(key, one["history"], one["sent"]).hex() == one["proof"]
            compared += 1

    by_id = {case["id"]: case for case in published}
    for case in published:
        if case["kind"] == "handshake":
            ends = (bytes.fromhex(case[name]) for name in ("id_i", "id_r", "context"))
            steps = [(int(step["exchange_id"]), step["starter"], exchange_of(step, REKEY)) for step in case["rekeys"]]
            ours = schedule(*ends, exchange_of(case, HANDSHAKE), steps)
            for pair in zip([ours, *ours["rekeys"]], [case, *case["rekeys"]], strict=True):
                same(*pair)
        elif case["kind"] == "public-value":
            trial = trials(by_id[case["handshake"]])[case.get("rekey", -1) + 1]
            ours = trial.outcome(case["to"], bytes.fromhex(case["value"]))
            assert ours.get("error") == case.get("error"), case["comment"]
            same(ours, case)
    return compared


def main() -> None:
    self_check()
    agreements = handshakes()
    values = public_values(agreements[0])
    file = {
        "format": "hybrid-profile-1",
        "uses": ("hybrid_values.py",),
        "clause": "X25-1 X25-3 X25-6 X25-11 HYB-1 HYB-2 HYB-3 HYB-4 HYB-6",
        "comment": "Key schedules of the hybrid profile: handshake, rekeys on top of each other, proofs of Discard, receipts; public values.",
        "cases": cases("handshake", agreements) + cases("public-value", values) + cases("ends", wrong_ends()),
    }
    publish(__file__, __doc__, {"hybrid-profile.json": file})
    if sys.argv[1:]:
        print(f"{check_published()} published values agree")


if __name__ == "__main__":
    main()
