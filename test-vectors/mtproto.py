#!/usr/bin/env python3
"""Values of MTProto secret chats, computed from SPEC IGE-1, KDF-1 to KDF-4, ENV-1, ENV-2, ENV-5, FP-1, FP-2, VER-1, VER-2.

    mtproto.py            writes kdf.json, ige.json, fingerprints.json, envelope.json, envelope-old.json, verification.json
    mtproto.py --check    compares them with what this program computes

Needs `pip install cryptography` for the AES block cipher; IGE, derivations and numbers are written out here. The block
cipher and the hashes are checked against primitives.json first, IGE against the 128-bit vectors of OpenSSL, and the
results against the values that were published for them (see README.md).
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from vector_file import cases, publish, standard



def sha1(*parts: bytes) -> bytes:
    return hashlib.sha1(b"".join(parts)).digest()


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def md5(*parts: bytes) -> bytes:
    return hashlib.md5(b"".join(parts)).digest()


# SPEC IGE-1


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(i ^ j for i, j in zip(a, b, strict=True))


def ige(key: bytes, iv: bytes, data: bytes) -> bytes:
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
    c, p, out = iv[:16], iv[16:], b""
    assert len(data) % 16 == 0
    for i in range(0, len(data), 16):
        plain = data[i : i + 16]
        c, p = xor(block(xor(plain, c)), p), plain
        out += c
    return out


# SPEC KDF-1, KDF-2


def msg_key(key: bytes, x: int, plain: bytes) -> bytes:
    return sha256(key[88 + x : 120 + x], plain)[8:24]


def aes_key_iv(key: bytes, x: int, m: bytes) -> tuple[bytes, bytes]:
    a = sha256(m, key[x : x + 36])
    b = sha256(key[40 + x : 76 + x], m)
    return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]


# SPEC KDF-4


def old_msg_key(plaintext: bytes) -> bytes:
    return sha1(plaintext)[4:20]


def old_aes_key_iv(key: bytes, m: bytes) -> tuple[bytes, bytes]:
    a, b = sha1(m, key[:32]), sha1(key[32:48], m, key[48:64])
    c, d = sha1(key[64:96], m), sha1(m, key[96:128])
    return a[:8] + b[8:] + c[4:16], a[8:] + b[:8] + c[16:] + d[:8]


# SPEC ENV-1, FP-1, FP-2, VER-1, VER-2


def seal(key: bytes, fingerprint: bytes, x: int, plain: bytes) -> bytes:
    m = msg_key(key, x, plain)
    return fingerprint + m + ige(*aes_key_iv(key, x, m), plain)


def key_fingerprint(key: bytes) -> bytes:
    return sha1(key)[-8:]


def long(raw: bytes) -> int:
    return int.from_bytes(raw, "little", signed=True)


def file_fingerprint(key: bytes, iv: bytes) -> int:
    d = md5(key, iv)
    return int.from_bytes(xor(d[:4], d[4:8]), "little", signed=True)


def verification(key: bytes) -> bytes:
    return sha1(key)[:16] + sha256(key)[:20]


def cells(value: bytes) -> list[str]:
    bits = int.from_bytes(value, "little")
    flat = "".join(str(bits >> 2 * i & 3) for i in range(144))
    return [flat[i : i + 12] for i in range(0, 144, 12)]


def hex_lines(value: bytes) -> list[str]:
    return [value[i : i + 8].hex(" ") for i in range(0, 32, 8)]


def stream(seed: str, length: int) -> bytes:
    """Bytes that look random and are the same each time."""
    return b"".join(sha256(seed.encode(), i.to_bytes(4, "little")) for i in range(length // 32 + 1))[:length]


def self_check() -> None:
    unhex = bytes.fromhex
    (aes,) = standard("fips197")
    # With an iv of zeros one block of IGE is the block cipher.
    assert ige(unhex(aes["key"]), bytes(32), unhex(aes["plain"])).hex() == aes["cipher"]
    for name, function in [("fips180-sha256", sha256), ("fips180-sha1", sha1), ("rfc1321", md5)]:
        for case in standard(name):
            assert function(unhex(case["data"])).hex() == case["hash"]
    # The two vectors of OpenSSL's test/igetest.c.
    published = "1a8519a6557be652e9da8e43da4ef4453cf456b4ca488aa383c79c98b34797cb"
    assert ige(bytes(range(16)), bytes(range(32)), bytes(32)).hex() == published
    plain = unhex("99706487a1cde613bc6de0b6f24b1c7aa448c8b9c3403e3467a8cad89340f53b")
    assert ige(b"This is an imple", b"mentation of IGE mode for OpenSS", plain) == b"L. Let's hope Ben got it right!\n"


# Diffie-Hellman, for the shared secrets only

PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac92513"
    "9543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc4988"
    "0708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4"
    "b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)


def probably_prime(n: int) -> bool:
    s = (n - 1 & 1 - n).bit_length() - 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19):
        y = pow(base, n - 1 >> s, n)
        if y != 1 and not any(pow(y, 2**r, n) == n - 1 for r in range(s)):
            return False
    return True


def exponent(label: str, i: int) -> int:
    parts = [sha256(label.encode(), i.to_bytes(4, "little"), k.to_bytes(4, "little")) for k in range(8)]
    return int.from_bytes(b"".join(parts), "big")


def shared_secret(a: int, b: int) -> bytes:
    one = pow(pow(3, exponent("a", a), PRIME), exponent("b", b), PRIME)
    other = pow(pow(3, exponent("b", b), PRIME), exponent("a", a), PRIME)
    assert one == other
    return one.to_bytes(256, "big")


def chat_key(name: str, key: bytes) -> dict:
    fingerprint, value = key_fingerprint(key), verification(key)
    stripped = key.lstrip(b"\0")
    return {
        "what": name,
        "key": key.hex(),
        "sha1": sha1(key).hex(),
        "sha256": sha256(key).hex(),
        "fingerprint": fingerprint.hex(),
        "fingerprint_long": str(long(fingerprint)),
        "verification": value.hex(),
        # What comes out where the leading zero bytes are lost: wrong.
        "stripped_fingerprint": key_fingerprint(stripped).hex() if stripped != key else None,
    }


def mtproto() -> dict:
    assert PRIME.bit_length() == 2048 and probably_prime(PRIME) and probably_prime(PRIME // 2)
    count, file_key, file_iv = bytes(range(256)), bytes(range(32)), bytes(range(32, 64))
    plain = (4).to_bytes(4, "little") + b"ABCD" + bytes(range(24))
    claimed = bytes(range(16))
    keys = [chat_key("bytes 00 to ff", count)] + [
        chat_key(f'E("a",0) with E("b",{b})', shared_secret(0, b)) for b in (232, 480, 549)
    ]
    derived = []
    for x in (0, 8, 128):
        key, iv = aes_key_iv(count, x, claimed)
        derived.append({"x": x, "msg_key": claimed.hex(), "aes_key": key.hex(), "aes_iv": iv.hex()})
    messages = []
    for x in (0, 8, 128):
        sealed = seal(count, key_fingerprint(count), x, plain)
        messages.append({"x": x, "plain": plain.hex(), "msg_key": sealed[8:24].hex(), "cipher": sealed[24:].hex()})
    chain = bytes(range(80))
    cipher = ige(file_key, file_iv, chain)
    # The first part ends after 32 bytes; a second part that starts with the first iv again is wrong.
    wrong = ige(file_key, file_iv, chain[32:])[:16]
    assert cipher[32:48] != wrong
    # Published values of the same things: a difference stops here.
    first, zero = keys[0], keys[1]
    assert first["fingerprint_long"] == "-3972359982579920590"
    assert first["verification"] == "4916d6bdb7f78e6803698cab32d1586e40aff2e9d2d8922e47afd4648e6967497158785f"
    assert zero["key"].startswith("00f906eefc5b") and zero["sha1"] == "bd2a15b6ebf79c0d726a97b9316d2635319c4705"
    assert zero["fingerprint_long"] == "380444428695137585" and zero["stripped_fingerprint"] == "8f9966b8becce343"
    assert zero["verification"] == "bd2a15b6ebf79c0d726a97b9316d2635b22d1d380b9bc2cb1e6430d35af440a5b47a7f0b"
    assert all(key["key"].startswith("00") for key in keys)
    assert derived[0]["aes_key"] == "704ed09c8b41668ae8f99d244738f71dbddc44469b6bbd4aa8573dd042bd059e"
    assert derived[0]["aes_iv"] == "4d266000a550edabbf4c7ce40fd0043cc92230184cd317a5cc9c2482fd3b9318"
    assert derived[1]["aes_key"] == "217725799b245806458174a1fcfbc883906807b15033fdd0ea2b4d69cf9c364e"
    assert derived[1]["aes_iv"] == "669a6538917a4fa56ca32360a431c9160be4ad887140980dab91ce7bdc47ffbc"
    assert messages[0]["msg_key"] == "80203bc89dd93c027b7413755a87092d"
    assert messages[0]["cipher"] == "31d725c208b1624c540c5f52f64002b7df2702a20e7a137f0008355644ca3eb2"
    assert messages[1]["msg_key"] == "e178ec6da394f429e69b35da5bd39bdd"
    assert messages[1]["cipher"] == "dadfe47aba26d7c5aa890a81ebe92c74cc6d32a4e9e816f6d09a36b9ddd8b19b"
    assert md5(file_key, file_iv).hex() == "b2d3f56bc197fd985d5965079b5e7148"
    assert file_fingerprint(file_key, file_iv) == -217561997
    assert cipher[32:48].hex() == "77f708327c9e9341cc3dc8efd31e7646" and wrong.hex() == "c2a132851e7ca9e791caa051e11349bf"
    return {
        "chat_keys": keys,
        "derived": [{"key": count.hex()} | case for case in derived],
        "messages": [{"key": count.hex()} | case for case in messages],
        "ige": {
            "what": "the bytes 00 to 4f; wrong_third_block is of parts that each begin with the first iv",
            "flags": ["known-bug"],
            "key": file_key.hex(),
            "iv": file_iv.hex(),
            "plain": chain.hex(),
            "cipher": cipher.hex(),
            "parts": [32, 48],
            "wrong_third_block": wrong.hex(),
        },
        "files": [
            {"key": file_key.hex(), "iv": file_iv.hex(), "fingerprint": file_fingerprint(file_key, file_iv)},
            {"key": bytes(32).hex(), "iv": bytes(32).hex(), "fingerprint": file_fingerprint(bytes(32), bytes(32))},
            {
                "key": stream("file key", 32).hex(),
                "iv": stream("file iv", 32).hex(),
                "fingerprint": file_fingerprint(stream("file key", 32), stream("file iv", 32)),
            },
        ],
    }


def paddings(body_len: int, limits: bool) -> list[int]:
    """The least padding, the TDLib size class, sixteen more; at the limits also the most."""
    least = 12 + -(4 + body_len + 12) % 16
    choices = {least, least + 16}
    if limits:
        most = 1024 - (1024 + 4 + body_len) % 16
        choices |= {most - 16, most}
    return sorted(choices)


def envelope() -> dict:
    keys, valid, invalid = {}, [], []
    for name in ("one", "two"):
        key = stream(f"chat key {name}", 256)
        keys[name] = {"key": key.hex(), "fingerprint": stream(f"fingerprint {name}", 8).hex()}

    def sealed(name: str, x: int, plain: bytes) -> bytes:
        return seal(bytes.fromhex(keys[name]["key"]), bytes.fromhex(keys[name]["fingerprint"]), x, plain)

    def good(name: str, x: int, body_len: int, padding_len: int) -> tuple[bytes, bytes, bytes]:
        what = f"{name} {x} {body_len} {padding_len}"
        body, padding = stream(f"body {what}", body_len), stream(f"padding {what}", padding_len)
        return body, padding, sealed(name, x, body_len.to_bytes(4, "little") + body + padding)

    for x in (0, 8, 128):
        for body_len in (4, 8, 12, 44, 48, 52, 252, 1000):
            for padding_len in paddings(body_len, limits=body_len in (4, 8, 12, 1000)):
                name = "one" if body_len % 8 else "two"
                body, padding, bytes_ = good(name, x, body_len, padding_len)
                what = f"{body_len} bytes and {padding_len} of padding"
                valid.append({"what": what, "key": name, "x": x, "body": body, "padding": padding, "sealed": bytes_})

    def bad(what: str, name: str, x: int, bytes_: bytes) -> None:
        assert len(bytes_) >= 8
        invalid.append({"what": what, "key": name, "x": x, "sealed": bytes_, "error": "NotAuthentic"})

    def bad_length(what: str, name: str, x: int, field: int, rest: int) -> None:
        plain = field.to_bytes(4, "little", signed=field < 0) + stream(f"rest {what} {x}", rest)
        bad(what, name, x, sealed(name, x, plain))

    for x in (0, 8, 128):
        for padding_len in (0, 4, 8, 1028, 1032, 1040, 2048):
            for body_len in (12, 44, 252, 1004):
                # The body is fitted so that the padding is exactly this long.
                fitted = body_len + -(4 + body_len + padding_len) % 16
                bad_length(f"padding {padding_len} after {fitted} bytes", "one", x, fitted, fitted + padding_len)
        for field in (0, 1, 2, 3, 5, 7, 43, 45, -1, -4, -(2**31), 2**31 - 1, 2**31 - 4, 2**16, 2**24, 2**32 - 16):
            bad_length(f"length {field} of 60 bytes", "two", x, field, 60)
        for field in (49, 52, 56, 60, 64, 76):
            # 48 is the largest that leaves 12 bytes of padding.
            bad_length(f"length {field} of 60 bytes, a little too big", "two", x, field, 60)
        bad_length("length 0, one block of padding", "one", x, 0, 12)
        bad_length("one block only", "one", x, 4, 12)

        _, _, whole = good("one", x, 44, 16)
        for cut in (1, 8, 15, 16, 17, 32, 63, 64, 80):
            bad(f"{cut} bytes cut off", "one", x, whole[:-cut])
        for more in (1, 15, 16, 32):
            bad(f"{more} bytes appended", "one", x, whole + stream(f"appended {more}", more))
        for i in (8, 23, 24, len(whole) - 1):
            flipped = whole[:i] + bytes([whole[i] ^ 0x80]) + whole[i + 1 :]
            bad(f"a bit of byte {i} flipped", "one", x, flipped)
        for other in {0, 8, 128} - {x}:
            bad(f"sealed for x = {other}", "one", x, good("one", other, 44, 16)[2])
        swapped = whole[:-32] + whole[-16:] + whole[-32:-16]
        bad("last two blocks exchanged", "one", x, swapped)
        under_two = bytes.fromhex(keys["one"]["fingerprint"]) + good("two", x, 44, 16)[2][8:]
        bad("sealed under another key", "one", x, under_two)

    assert len(invalid) >= len(valid)
    invalid.sort(key=lambda case: (case["x"], case["what"]))

    def shown(case: dict) -> dict:
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in case.items()}

    return {
        "format": "envelope-1",
        "clause": "ENV-1 ENV-2 ENV-4 KDF-1 KDF-2 KDF-3 IGE-1",
        "comment": "Sealed messages. Those named padding and length have a right msg_key.",
        "keys": keys,
        "cases": cases("sealed", [shown(case) for case in valid]) + cases("hostile", [shown(case) for case in invalid]),
    }


def old_envelope() -> dict:
    """SPEC ENV-5."""
    key, fingerprint = stream("chat key old", 256), stream("fingerprint old", 8)
    valid, invalid = [], []

    def seal_old(plaintext: bytes, padding: bytes, msg_key: bytes | None = None) -> bytes:
        m = msg_key or old_msg_key(plaintext)
        return fingerprint + m + ige(*old_aes_key_iv(key, m), plaintext + padding)

    def good(body_len: int) -> tuple[bytes, bytes, bytes]:
        body, padding = stream(f"old body {body_len}", body_len), stream(f"old padding {body_len}", -(4 + body_len) % 16)
        return body, padding, seal_old(body_len.to_bytes(4, "little") + body, padding)

    for body_len in (4, 8, 12, 16, 44, 48, 52, 252, 1000, 4092):
        body, padding, bytes_ = good(body_len)
        what = f"{body_len} bytes and {len(padding)} of padding"
        valid.append({"what": what, "body": body, "padding": padding, "sealed": bytes_})

    def bad(what: str, bytes_: bytes) -> None:
        invalid.append({"what": what, "sealed": bytes_, "error": "NotAuthentic"})

    for body_len, padding_len in [(12, 16), (8, 20), (4, 24), (44, 32), (44, 1024)]:
        plaintext = body_len.to_bytes(4, "little") + stream(f"old body {body_len}", body_len)
        bad(f"padding {padding_len} after {body_len} bytes", seal_old(plaintext, stream("old long padding", padding_len)))
    for field in (0, 1, 2, 3, 5, 43, 46, 64, -1, -4, 2**31 - 4, 2**24):
        rest = stream(f"old rest {field}", 60)
        covered = 4 + field if 0 < field <= 60 else 64
        plain = field.to_bytes(4, "little", signed=field < 0) + rest
        bad(f"length {field} of 60 bytes", seal_old(plain[:covered], plain[covered:]))
    _, padding, whole = good(44)
    plain = (44).to_bytes(4, "little") + stream("old body 44", 44)
    assert not padding
    for cut in (1, 8, 15, 16, 32, 47, 48):
        bad(f"{cut} bytes cut off", whole[:-cut])
    for more in (1, 15, 16, 32):
        bad(f"{more} bytes appended", whole + stream(f"appended {more}", more))
    for i in (8, 23, 24, len(whole) - 1):
        bad(f"a bit of byte {i} flipped", whole[:i] + bytes([whole[i] ^ 0x80]) + whole[i + 1 :])
    short, four = (8).to_bytes(4, "little") + stream("old body 8", 8), stream("old padding 8", 4)
    bad("the padding in the hash", seal_old(short, four, old_msg_key(short + four)))
    bad("sealed under MTProto 2.0", seal(key, fingerprint, 0, plain + stream("old padding 2.0", 16)))

    def shown(case: dict) -> dict:
        return {name: value.hex() if isinstance(value, bytes) else value for name, value in case.items()}

    return {
        "format": "envelope-old-1",
        "clause": "ENV-5 KDF-4 IGE-1",
        "comment": "Messages of MTProto 1.0, which are opened only. Those named padding and length have a right msg_key.",
        "key": key.hex(),
        "fingerprint": fingerprint.hex(),
        "cases": cases("sealed", [shown(case) for case in valid]) + cases("hostile", [shown(case) for case in invalid]),
    }


def words(value: bytes) -> list[str]:
    lists = [line.split() for line in (Path(__file__).parent.parent / "src/verify/words.txt").read_text().splitlines()]
    return [lists[byte][place % 2] for place, byte in enumerate(value)]


def code(role: str, value: bytes) -> str:
    return f"SECRETCHAT:1:{role}:{value.hex().upper()}"


def pictures() -> dict:
    # The list's own example, as published with it: a fingerprint of PGP, which has 20 bytes.
    assert " ".join(words(bytes.fromhex("e58294f2e9a227486e8b061b31cc528fd7fa3f19"))).lower() == (
        "topmost istanbul pluto vagabond treadmill pacific brackish dictator goldfish medusa afflict bravado chatter "
        "revolver dupont midsummer stopwatch whimsical cowbell bottomless"
    )
    values = [stream(f"verification {i}", 36) for i in range(3)] + [bytes(range(36)), bytes(36), b"\xff" * 36]
    # Each word of both halves of the list once.
    values += [bytes((i + shift) % 256 for i in range(start, start + 36)) for start in range(0, 256, 36) for shift in (0, 1)]
    shown = [
        {"value": v.hex(), "cells": cells(v), "hex_lines": hex_lines(v), "words": words(v), "codes": [code(role, v) for role in "IR"]}
        for v in values
    ]
    return {
        "format": "verification-1",
        "clause": "VER-2 VER-5 VER-6",
        "comment": "What users compare: 12 rows of digits 0 to 3 by colour, lines of text, words, and codes to scan.",
        "colours": ["ffffff", "d5e6f3", "2d5775", "2f99c9"],
        "cases": cases("value", shown) + cases("scanned", scanned()),
    }


def scanned() -> list[dict]:
    """What an end makes of a text that it has scanned."""
    value, other = stream("verification 0", 36), stream("verification 1", 36)
    right = code("R", value)

    def case(what: str, text: str, error: str | None = None, own: str = "I") -> dict:
        return {"what": what, "value": value.hex(), "own": own, "text": text} | ({"error": error} if error else {})

    return [
        case("the peer's screen", right),
        case("the peer's screen, scanned by the responder", code("I", value), own="R"),
        case("small letters", right.lower()),
        case("one's own screen", code("I", value), "OwnCode"),
        case("another chat", code("R", other), "Mismatch"),
        case("one's own screen of another chat", code("I", other), "OwnCode"),
        case("the last bit is another one", code("R", value[:-1] + bytes([value[-1] ^ 1])), "Mismatch"),
        case("version 2", right.replace(":1:", ":2:"), "NewerCode"),
        case("version 2 with anything behind", "SECRETCHAT:2:", "NewerCode"),
        case("version 9999", right.replace(":1:", ":9999:"), "NewerCode"),
        case("a version of five digits", right.replace(":1:", ":10000:"), "NoCode"),
        case("version 0", right.replace(":1:", ":0:"), "NoCode"),
        case("version 01", right.replace(":1:", ":01:"), "NoCode"),
        case("no version", "SECRETCHAT::R:" + value.hex(), "NoCode"),
        case("another role", code("X", value), "NoCode"),
        case("one byte less", right[:-2], "NoCode"),
        case("one digit less", right[:-1], "NoCode"),
        case("one byte more", right + "00", "NoCode"),
        case("a space behind", right + " ", "NoCode"),
        case("a space in front", " " + right, "NoCode"),
        case("no digit", right[:-1] + "G", "NoCode"),
        case("another name", right.replace("SECRETCHAT", "SECRETCHAP"), "NoCode"),
        case("nothing", "", "NoCode"),
        case("an address", "https://example.org/", "NoCode"),
    ]


def chains(given: dict) -> list[dict]:
    """Chains of several lengths."""
    made = [given]
    for blocks in (1, 2, 7, 64):
        key, iv, plain = (stream(f"ige {what} {blocks}", n) for what, n in (("key", 32), ("iv", 32), ("plain", 16 * blocks)))
        values = {"key": key, "iv": iv, "plain": plain, "cipher": ige(key, iv, plain)}
        made.append({"what": f"{blocks} blocks"} | {name: value.hex() for name, value in values.items()})
    return made


def main() -> None:
    self_check()
    made = mtproto()
    kdf = {
        "format": "kdf-1",
        "clause": "KDF-1 KDF-2 KDF-3",
        "comment": "Key and iv of a msg_key; msg_key and ciphertext of a plaintext, by direction x.",
        "cases": cases("derived", made["derived"]) + cases("message", made["messages"]),
    }
    ige_file = {
        "format": "ige-1",
        "clause": "IGE-1",
        "comment": "AES-256-IGE. IGE authenticates nothing: there is no invalid ciphertext.",
        "cases": cases("chain", chains(made["ige"])),
    }
    fingerprints = {
        "format": "fingerprints-1",
        "clause": "FP-1 FP-2 VER-1 MODP-5",
        "comment": "Names of chat keys and of keys of files. stripped_fingerprint is the wrong one of a key without its zeros.",
        "cases": cases("chat-key", made["chat_keys"]) + cases("file-key", made["files"]),
    }
    files = {"kdf.json": kdf, "ige.json": ige_file, "fingerprints.json": fingerprints}
    publish(__file__, __doc__, files | {"envelope.json": envelope(), "envelope-old.json": old_envelope(), "verification.json": pictures()})


if __name__ == "__main__":
    main()
