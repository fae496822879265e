#!/usr/bin/env python3
"""Secrets of the host's own and masks of exponents, computed from SPEC EXP-1 and MODP-7.

    exporter.py            writes exporter.json and server-random.json
    exporter.py --check    compares them with what this program computes

HKDF is written out here over Python's `hmac`, and checked against primitives.json first.
"""

import hashlib
import hmac

from vector_file import cases, publish, standard

P = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37"
    "20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4"
    "a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)


def extract(salt: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt, ikm, "sha256")


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out = block = b""
    for n in range(1, -(-length // 32) + 1):
        block = hmac.digest(prk, block + info + bytes([n]), "sha256")
        out += block
    return out[:length]


def u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


def lp(data: bytes) -> bytes:
    return u32(len(data)) + data


def of(name: str, length: int) -> bytes:
    return b"".join(hashlib.sha256(f"{name} {n}".encode()).digest() for n in range(-(-length // 32)))[:length]


def exported(root: bytes, label: bytes, context: bytes, length: int) -> dict:
    exporter = expand(root, b"secretchat/1 exporter", 32)
    info = b"secretchat/1 exported" + u32(length) + lp(label) + lp(context)
    case = {"root": root.hex(), "exporter": exporter.hex(), "label": label.hex(), "context": context.hex(), "length": length}
    return case | {"secret": expand(exporter, info, length).hex()}


def exporters() -> list[dict]:
    one, other = of("root one", 32), of("root two", 32)
    made = [exported(one, b"example.org voice", b"call 1", 32), exported(other, b"example.org voice", b"call 1", 32)]
    made += [exported(one, b"example.org voice", b"call 2", 32), exported(one, b"example.org", b" voicecall 1", 32)]
    made += [exported(one, b"v", b"", 64), exported(one, bytes(range(255)), of("context", 1000), 1)]
    made += [exported(other, b"long", b"", 8160)]
    assert len({case["secret"] for case in made}) == len(made)
    short = dict(exported(one, b"v", b"", 64))
    return made + [
        {name: value for name, value in short.items() if name != "secret"} | change | {"error": "ExportLength"}
        for change in ({"label": ""}, {"label": bytes(256).hex()}, {"length": 0}, {"length": 8161})
    ]


def masked(random: bytes, exchange_id: int, draw: bytes) -> dict:
    label = b"secretchat/1 server random"
    kept = extract(label, random)
    mask = expand(kept, label + exchange_id.to_bytes(8, "little", signed=True), 256)
    exponent = bytes(a ^ b for a, b in zip(draw, mask, strict=True))
    public = pow(3, int.from_bytes(exponent, "big"), P).to_bytes(256, "big")
    assert 1 << 1984 <= int.from_bytes(public, "big") <= P - (1 << 1984)
    case = {"random": random.hex(), "kept": kept.hex(), "exchange_id": str(exchange_id), "mask": mask.hex()}
    return case | {"draw": draw.hex(), "exponent": exponent.hex(), "public": public.hex()}


def main() -> None:
    for case in standard("rfc5869"):
        prk = extract(bytes.fromhex(case["salt"]), bytes.fromhex(case["ikm"]))
        assert expand(prk, bytes.fromhex(case["info"]), len(case["okm"]) // 2).hex() == case["okm"]
    masks = [
        masked(of("random", length), exchange_id, of(f"draw {length}", 256))
        for length, exchange_id in ((256, 0), (256, 77), (256, -(1 << 63)), (1, 0), (1000, 1))
    ]
    publish(
        __file__,
        __doc__,
        {
            "exporter.json": {
                "format": "exporter-1",
                "clause": "EXP-1",
                "comment": "Secrets of the host's own, from a root.",
                "cases": cases("exported", exporters()),
            },
            "server-random.json": {
                "format": "server-random-1",
                "clause": "MODP-7",
                "comment": "The server's randomness mixed into an exponent; g is 3 and p the published prime.",
                "cases": cases("exponent", masks),
            },
        },
    )


if __name__ == "__main__":
    main()
