#!/usr/bin/env python3
"""Values of 2,048-bit Diffie-Hellman in the Telegram profile: groups, public values, keys.

    modp.py            writes modp.json
    modp.py --check    compares it with what this program computes

Needs the standard library only. Nothing is drawn at random: bases, exponents and the starts of searches come from
SHA-256. Takes about a minute.
"""

import hashlib
from math import isqrt

from vector_file import cases as numbered
from vector_file import publish

TOP = 2**2048
MARGIN = 2**1984

PRIME = int(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac92513"
    "9543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc4988"
    "0708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4"
    "b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f"
    "0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b",
    16,
)

# Found by a search over p1 = 3 modulo 8 in the residues that make n = p1 (313 (p1 - 1) + 1) (349 (p1 - 1) + 1) a
# Carmichael number and a strong pseudoprime to every prime base below 307 (Arnault's construction); for the first also
# 2 n + 1 is prime. `pseudoprimes` checks all this.
STRONG_HALF = int(
    "190deab92a1af8dfc0fff7afabef26b01d5a4a2fc7ff610b04387c55e59fe704990bf6d89d983c74b627aa36a55550ee3d8a"
    "4357f0c10c53dccd4671877d9086d1cde09d25ec382c05ff32eaf3a291aaa3cc5ffd9b",
    16,
)
STRONG_WHOLE = int(
    "1f910765f230a7988bd0d3f3e074ed6a725919c356f54995b58de5836b03656288f1d74416e4d7409f6dc139440048072ec7"
    "b77c60125a8ff5be42e4bea394298c61fc783d381afc9c2213d97b5010e206c9fc035b",
    16,
)


