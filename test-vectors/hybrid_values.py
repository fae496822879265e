"""Public values of the hybrid profile that come in place of the right ones, for `hybrid.py` (SPEC HYB-2, HYB-3)."""

P = 2**255 - 19
Q = 3329


def numbers(ek: bytes) -> list[int]:
    """The 768 numbers of 12 bits of an encapsulation key."""
    whole = int.from_bytes(ek[:1152], "little")
    return [whole >> (12 * i) & 0xFFF for i in range(768)]


def with_number(ek: bytes, place: int, number: int) -> bytes:
    whole = int.from_bytes(ek[:1152], "little")
    whole += (number - numbers(ek)[place]) << (12 * place)
    return whole.to_bytes(1152, "little") + ek[1152:]


def flip(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "little") ^ 1 << bit).to_bytes(len(data), "little")


# Points of small order in the forms below 2^255 - 19 (curve25519 has them by definition of its cofactor 8).
SMALL = {
    "0": bytes(32),
    "1": (1).to_bytes(32, "little"),
    "2^255 - 20": (P - 1).to_bytes(32, "little"),
    "order 8": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    "order 8, the other": bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
}
NOT_CANONICAL = {
    "2^255 - 19": P.to_bytes(32, "little"),
    "2^255 - 19 + 9, the base point again": (P + 9).to_bytes(32, "little"),
    "2^255 - 1": (2**255 - 1).to_bytes(32, "little"),
}


def of_a_request(right: bytes, own: bytes, other: bytes) -> dict[str, bytes]:
    """Values in place of A or P. `own` is the X25519 value of the end that gets them, `other` the value of somebody else."""
    u, ek = right[:32], right[32:]
    high = with_number(ek, 5, Q)
    return {
        "the right value": right,
        "X25519 value 2": (2).to_bytes(32, "little") + ek,
        "X25519 value 2^255 - 21, the largest that is taken": (P - 2).to_bytes(32, "little") + ek,
        "number 0 of ek is 3,328, the largest that is taken": u + with_number(ek, 0, Q - 1),
        "number 767 of ek is 3,328": u + with_number(ek, 767, Q - 1),
        "all numbers of ek are 0": u + bytes(1152) + ek[1152:],
        "the seed at the end of ek is zeros": u + ek[:1152] + bytes(32),
        "the seed at the end of ek is ones": u + ek[:1152] + b"\xff" * 32,
        "ek of somebody else": u + other[32:],
        "X25519 value of somebody else": other[:32] + ek,
        "a request of somebody else": other,
        "no bytes": b"",
        "32 bytes, a value of the X25519 profile": u,
        "256 bytes, as in the Telegram profile": right[:256],
        "1,120 bytes, as in an answer": right[:1120],
        "1,184 bytes, ek alone": ek,
        "1,215 bytes": right[:-1],
        "1,217 bytes": right + b"\0",
        "ek first, as in TLS": ek + u,
        **{f"X25519 value {what}": value + ek for what, value in NOT_CANONICAL.items()},
        "X25519 value with its top bit set": flip(u, 255) + ek,
        "the own X25519 value": own + ek,
        **{f"number {place} of ek is 3,329": u + with_number(ek, place, Q) for place in (0, 1, 255, 256, 511, 512, 766, 767)},
        "number 300 of ek is 4,095": u + with_number(ek, 300, 4095),
        "number 600 of ek is one that is taken, plus 3,329": u + with_number(ek, 600, Q + 7),
        "all numbers of ek are 4,095": u + b"\xff" * 1152 + ek[1152:],
        **{f"X25519 value of small order: {what}": value + ek for what, value in SMALL.items()},
        "X25519 value that is not canonical, and a number of 3,329": flip(u, 255) + high,
        "the own X25519 value, and a number of 3,329": own + high,
        "X25519 value of small order, and a number of 3,329": bytes(32) + high,
    }


def of_an_answer(right: bytes, own: bytes, other: bytes, elsewhere: bytes) -> dict[str, bytes]:
    """Values in place of B or Q. `other` is an answer of somebody else to the same request, `elsewhere` to another one."""
    u, ct = right[:32], right[32:]
    return {
        "the right value": right,
        "no bytes": b"",
        "32 bytes, a value of the X25519 profile": u,
        "256 bytes, as in the Telegram profile": right[:256],
        "1,088 bytes, ct alone": ct,
        "1,119 bytes": right[:-1],
        "1,121 bytes": right + b"\0",
        "1,216 bytes, the own request": own,
        "ct first": ct + u,
        **{f"X25519 value {what}": value + ct for what, value in NOT_CANONICAL.items()},
        "X25519 value with its top bit set": flip(u, 255) + ct,
        "the own X25519 value": own[:32] + ct,
        **{f"X25519 value of small order: {what}": value + ct for what, value in SMALL.items()},
        "first bit of ct changed": u + flip(ct, 0),
        "a bit in the middle of ct changed": u + flip(ct, 4000),
        "last bit of its first part changed": u + flip(ct, 8 * 960 - 1),
        "first bit of its second part changed": u + flip(ct, 8 * 960),
        "last bit of ct changed": u + flip(ct, 8 * 1088 - 1),
        "ct of zeros": u + bytes(1088),
        "ct of ones": u + b"\xff" * 1088,
        "ct of another answer": u + other[32:],
        "X25519 value of another answer": other[:32] + ct,
        "another good answer to the same request": other,
        "ct of an answer to another request": u + elsewhere[32:],
        "the answer to another request": elsewhere,
    }


# What is tried in rekeys: each check of HYB-2 once, and other good values.
IN_REKEYS = {
    "the right value", "X25519 value of somebody else", "32 bytes, a value of the X25519 profile", "1,217 bytes", "1,121 bytes",
    "X25519 value 2^255 - 19", "the own X25519 value", "number 767 of ek is 3,329", "X25519 value of small order: order 8",
    "first bit of ct changed", "the answer to another request",
}  # fmt: skip
