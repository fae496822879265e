#!/usr/bin/env python3
"""The key schedule of the X25519 profile, computed from SPEC X25-1 to X25-7 alone.

    profile.py            writes x25519-profile.json
    profile.py --check    compares it and x25519-profile-published.json with what this program computes

Standard library only: X25519 follows the pseudo-code of RFC 7748 section 5, HKDF is RFC 5869 over `hmac`. Both are
checked against the values in primitives.json first, and X25519 also against the `cryptography` package if it is there.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path

from vector_file import cases, publish, standard

HERE = Path(__file__).parent
P = 2**255 - 19


# RFC 7748 section 5


def x25519(k: bytes, u: bytes) -> bytes:
    scalar = bytearray(k)
    scalar[0] &= 248
    scalar[31] = (scalar[31] & 127) | 64
    k_int = int.from_bytes(scalar, "little")
    x_1 = int.from_bytes(u, "little") % 2**255 % P
    x_2, z_2, x_3, z_3, swap = 1, 0, x_1, 1, 0
    for t in reversed(range(255)):
        k_t = k_int >> t & 1
        if swap ^ k_t:
            x_2, x_3, z_2, z_3 = x_3, x_2, z_3, z_2
        swap = k_t
        a, b, c, d = x_2 + z_2, x_2 - z_2, x_3 + z_3, x_3 - z_3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x_3, z_3 = (da + cb) ** 2 % P, x_1 * (da - cb) ** 2 % P
        x_2, z_2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x_2, z_2 = x_3, z_3
    return (x_2 * pow(z_2, P - 2, P) % P).to_bytes(32, "little")


def public(scalar: bytes) -> bytes:
    return x25519(scalar, bytes([9]) + bytes(31))


# RFC 5869


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def extract(salt: bytes, ikm: bytes) -> bytes:
    return mac(salt or bytes(32), ikm)


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block = b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = mac(prk, block + info + bytes([i]))
        out += block
    return out[:length]


def self_check() -> None:
    unhex = bytes.fromhex
    for case in standard("rfc7748-single"):
        assert x25519(unhex(case["scalar"]), unhex(case["u"])).hex() == case["product"]
    iterated = {case["rounds"]: case["product"] for case in standard("rfc7748-iterated")}
    k = u = bytes([9]) + bytes(31)
    for i in range(1, 1001):
        k, u = x25519(k, u), k
        assert iterated.get(i, k.hex()) == k.hex()
    (agreed,) = standard("rfc7748-agreement")
    dh = {name: unhex(agreed[name]) for name in ("a", "a_public", "b", "b_public", "shared")}
    assert public(dh["a"]) == dh["a_public"] and public(dh["b"]) == dh["b_public"]
    assert x25519(dh["a"], dh["b_public"]) == x25519(dh["b"], dh["a_public"]) == dh["shared"]
    for case in standard("rfc5869"):
        prk = extract(unhex(case["salt"]), unhex(case["ikm"]))
        okm = expand(prk, unhex(case["info"]), len(case["okm"]) // 2)
        assert (prk.hex(), okm.hex()) == (case["prk"], case["okm"])
    for case in standard("rfc4231"):
        assert mac(unhex(case["key"]), unhex(case["data"])).hex() == case["mac"]
    try:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    except ImportError:
        print("the `cryptography` package is not there: X25519 is checked against RFC 7748 only")
        return
    for i in range(50):
        a, b = (hashlib.sha256(bytes([side, i])).digest() for side in (0, 1))
        theirs = X25519PrivateKey.from_private_bytes(a).exchange(X25519PublicKey.from_public_bytes(public(b)))
        assert theirs == x25519(a, public(b))


# SPEC X25-3, X25-6, X25-7, X25-11


def lp(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


def transcript(id_i: bytes, id_r: bytes, context: bytes, a_public: bytes, b_public: bytes) -> bytes:
    label = lp(b"secretchat/1 x25519 transcript") + (1).to_bytes(2, "little")
    return hashlib.sha256(label + lp(id_i) + lp(id_r) + lp(context) + a_public + b_public).digest()


def of_root(root: bytes) -> dict:
    lengths = {"chat key": 256, "fingerprint": 8, "chain": 32, "check": 36}
    values = {
        name.replace(" ", "_"): expand(root, b"secretchat/1 " + name.encode(), length)
        for name, length in lengths.items()
    }
    return values | {"discard_keys": expand(root, b"secretchat/1 discard", 64)}


def discard_proof(key: bytes, history: bool, sent: int) -> bytes:
    return mac(key, b"secretchat/1 discard" + bytes([history]) + sent.to_bytes(4, "little"))


# How many messages were sent: by the initiator, the responder, under the first key and each that follows.
COUNTS = [(0, 1), (258, 65539), (2**30 - 1, 0x01020304), (7, 7)]


def discards(keys: bytes, number: int) -> list[dict]:
    """Of both ends, for both flags, under the keys of one root."""
    made = []
    for who, key, sent in zip(("initiator", "responder"), (keys[:32], keys[32:]), COUNTS[number], strict=True):
        for history in (0, 1):
            made.append({"by": who, "history": history, "sent": sent, "proof": discard_proof(key, bool(history), sent).hex()})
    return made


def receipts(keys: bytes) -> dict:
    return {
        f"receipt_{who}": mac(key, b"secretchat/1 discard receipt").hex()
        for who, key in (("initiator", keys[:32]), ("responder", keys[32:]))
    }


def rekey(th: bytes, chain: bytes, exchange_id: int, starter: int, p: bytes, q: bytes) -> dict:
    p_public, q_public = public(p), public(q)
    ss = x25519(p, q_public)
    info = b"secretchat/1 rekey" + th + exchange_id.to_bytes(8, "little", signed=True) + bytes([starter])
    root = expand(extract(chain, ss), info + p_public + q_public, 32)
    return {"P": p_public, "Q": q_public, "ss": ss, "root": root, **of_root(root)}


def handshake(id_i: bytes, id_r: bytes, context: bytes, a: bytes, b: bytes) -> dict:
    a_public, b_public = public(a), public(b)
    ss = x25519(a, b_public)
    assert ss == x25519(b, a_public)
    th = transcript(id_i, id_r, context, a_public, b_public)
    root = expand(extract(b"secretchat/1 x25519 handshake", ss), b"secretchat/1 root" + th, 32)
    label = b"secretchat/1 verification"
    return {
        "A": a_public,
        "B": b_public,
        "ss": ss,
        "th": th,
        "root": root,
        **of_root(root),
        "verification": expand(extract(label, th), label, 36),
    }


def as_hex(values: dict) -> dict:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}


def case(name: str, id_i: bytes, id_r: bytes, context: bytes, rekeys: list) -> dict:
    def draw(what: str) -> bytes:
        return hashlib.sha256(f"{name}: {what}".encode()).digest()

    given = {"id_i": id_i, "id_r": id_r, "context": context, "a": draw("a"), "b": draw("b")}
    values = handshake(**given)
    keys = values["discard_keys"]
    proofs = {"discards": discards(keys, 0), **receipts(keys)}
    chain, done = values["chain"], []
    for i, (exchange_id, starter) in enumerate(rekeys):
        p, q = draw(f"p{i}"), draw(f"q{i}")
        new = rekey(values["th"], chain, exchange_id, starter, p, q)
        keys = new["discard_keys"]
        proofs_of = {"discards": discards(keys, i + 1), **receipts(keys)}
        done.append({"exchange_id": str(exchange_id), "starter": starter, **as_hex({"p": p, "q": q, **new}), **proofs_of})
        chain = new["chain"]
    return {"what": name, **as_hex({**given, **values, **proofs}), "rekeys": done}


def handshakes() -> list[dict]:
    long = bytes(i % 251 for i in range(1024))
    return [
        case("short ids, empty context", b"alice", b"bob", b"", [(1, 0), (2, 1)]),
        case("the ids the other way round", b"bob", b"alice", b"", []),
        case("a context", b"alice", b"bob", b"room 7", [(-1, 1)]),
        case("longest ids and context", long, long[::-1], bytes(1024), [(-(2**63), 0), (2**63 - 1, 1), (0, 0)]),
        case("ids of one byte, of zeros", b"\0", b"\0\0", b"\0", [(-5, 1), (-5, 0)]),
        case("ids that would run together without lengths", b"ab", b"cab", b"c", [(0x0123456789ABCDEF, 0)]),
        case("the same bytes, other borders", b"abc", b"ab", b"c", []),
        case("an empty id: the schedule is defined, an end refuses it", b"", b"b", b"room", [(-(2**40), 1)]),
    ]


def public_values() -> list[dict]:
    """What a received value must be refused for (X25-2), and values next to it that are taken."""
    scalar = hashlib.sha256(b"public values: own scalar").digest()
    own, peer = public(scalar), public(hashlib.sha256(b"public values: peer").digest())
    # Points of small order, in the forms below 2^255 - 19 (curve25519 has them by definition of its cofactor 8).
    order_8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
    order_8_other = "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    given = {
        "an honest value": peer,
        "2": (2).to_bytes(32, "little"),
        "9, the base point": (9).to_bytes(32, "little"),
        "2^255 - 21, the largest that is taken": (P - 2).to_bytes(32, "little"),
        "0": bytes(32),
        "1": (1).to_bytes(32, "little"),
        "2^255 - 20": (P - 1).to_bytes(32, "little"),
        "order 8": bytes.fromhex(order_8),
        "order 8, the other": bytes.fromhex(order_8_other),
        "2^255 - 19": P.to_bytes(32, "little"),
        "2^255 - 19 + 9, the base point again": (P + 9).to_bytes(32, "little"),
        "2^255 - 1": (2**255 - 1).to_bytes(32, "little"),
        "the top bit set": peer[:31] + bytes([peer[31] | 0x80]),
        "the own value": own,
        "no bytes": b"",
        "31 bytes": peer[:31],
        "33 bytes": peer + b"\0",
    }
    made = []
    for what, value in given.items():
        number = int.from_bytes(value, "little")
        ss = x25519(scalar, value) if len(value) == 32 and number < P and value != own else bytes(32)
        case = {"what": what, "scalar": scalar.hex(), "value": value.hex()}
        made.append(case | ({"ss": ss.hex()} if any(ss) else {"error": "BadPublicValue"}))
    return made


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
        {"what": what, "id_i": i.hex(), "id_r": r.hex(), "context": context.hex(), "error": error}
        for what, i, r, context, error in given
    ]


def discard_tries() -> list[dict]:
    """Discards that reach the responder of the first case after its first rekey (X25-9)."""
    first = handshakes()[0]
    old, new = (bytes.fromhex(one["discard_keys"]) for one in (first, first["rekeys"][0]))
    label, history, sent = b"secretchat/1 discard", 1, 258
    right = discard_proof(new[:32], True, sent)
    given = [
        ("right", 1, sent, right, "current"),
        ("key of the root before", 1, sent, discard_proof(old[:32], True, sent), "old"),
        ("flag changed", 0, sent, right, "NotAuthentic"),
        ("count + 1", 1, sent + 1, right, "NotAuthentic"),
        ("count - 1", 1, sent - 1, right, "NotAuthentic"),
        ("count 0", 1, 0, right, "NotAuthentic"),
        ("count with a high bit", 1, sent + 2**31, right, "NotAuthentic"),
        ("count 2^30, rightly proved: no end has so many slots", 1, 2**30, discard_proof(new[:32], True, 2**30), "NotAuthentic"),
        ("of the responder itself, sent back", 1, sent, discard_proof(new[32:], True, sent), "NotAuthentic"),
        ("the same of the root before", 1, sent, discard_proof(old[32:], True, sent), "NotAuthentic"),
        ("no count in the proof", 1, sent, mac(new[:32], label + bytes([history])), "NotAuthentic"),
        ("count big-endian", 1, sent, mac(new[:32], label + bytes([1]) + sent.to_bytes(4, "big")), "NotAuthentic"),
        ("count as u64", 1, sent, mac(new[:32], label + bytes([1]) + sent.to_bytes(8, "little")), "NotAuthentic"),
        ("count before the flag", 1, sent, mac(new[:32], label + sent.to_bytes(4, "little") + bytes([1])), "NotAuthentic"),
        ("both halves as key", 1, sent, discard_proof(new, True, sent), "NotAuthentic"),
        ("last bit wrong", 1, sent, right[:31] + bytes([right[31] ^ 1]), "NotAuthentic"),
        ("zeros", 1, sent, bytes(32), "NotAuthentic"),
        ("a receipt as the proof", 1, sent, mac(new[:32], b"secretchat/1 discard receipt"), "NotAuthentic"),
    ]
    keys = {"current": new.hex(), "old": old.hex()}
    return [
        {"what": what, **keys, "history": flag, "sent": count, "proof": proof.hex()} 
        | ({"error": fits} if fits == "NotAuthentic" else {"under": fits})
        for what, flag, count, proof, fits in given
    ]


def check_published() -> int:
    """Every value of the published file; its numbers were made by another program from the same clauses."""
    published = json.loads((HERE / "x25519-profile-published.json").read_text())["cases"]
    values = 0

    def same(name: str, ours: bytes, theirs: str) -> None:
        nonlocal values
        values += 1
        # A value may lack its leading zeros.
        assert ours.hex() == theirs.rjust(len(ours) * 2, "0"), name

    def same_discards(keys: bytes, given: list[dict]) -> None:
        for one in given:
            key = keys[:32] if one["by"] == "initiator" else keys[32:]
            same("discard", discard_proof(key, bool(one["history"]), one["sent"]), one["proof"])

    for case in published:
        if case["kind"] != "handshake":
            continue
        given = {name: bytes.fromhex(case[name]) for name in ("id_i", "id_r", "context", "a", "b")}
        ours = handshake(**given)
        for name, value in ours.items():
            same(name, value, case[name])
        same_discards(ours["discard_keys"], case["discards"])
        chain = ours["chain"]
        for step in case["rekeys"]:
            scalars = bytes.fromhex(step["p"]), bytes.fromhex(step["q"])
            new = rekey(ours["th"], chain, int(step["exchange_id"]), step["starter"], *scalars)
            for name, value in new.items():
                same(name, value, step[name])
            same_discards(new["discard_keys"], step["discards"])
            chain = new["chain"]
    return values


def main() -> None:
    self_check()
    file = {
        "format": "x25519-profile-1",
        "clause": "X25-1 X25-2 X25-3 X25-6 X25-7 X25-9 X25-11",
        "comment": "Key schedules of the X25519 profile: handshake, rekeys on top of each other, proofs of Discard, receipts.",
        "cases": cases("handshake", handshakes())
        + cases("public-value", public_values())
        + cases("ends", wrong_ends())
        + cases("discard", discard_tries()),
    }
    publish(__file__, __doc__, {"x25519-profile.json": file})
    if sys.argv[1:]:
        print(f"{check_published()} published values agree")


if __name__ == "__main__":
    main()