def stream(seed: str, length: int) -> bytes:
    blocks = (hashlib.sha256(seed.encode() + i.to_bytes(4, "little")).digest() for i in range(length // 32 + 1))
    return b"".join(blocks)[:length]


def exponent(label: str, i: int) -> int:
    """E(label, i)."""
    start = label.encode() + i.to_bytes(4, "little")
    return int.from_bytes(b"".join(hashlib.sha256(start + k.to_bytes(4, "little")).digest() for k in range(8)), "big")


# Primes


def primes_below(limit: int) -> list[int]:
    sieve = bytearray([1]) * limit
    sieve[:2] = b"\0\0"
    for i in range(2, isqrt(limit) + 1):
        if sieve[i]:
            sieve[i * i :: i] = bytes(len(range(i * i, limit, i)))
    return [i for i in range(limit) if sieve[i]]


SMALL = primes_below(20_000)


def passes(n: int, base: int) -> bool:
    """One round of Miller-Rabin."""
    s = (n - 1 & 1 - n).bit_length() - 1
    y = pow(base, n - 1 >> s, n)
    return y == 1 or any(pow(y, 2**r, n) == n - 1 for r in range(s))


def is_prime(n: int, rounds: int = 20) -> bool:
    if any(n % small == 0 for small in SMALL):
        return n in SMALL
    length = n.bit_length() // 8 + 9
    return all(passes(n, 2 + int.from_bytes(stream(f"base {i}", length), "big") % (n - 3)) for i in range(rounds))


def prime_from(seed: str, bits: int, residue: int, modulus: int, fits=lambda _: True) -> int:
    """The first prime n = residue modulo modulus from a start with its two top bits set."""
    n = int.from_bytes(stream(seed, bits // 8 + 1), "big") % 2**bits | 3 << bits - 2
    n += (residue - n) % modulus
    while not (is_prime(n) and fits(n)):
        n += modulus
    assert n.bit_length() == bits
    return n


def jacobi(a: int, n: int) -> int:
    sign, a = 1, a % n
    while a:
        while a % 2 == 0:
            a //= 2
            sign = -sign if n % 8 in (3, 5) else sign
        a, n = n, a
        sign = -sign if a % 4 == n % 4 == 3 else sign
        a %= n
    return sign if n == 1 else 0


def scaled_e(bits: int) -> int:
    """floor(2^bits e)."""
    guard, total, term, k = 64, 0, 1 << bits + 64, 1
    while term:
        total, term, k = total + term, term // k, k + 1
    return total >> guard


def scaled_pi(bits: int) -> int:
    """floor(2^bits pi), by Machin's formula."""

    def arctan(inverse: int) -> int:
        power, total, k, sign = (1 << bits + 64) // inverse, 0, 1, 1
        while power:
            total, power, k, sign = total + sign * (power // k), power // inverse**2, k + 2, -sign
        return total

    return 4 * (4 * arctan(5) - arctan(239)) >> 64


def known_groups() -> dict[str, int]:
    """RFC 7919 A.1, A.2, RFC 3526 3, RFC 2409 6.2."""
    groups = {
        "ffdhe2048": TOP - MARGIN + ((scaled_e(1918) + 560316) << 64) - 1,
        "ffdhe3072": 2**3072 - 2**3008 + ((scaled_e(2942) + 2625351) << 64) - 1,
        "modp1024": 2**1024 - 2**960 - 1 + ((scaled_pi(894) + 129093) << 64),
        "modp2048": TOP - MARGIN - 1 + ((scaled_pi(1918) + 124476) << 64),
    }
    for p in groups.values():
        assert is_prime(p) and is_prime(p // 2)
    # RFC 7919 gives this as the start and the end.
    text = f"{groups['ffdhe2048']:x}"
    assert text.startswith("ffffffffffffffffadf85458a2bb4a9a") and text.endswith("886b423861285c97ffffffffffffffff")
    return groups


def pseudoprimes() -> tuple[int, int]:
    found = []
    for p1 in (STRONG_HALF, STRONG_WHOLE):
        factors = [k * (p1 - 1) + 1 for k in (1, 313, 349)]
        n = factors[0] * factors[1] * factors[2]
        assert all(is_prime(factor) for factor in factors) and n % 8 == 3
        assert all((n - 1) % (factor - 1) == 0 for factor in factors)
        assert all(passes(n, base) for base in primes_below(307))
        assert not is_prime(n)
        found.append(n)
    half, whole = found
    assert is_prime(2 * half + 1) and (2 * half + 1).bit_length() == whole.bit_length() == 2048
    return 2 * half + 1, whole


# Cases


def groups(known: dict[str, int]) -> list[dict]:
    cases = []

    def add(what: str, g: int, p: bytes | int, published_only: str, allow_safe_prime: str | None = None) -> None:
        p = p.to_bytes(256, "big") if isinstance(p, int) else p
        allow_safe_prime = allow_safe_prime or published_only
        outcomes = {"published_only": published_only, "allow_safe_prime": allow_safe_prime}
        error = {} if allow_safe_prime == "ok" else {"error": allow_safe_prime}
        cases.append({"what": what, "g": g, "p": p.hex(), **outcomes} | error)

    for g in range(9):
        fits = 2 <= g <= 7 and pow(g, PRIME // 2, PRIME) == 1
        assert fits == (g in (3, 4, 7))
        add(f"the published prime, g = {g}", g, PRIME, "ok" if fits else "Generator")
    add("the published prime, g = 2^32 - 1", 2**32 - 1, PRIME, "Generator")
    add("the published prime, g = 2^8 + 3", 2**8 + 3, PRIME, "Generator")
    add("ffdhe2048", 2, known["ffdhe2048"], "PrimeUnknown", "ok")
    add("modp2048", 2, known["modp2048"], "PrimeUnknown", "ok")
    add("ffdhe2048, g = 8", 8, known["ffdhe2048"], "Generator")

    whole = PRIME.to_bytes(256, "big")
    add("no bytes", 4, b"", "PrimeSize")
    add("zero", 4, 0, "PrimeSize")
    add("one", 4, 1, "PrimeSize")
    add("the published prime without its last byte", 3, whole[:-1], "PrimeSize")
    add("the published prime with a leading zero", 3, b"\0" + whole, "PrimeSize")
    add("the published prime with a zero behind it", 3, whole + b"\0", "PrimeSize")
    add("modp1024", 2, known["modp1024"].to_bytes(128, "big"), "PrimeSize")
    add("modp1024 in 256 bytes", 2, known["modp1024"], "PrimeSize")
    add("ffdhe3072", 2, known["ffdhe3072"].to_bytes(384, "big"), "PrimeSize")
    half = known["ffdhe2048"] // 2
    assert half.bit_length() == 2047 and is_prime(half)
    add("a prime of 2,047 bits", 4, half, "PrimeSize")
    above = prime_from("2049 bits", 2049, 3, 4)
    add("a prime of 2,049 bits", 4, above.to_bytes(257, "big"), "PrimeSize")

    def refused(what: str, p: int) -> None:
        assert p.bit_length() == 2048 and not (is_prime(p) and is_prime(p // 2))
        add(what, 4, p, "PrimeUnknown", "NotSafePrime")

    add("even, the published prime less 1", 4, PRIME - 1, "NotSafePrime")
    refused("the published prime less 4", PRIME - 4)
    refused("the published prime plus 2", PRIME + 2)
    refused("2^2048 - 1", TOP - 1)
    one, other = prime_from("factor one", 1024, 1, 4), prime_from("factor other", 1024, 3, 4)
    refused("a product of two primes, 3 modulo 4", one * other)
    refused("a square of a prime", one * one)
    p = prime_from("half is composite", 2048, 11, 12, lambda p: not is_prime(p // 2))
    refused("a prime, half of it composite", p)
    p = prime_from("half is even", 2048, 5, 12)
    refused("a prime, half of it even", p)
    q = prime_from("whole is composite", 2047, 11, 12, lambda q: not is_prime(2 * q + 1))
    refused("half of it prime, itself composite", 2 * q + 1)
    q = prime_from("whole is a multiple of 3", 2047, 7, 12)
    refused("half of it prime, itself a multiple of 3", 2 * q + 1)
    strong_half, strong_whole = pseudoprimes()
    refused("a prime, half of it a strong pseudoprime to all prime bases below 307", strong_half)
    refused("a Carmichael number, a strong pseudoprime to all prime bases below 307", strong_whole)
    return cases


def generators() -> list[dict]:
    """The rule needs no prime: for n = 3 modulo 4 the Jacobi symbol follows it."""
    cases = []
    for i in range(64):
        n = int.from_bytes(stream(f"modulus {i}", 256), "big") | TOP >> 1 | 3
        cases.append({"what": f"modulus {i}", "p": f"{n:x}", "fit": [g for g in range(2, 8) if jacobi(g, n) == 1]})
    for g in (2, 3, 5, 6, 7):
        assert {g in case["fit"] for case in cases} == {False, True}
    return cases


def agreement(g: int, i: int, j: int) -> dict:
    a, b = exponent("a", i), exponent("b", j)
    public = pow(g, a, PRIME), pow(g, b, PRIME)
    key = pow(public[1], a, PRIME)
    assert key == pow(public[0], b, PRIME)
    assert all(MARGIN <= value <= PRIME - MARGIN and pow(value, PRIME // 2, PRIME) == 1 for value in public)
    names = ("a", "b", "g_a", "g_b", "key")
    numbers = [number.to_bytes(256, "big") for number in (a, b, *public, key)]
    return {
        "what": f'E("a",{i}) with E("b",{j})',
        "g": g,
        **{name: number.hex() for name, number in zip(names, numbers, strict=True)},
        "fingerprint": hashlib.sha1(numbers[-1]).digest()[-8:].hex(),
    }


def agreements() -> list[dict]:
    cases = [agreement(3, 0, 232), agreement(3, 0, 480), agreement(3, 0, 549), agreement(3, 174, 6)]
    # Published for these exponents: a difference stops here.
    assert cases[0]["key"].startswith("00f906eefc5b") and cases[0]["fingerprint"] == "316d2635319c4705"
    assert all(case["key"].startswith("00") for case in cases[:3])
    hashes = [hashlib.sha256(bytes.fromhex(cases[3][name])).hexdigest() for name in ("g_a", "g_b")]
    assert cases[3]["g_a"].startswith("0024235293b2") and cases[3]["g_b"].startswith("0051f952a1a3")
    assert hashes[0] == "8b32b9a3b1506a8e39f92d7f68aa500c279d96488b858e238ecb634a0b48f1f1"
    assert hashes[1] == "5afc5ecc801b8ab13cc92854be4d2a0fcea3b20f6f55f37f1fd58b3dedd43906"
    return cases + [agreement((3, 4, 7)[i % 3], 1000 + i, 2000 + i) for i in range(20)]


def powers() -> list[dict]:
    cases = []
    q = PRIME // 2
    exponents = {
        "0": 0,
        "1": 1,
        "2": 2,
        "the last whose public value is too small, 1,251": 1251,
        "1,252": 1252,
        "(p - 1)/2": q,
        "(p - 1)/2 + 1": q + 1,
        "p - 2": PRIME - 2,
        "p - 1": PRIME - 1,
        "p": PRIME,
        "2^2047": 2**2047,
        "2^2048 - 1": TOP - 1,
    }
    for what, number in exponents.items():
        public = pow(3, number, PRIME)
        shown = f"{public:0512x}" if MARGIN <= public <= PRIME - MARGIN else None
        error = {} if shown else {"error": "DrawnAgain"}
        cases.append({"what": what, "g": 3, "exponent": f"{number:0512x}", "public": shown} | error)
    assert cases[3]["public"] is None and cases[4]["public"] is not None
    return cases


def peer_values() -> list[dict]:
    a, b = exponent("a", 0), exponent("b", 0)
    g_a, g_b = pow(3, a, PRIME), pow(3, b, PRIME)
    cases = []

    def add(what: str, value: bytes | int, ok: bool | None = None) -> None:
        number = value if isinstance(value, int) else int.from_bytes(value, "big")
        value = value.to_bytes(256, "big") if isinstance(value, int) else value
        if ok is None:
            ok = MARGIN <= number <= PRIME - MARGIN and pow(number, PRIME // 2, PRIME) == 1
        key = f"{pow(number, a, PRIME):0512x}" if ok else None
        error = {} if ok else {"error": "BadPublicValue"}
        given = {"what": what, "g": 3, "exponent": f"{a:0512x}"}
        cases.append(given | {"value": value.hex(), "key": key} | error)

    add("0", 0, False)
    add("no bytes", b"", False)
    add("one byte, 0", b"\0", False)
    add("one byte, 1", b"\1", False)
    add("1", 1, False)
    add("2", 2, False)
    add("2^1984 - 1", MARGIN - 1, False)
    add("2^1984", MARGIN, True)
    add("2^1984 without leading zeros", MARGIN.to_bytes(249, "big"), True)
    add("p - 2^1984, in range but not in the subgroup", PRIME - MARGIN, False)
    add("p - 2^1984 + 1", PRIME - MARGIN + 1, False)
    add("p - 1", PRIME - 1, False)
    add("p", PRIME, False)
    add("p + 1", PRIME + 1, False)
    add("p + 2^1984, a second way to write 2^1984", PRIME + MARGIN, False)
    add("all ff", b"\xff" * 256, False)

    def near(start: int, step: int, residue: bool) -> int:
        while (pow(start, PRIME // 2, PRIME) == 1) is not residue:
            start += step
        return start

    # Each of these is refused, or not, for one reason only.
    add("the largest of the subgroup below 2^1984", near(MARGIN - 1, -1, True), False)
    add("the smallest of the subgroup above 2^1984", near(MARGIN + 1, 1, True), True)
    add("the smallest not of the subgroup above 2^1984", near(MARGIN + 1, 1, False), False)
    add("the largest of the subgroup below p - 2^1984", near(PRIME - MARGIN, -1, True), True)
    add("the smallest of the subgroup above p - 2^1984", near(PRIME - MARGIN + 1, 1, True), False)

    add("our own value", g_a, False)
    add("our own value with a leading zero", b"\0" + g_a.to_bytes(256, "big"), False)
    add("p less our own value", PRIME - g_a, False)
    whole = g_b.to_bytes(256, "big")
    add("an honest value", whole, True)
    add("p less an honest value", PRIME - g_b, False)
    add("an honest value with a leading zero", b"\0" + whole, True)
    add("an honest value with two leading zeros", b"\0\0" + whole, False)
    add("an honest value after a byte 1", b"\1" + whole, False)
    add("an honest value before a byte 0", whole + b"\0", False)
    add("257 bytes ff", b"\xff" * 257, False)
    add("257 zeros", bytes(257), False)
    short = pow(3, exponent("b", 6), PRIME).to_bytes(256, "big")
    assert short[0] == 0
    add("a value that begins with a zero", short, True)
    add("a value without its leading zero, 255 bytes", short[1:], True)
    add("a value that begins with a zero, one more zero", b"\0" + short, True)
    for i in range(12):
        add(f"a number like any other, {i}", int.from_bytes(stream(f"number {i}", 256), "big") >> 1)
    return cases


def main() -> None:
    known = known_groups()
    assert is_prime(PRIME) and is_prime(PRIME // 2)
    assert jacobi(2, 7) == jacobi(4, 9) == 1 and jacobi(3, 7) == jacobi(7, 15) == -1 and jacobi(6, 9) == 0
    file = {
        "format": "modp-1",
        "clause": "MODP-1 MODP-2 MODP-3 MODP-4 MODP-5 FP-1",
        "comment": "Key agreement of the Telegram profile: groups, generators, both ends, own exponents, the peer's values.",
        "cases": numbered("group", groups(known))
        + numbered("generator", generators())
        + numbered("agreement", agreements())
        + numbered("power", powers())
        + numbered("peer", peer_values()),
    }
    publish(__file__, __doc__, {"modp.json": file})


if __name__ == "__main__":
    main()
