"""Sections 6 and 8: the key agreements of the X25519 and the Telegram profile."""

import hashlib
import secrets
import struct
from collections.abc import Callable

from .primitives import Refused, hkdf_expand, hkdf_extract, hmac_sha256, sha256, unhex, x25519, x25519_public

P25519 = 2**255 - 19


def lp(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def prove(key: bytes, history: int, sent: int) -> bytes:
    """X25-6."""
    return hmac_sha256(key, b"secretchat/1 discard" + struct.pack("<BI", history, sent))


def discards_of(keys: bytes, given: dict) -> dict:
    """X25-6 and, where the file has them, X25-11."""
    halves = {"initiator": keys[:32], "responder": keys[32:]}
    made = {"discards": [d | {"proof": prove(halves[d["by"]], d["history"], d["sent"]).hex()} for d in given["discards"]]}
    for who, key in halves.items():
        if (name := f"receipt_{who}") in given:
            made[name] = hmac_sha256(key, b"secretchat/1 discard receipt")
    return made


def discard(case: dict) -> dict:
    """X25-9: at a responder with a current and an old key."""
    proof, sent = unhex(case["proof"]), case["sent"]
    keys = [name for name in ("current", "old") if prove(unhex(case[name])[:32], case["history"], sent) == proof]
    if not keys or sent >= 1 << 30:
        raise Refused("NotAuthentic")
    return {"under": keys[0]}


def of_root(root: bytes) -> dict:
    return {
        "chat_key": hkdf_expand(root, b"secretchat/1 chat key", 256),
        "fingerprint": hkdf_expand(root, b"secretchat/1 fingerprint", 8),
        "chain": hkdf_expand(root, b"secretchat/1 chain", 32),
        "check": hkdf_expand(root, b"secretchat/1 check", 36),
        "discard_keys": hkdf_expand(root, b"secretchat/1 discard", 64),
    }


def check_x25519(scalar: bytes, value: bytes) -> bytes:
    """X25-2: the shared secret."""
    bad = len(value) != 32 or value[31] & 0x80 or int.from_bytes(value, "little") >= P25519
    if bad or value == x25519_public(scalar):
        raise Refused("BadPublicValue")
    shared = x25519(scalar, value)
    if not any(shared):
        raise Refused("BadPublicValue")
    return shared


def agree(case: dict, names: tuple) -> tuple[dict, bytes]:
    """Both values and the secret of an exchange, and what goes into the schedule."""
    scalar, answer_scalar, request_name, answer_name = names
    one, other = unhex(case[scalar]), unhex(case[answer_scalar])
    publics = x25519_public(one), x25519_public(other)
    shared = check_x25519(one, publics[1])
    assert shared == check_x25519(other, publics[0])
    return {request_name: publics[0], answer_name: publics[1], "ss": shared}, shared


class Labels:
    """What keeps the profiles apart (section 24)."""

    def __init__(self, transcript: bytes, handshake: bytes, rekey: bytes) -> None:
        self.of_transcript, self.of_handshake, self.of_rekey = transcript, handshake, rekey

    def th(self, ends: tuple[bytes, bytes, bytes], a: bytes, b: bytes) -> bytes:
        return sha256(lp(self.of_transcript) + struct.pack("<H", 1) + b"".join(map(lp, ends)) + a + b)

    def first_root(self, secret: bytes, th: bytes) -> bytes:
        return hkdf_expand(hkdf_extract(self.of_handshake, secret), b"secretchat/1 root" + th, 32)

    def next_root(self, secret: bytes, chain: bytes, th: bytes, exchange: int, starter: int, p: bytes, q: bytes) -> bytes:
        info = self.of_rekey + th + struct.pack("<qB", exchange, starter) + p + q
        return hkdf_expand(hkdf_extract(chain, secret), info, 32)


X25519 = Labels(b"secretchat/1 x25519 transcript", b"secretchat/1 x25519 handshake", b"secretchat/1 rekey")


def verification(th: bytes) -> bytes:
    """VER-1."""
    label = b"secretchat/1 verification"
    return hkdf_expand(hkdf_extract(label, th), label, 36)


def ends_of(case: dict) -> tuple[bytes, bytes, bytes]:
    return unhex(case["id_i"]), unhex(case["id_r"]), unhex(case["context"])


def check_ends(case: dict) -> dict:
    """X25-1."""
    id_i, id_r, context = ends_of(case)
    if not (1 <= len(id_i) <= 1024 and 1 <= len(id_r) <= 1024 and len(context) <= 1024):
        raise Refused("IdLength")
    if id_i == id_r:
        raise Refused("IdsEqual")
    return {}


def schedule(case: dict, labels: Labels, agree: Callable) -> dict:
    """X25-3 and X25-7, with what a profile agrees on."""
    outputs, secret = agree(case, ("a", "b", "A", "B"))
    th = labels.th(ends_of(case), outputs["A"], outputs["B"])
    root = labels.first_root(secret, th)
    outputs |= {"th": th, "root": root, **of_root(root), "verification": verification(th)}
    outputs |= discards_of(outputs["discard_keys"], case)
    rekeys, chain = [], outputs["chain"]
    for step in case["rekeys"]:
        made, secret = agree(step, ("p", "q", "P", "Q"))
        exchange = int(step["exchange_id"]), step["starter"]
        made["root"] = labels.next_root(secret, chain, th, *exchange, made["P"], made["Q"])
        made |= of_root(made["root"])
        made |= discards_of(made["discard_keys"], step)
        rekeys.append(step | {n: value.hex() if isinstance(value, bytes) else value for n, value in made.items()})
        chain = made["chain"]
    return outputs | {"rekeys": rekeys}


def x25519_profile(case: dict, file: dict) -> dict:
    if case["kind"] == "public-value":
        return {"ss": check_x25519(unhex(case["scalar"]), unhex(case["value"]))}
    if case["kind"] == "discard":
        return discard(case)
    if case["kind"] == "ends":
        return check_ends(case)
    return schedule(case, X25519, agree)


# Section 8. Telegram's published prime, as its documentation prints it.
PUBLISHED = int(
    "C71CAEB9C6B1C9048E6C522F70F13F73980D40238E3E21C14934D037563D930F48198A0AA7C14058229493D22530F4DBFA336F6E0AC925139543AED44CCE7C37"
    "20FD51F69458705AC68CD4FE6B6B13ABDC9746512969328454F18FAF8C595F642477FE96BB2A941D5BCD1D4AC8CC49880708FA9B378E3C4F3A9060BEE67CF9A4"
    "A4A695811051907E162753B56B0F6B410DBA74D8A84B2A14B3144E0EF1284754FD17ED950D5965B4B9DD46582DB1178D169C6BC465B0D6FF9CA3928FEF5B9AE4"
    "E418FC15E83EBEA0F87FA9FF5EED70050DED2849F47BF959D956850CE929851F0D8115F635B105EE2E4E15D04B2454BF6F4FADF034B10403119CD8E3B92FCC5B",
    16,
)
MARGIN = 2**1984


def miller_rabin(n: int, rounds: int = 64) -> bool:
    if n < 4 or n % 2 == 0:
        return n in (2, 3)
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(rounds):
        y = pow(2 + secrets.randbelow(n - 3), d, n)
        if y in (1, n - 1):
            continue
        for _ in range(s - 1):
            y = y * y % n
            if y == n - 1:
                break
        else:
            return False
    return True


def generator_fits(g: int, p: int) -> bool:
    """MODP-2."""
    if g == 4:
        return True
    residues = {2: (8, {7}), 3: (3, {2}), 5: (5, {1, 4}), 6: (24, {19, 23}), 7: (7, {3, 5, 6})}
    return g in residues and p % residues[g][0] in residues[g][1]


def group(case: dict) -> dict:
    g, data = case["g"], unhex(case["p"])
    p = int.from_bytes(data, "big")

    def outcome(allow_safe_prime: bool) -> str:
        if len(data) != 256 or p.bit_length() != 2048:
            return "PrimeSize"
        # A safe prime is odd, and so is its half: before anything is proved, and before the generator.
        if p == PUBLISHED:
            return "ok" if generator_fits(g, p) else "Generator"
        if p % 4 != 3 and p % 2 == 0:
            return "NotSafePrime"
        if not generator_fits(g, p):
            return "Generator"
        if not allow_safe_prime:
            return "PrimeUnknown"
        safe = miller_rabin((p - 1) // 2) and pow(2, p - 1, p) == 1
        return "ok" if safe else "NotSafePrime"

    outcomes = outcome(False), outcome(True)
    assert outcomes == (case["published_only"], case["allow_safe_prime"]), outcomes
    if outcomes[1] != "ok":
        raise Refused(outcomes[1])
    return {"published_only": outcomes[0], "allow_safe_prime": outcomes[1]}


def in_group(value: int) -> bool:
    """The range of MODP-4; for a safe prime Euler's criterion is the Jacobi symbol."""
    return MARGIN <= value <= PUBLISHED - MARGIN and pow(value, (PUBLISHED - 1) // 2, PUBLISHED) == 1


def modp(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "group":
        return group(case)
    if kind == "generator":
        return {"fit": [g for g in range(2, 8) if generator_fits(g, int(case["p"], 16))]}
    if kind == "agreement":
        a, b = int(case["a"], 16), int(case["b"], 16)
        publics = pow(case["g"], a, PUBLISHED), pow(case["g"], b, PUBLISHED)
        assert all(map(in_group, publics))
        key = pow(publics[1], a, PUBLISHED).to_bytes(256, "big")
        assert key == pow(publics[0], b, PUBLISHED).to_bytes(256, "big")
        g_a, g_b = (public.to_bytes(256, "big") for public in publics)
        return {"g_a": g_a, "g_b": g_b, "key": key, "fingerprint": hashlib.sha1(key).digest()[12:]}
    own = pow(case["g"], int(case["exponent"], 16), PUBLISHED)
    if kind == "power":
        if not in_group(own):
            raise Refused("DrawnAgain")
        return {"public": own.to_bytes(256, "big")}
    data = unhex(case["value"])
    value = int.from_bytes(data, "big")
    too_long = len(data) > 257 or len(data) == 257 and data[0]
    if too_long or not in_group(value) or value == own:
        raise Refused("BadPublicValue")
    return {"key": pow(value, int(case["exponent"], 16), PUBLISHED).to_bytes(256, "big")}


FORMATS = {"x25519-profile-1": x25519_profile, "modp-1": modp}
