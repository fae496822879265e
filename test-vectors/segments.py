#!/usr/bin/env python3
"""Media in segments, computed from SPEC SEG-1 to SEG-7 and SEG-12.

    segments.py            writes segments.json
    segments.py --check    compares it with what this program computes

Needs `pip install cryptography` for the AES block cipher; IGE and HKDF are written out here and checked against
primitives.json and the published 80-byte vector.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from vector_file import cases as numbered
from vector_file import publish, standard

SEGMENT, TAG, HEADER = 65536, 32, 40
MAGIC, VERSION, CODE, SMALL_CODE = b"scseg", 1, 16, 12


def u8(n: int) -> bytes:
    return n.to_bytes(1, "little")


def u32(n: int) -> bytes:
    return n.to_bytes(4, "little")


def u64(n: int) -> bytes:
    return n.to_bytes(8, "little")


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def expand(prk: bytes, info: bytes, length: int) -> bytes:
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = mac(prk, block + info + u8(i))
        out, i = out + block, i + 1
    return out[:length]


def ige_encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """SPEC IGE-1; blocks as numbers, which is quick."""
    assert len(plain) % 16 == 0
    aes = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    c, p, out = int.from_bytes(iv[:16]), int.from_bytes(iv[16:]), bytearray()
    for at in range(0, len(plain), 16):
        block = int.from_bytes(plain[at : at + 16])
        c, p = int.from_bytes(aes.update((block ^ c).to_bytes(16))) ^ p, block
        out += c.to_bytes(16)
    return bytes(out)


def check_primitives() -> None:
    published = "42e66e1a756cccf5b27acc47523ad074ee39bf54e3db37bbdf415df6b400fca9"
    cipher = ige_encrypt(bytes(range(32)), bytes(range(32, 64)), bytes(range(80)))
    assert cipher[:32].hex() == published
    for case in standard("rfc5869"):
        ikm, salt, info, okm = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info", "okm"))
        assert expand(mac(salt or bytes(32), ikm), info, len(okm)) == okm


def stream(label: str, length: int) -> bytes:
    """Bytes that look random and are the same in each run."""
    hashes = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(hashes)[:length]


def padme(length: int) -> int:
    """As published, algorithm 1 of the PURBs paper, by floating-point logarithms nowhere."""
    if length < 2:
        return length
    e = length.bit_length() - 1
    s = e.bit_length()
    mask = (1 << (e - s)) - 1
    return (length + mask) & ~mask


class File:
    def __init__(self, name: str, size: int, padded: bool = False, code: int = CODE) -> None:
        self.name, self.size, self.padded, self.code, self.segment = name, size, padded, code, 1 << code
        self.secret, self.salt = stream(f"{name} secret", 32), stream(f"{name} salt", 32)
        self.content = stream(f"{name} content", size)
        form = MAGIC + u8(VERSION) + u8(code) + u8(padded)
        self.header = form + self.salt
        prk = mac(self.salt, self.secret)
        self.commitment = expand(prk, b"secretchat/1 file commitment" + form + u64(size), 32)
        self.tag_key = expand(prk, b"secretchat/1 segment tag" + form + u64(size), 32)
        self.key_and_iv = lambda i: expand(prk, b"secretchat/1 segment key" + form + u64(size) + u64(i), 64)
        self.padded_len = -(-(padme(size) if padded else size) // 16) * 16
        self.count = -(-self.padded_len // self.segment)

    def seal(self, i: int, **lie: int | bytes) -> bytes:
        """One segment; `lie` is what a sender who breaks the rules would seal."""
        content = self.content[self.segment * i : self.segment * (i + 1)]
        length = min(self.segment, self.padded_len - self.segment * i)
        padding = lie.get("padding", bytes(length - len(content)))
        key_and_iv = self.key_and_iv(lie.get("index", i))
        cipher = ige_encrypt(key_and_iv[:32], key_and_iv[32:], content + padding)
        last = lie.get("last", int(i == (self.size - 1) // self.segment))
        end = u64(lie.get("index", i)) + u8(last) + u32(lie.get("content_len", len(content)))
        return cipher + mac(self.tag_key, cipher + end)

    def stored(self) -> bytes:
        return self.header + b"".join(self.seal(i) for i in range(self.count))

    def message(self) -> dict:
        return {"secret": self.secret.hex(), "commitment": self.commitment.hex(), "size": self.size}

    def case(self) -> dict:
        stored = self.stored()
        assert len(stored) == HEADER + self.padded_len + TAG * self.count
        ends, at = [], HEADER
        for i in range(self.count):
            at += min(self.segment, self.padded_len - self.segment * i) + TAG
            ends.append(at)
        shown = sorted({0, 1, (self.size - 1) // self.segment, self.count - 1} & set(range(self.count)))
        case = {"what": f"{self.size} bytes", "name": self.name} | self.message()
        case |= {"segment_code": self.code} if self.code != CODE else {}
        case |= {"salt": self.salt.hex(), "padding": int(self.padded), "header": self.header.hex()}
        case |= {"tag_key": self.tag_key.hex(), "count": self.count, "segments": []}
        for i in shown:
            key_and_iv = self.key_and_iv(i)
            segment = {"index": i, "key": key_and_iv[:32].hex(), "iv": key_and_iv[32:].hex()}
            segment |= {"end": ends[i], "tag": stored[ends[i] - TAG : ends[i]].hex()}
            case["segments"].append(segment)
        case |= {"stored_len": len(stored), "stored_sha256": hashlib.sha256(stored).hexdigest()}
        if len(stored) <= 200:
            case["stored"] = stored.hex()
        return case


SIZES = (1, 15, 16, 17, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT + 5)
# Segments of padding alone exist from 4 MiB on. In the last file the content fills its last segment.
PADDED_SIZES = (1, 17, 5000, 100_000, (1 << 22) + 1, (1 << 22) + SEGMENT)
SMALL_SIZES = (1, 4095, 4096, 4097, 3 * 4096 + 5, SEGMENT + 1)


def files() -> list[File]:
    plain = [File(f"segments {size}", size) for size in SIZES]
    padded = [File(f"padded segments {size}", size, padded=True) for size in PADDED_SIZES]
    small = [File(f"small segments {size}", size, code=SMALL_CODE) for size in SMALL_SIZES]
    small += [File(f"padded small segments {size}", size, padded=True, code=SMALL_CODE) for size in (5000, (1 << 18) + 1)]
    return plain + padded + small


BASE, OTHER = File(f"segments {SIZES[-1]}", SIZES[-1]), File("another file", SIZES[-1])
SMALL = File(f"segments {SIZES[3]}", SIZES[3])
# 66 segments, the last of padding alone.
PADDED = File(f"padded segments {PADDED_SIZES[4]}", PADDED_SIZES[4], padded=True)
# Four segments of 4 KiB.
SHORT = File(f"small segments {SMALL_SIZES[4]}", SMALL_SIZES[4], code=SMALL_CODE)
STRIDE = SEGMENT + TAG
WHOLE = [0, HEADER + 3 * STRIDE + 48]


def at(i: int) -> int:
    return HEADER + STRIDE * i


def segment(i: int) -> list[int]:
    return [at(i), at(i + 1) if i < 3 else WHOLE[1]]


def hostile() -> list[dict]:
    cases = []
    stored = {file.name: file.stored() for file in (BASE, OTHER, PADDED, SHORT)}

    def add(
        what: str, error: str, released: int, *pieces: list, of: File = BASE, flip: tuple[int, int] | None = None, **message
    ) -> None:
        """`pieces`: [file, from, to] one behind the other; then one byte is changed by XOR."""
        pieces = [piece if len(piece) == 3 else [of.name, *piece] for piece in pieces]
        data = bytearray(b"".join(stored[name][a:b] for name, a, b in pieces))
        case = {"what": what, "file": of.name, "pieces": pieces}
        if flip:
            data[flip[0]] ^= flip[1]
            case["flip"] = flip
        assert message or data != stored[of.name]
        case |= of.message() | message
        case |= {"error": error, "released": released}
        case |= {"released_sha256": hashlib.sha256(of.content[:released]).hexdigest()}
        case |= {"stored_sha256": hashlib.sha256(data).hexdigest()}
        cases.append(case)

    head, segments = [0, HEADER], [segment(i) for i in range(4)]
    for offset, mask, error in ((0, 1, "Header"), (5, 3, "Header"), (6, 31, "Header"), (7, 1, "NotThisFile"),
                                (7, 2, "Header"), (8, 1, "NotThisFile"), (39, 128, "NotThisFile")):  # fmt: skip
        add(f"byte {offset} of the header changed", error, 0, WHOLE, flip=(offset, mask))
    for name in ("secret", "commitment"):
        changed = bytes.fromhex(BASE.message()[name])
        changed = changed[:31] + u8(changed[31] ^ 1)
        add(f"the {name} of the message changed", "NotThisFile", 0, WHOLE, **{name: changed.hex()})
    for size in (BASE.size - 1, BASE.size + 1, 3 * SEGMENT, 5):
        add(f"size {size} in the message", "NotThisFile", 0, WHOLE, size=size)
    add("another file", "NotThisFile", 0, [OTHER.name, *WHOLE])
    add("the segments of another file", "NotAuthentic", 0, head, [OTHER.name, HEADER, WHOLE[1]])
    add("one segment of another file", "NotAuthentic", SEGMENT, head, segments[0], [OTHER.name, *segments[1]], *segments[2:])
    for i, offset in ((0, 0), (0, SEGMENT - 1), (0, SEGMENT), (1, SEGMENT + 31), (2, 777), (3, 0), (3, 15), (3, 16), (3, 47)):
        add(f"byte {offset} of segment {i} changed", "NotAuthentic", SEGMENT * i, WHOLE, flip=(at(i) + offset, 1))
    add("segments 0 and 1 swapped", "NotAuthentic", 0, head, *(segments[i] for i in (1, 0, 2, 3)))
    add("segments 1 and 2 swapped", "NotAuthentic", SEGMENT, head, *(segments[i] for i in (0, 2, 1, 3)))
    add("segment 1 twice", "NotAuthentic", 2 * SEGMENT, head, *(segments[i] for i in (0, 1, 1, 2, 3)))
    add("segment 1 in the place of 2", "NotAuthentic", 2 * SEGMENT, head, *(segments[i] for i in (0, 1, 1, 3)))
    add("segment 1 missing", "NotAuthentic", SEGMENT, head, *(segments[i] for i in (0, 2, 3)))
    add("segment 2 missing", "Truncated", 2 * SEGMENT, head, *(segments[i] for i in (0, 1, 3)))
    add("the last segment missing", "Truncated", 3 * SEGMENT, head, *segments[:3])
    for end, released in ((0, 0), (39, 0), (40, 0), (41, 0), (at(1) - 1, 0), (at(1), 1), (at(2) + 1000, 2),
                          (WHOLE[1] - 48, 3), (WHOLE[1] - 33, 3), (WHOLE[1] - 32, 3), (WHOLE[1] - 1, 3)):  # fmt: skip
        add(f"cut to {end} bytes", "Truncated", released * SEGMENT, [0, end])
    for what, behind in (("a byte", [0, 1]), ("a block", [at(3), at(3) + 16]), ("the last segment", segments[3]),
                         ("the first segment", segments[0]), ("the file", WHOLE)):  # fmt: skip
        add(f"{what} again behind the end", "TooLong", BASE.size, WHOLE, behind)

    before, end, alone = [0, at(64)], [at(64), at(65)], [at(65), at(66)]
    assert PADDED.count == 66 and PADDED.size == 64 * SEGMENT + 1
    for what, error, released, *pieces in (
        ("missing", "Truncated", PADDED.size, before, end),
        ("cut by a byte", "Truncated", PADDED.size, before, end, [alone[0], alone[1] - 1]),
        ("twice", "TooLong", PADDED.size, before, end, alone, alone),
        ("in the place of the end of the content", "NotAuthentic", 64 * SEGMENT, before, alone),
        ("before the end of the content", "NotAuthentic", 64 * SEGMENT, before, alone, end),
    ):
        add(f"a segment of padding alone {what}", error, released, *pieces, of=PADDED)
    add("a byte of padding alone changed", "NotAuthentic", PADDED.size, before, end, alone, of=PADDED, flip=(at(65), 1))

    # The code is part of the form: a file in long segments is none in short ones, and the other way round.
    add("the segment code changed to 12", "NotThisFile", 0, WHOLE, flip=(6, 28))
    short = [HEADER + (SHORT.segment + TAG) * i for i in range(4)] + [len(stored[SHORT.name])]
    whole, pieces = [0, short[4]], [[short[i], short[i + 1]] for i in range(4)]
    for mask, error in ((28, "NotThisFile"), (1, "Header"), (12, "Header")):
        add(f"short segments, byte 6 of the header changed by {mask}", error, 0, whole, of=SHORT, flip=(6, mask))
    add("short segments, byte 5 of segment 2 changed", "NotAuthentic", 2 * SHORT.segment, whole, of=SHORT, flip=(short[2] + 5, 1))
    add("short segments 1 and 2 swapped", "NotAuthentic", SHORT.segment, head, *(pieces[i] for i in (0, 2, 1, 3)), of=SHORT)
    add("the last short segment missing", "Truncated", 3 * SHORT.segment, head, *pieces[:3], of=SHORT)
    add("a byte behind short segments", "TooLong", SHORT.size, whole, [0, 1], of=SHORT)
    return cases


def sealed_wrong() -> list[dict]:
    """By a sender who knows the secret and breaks the rules in the last segment; `kept` bytes of the file stay before it."""
    cases = []
    for file in (SMALL, BASE):
        last = file.count - 1
        length = file.size - SEGMENT * last
        lies = (
            ("the last flag missing", "NotAuthentic", {"last": 0}),
            ("a last flag of 2", "NotAuthentic", {"last": 2}),
            ("the number of another segment", "NotAuthentic", {"index": last ^ 1}),
            (f"a content length of {length - 1}", "NotAuthentic", {"content_len": length - 1}),
            (f"a content length of {length + 1}", "NotAuthentic", {"content_len": length + 1}),
            ("padding that is not zero", "Padding", {"padding": bytes(file.padded_len - file.size - 1) + b"\1"}),
        )
        for what, error, lie in lies:
            case = {"what": f"{what}, segment {last}", "file": file.name} | file.message()
            case |= {"kept": at(last), "stored": file.seal(last, **lie).hex()}
            cases.append(case | {"error": error, "released": SEGMENT * last})
    return cases


def main() -> None:
    check_primitives()
    lengths = sorted({2**e + d for e in range(0, 41, 4) for d in (-1, 0, 1)} | {9, 100, 1000, 99_999, 5_000_000})
    lengths = [length for length in lengths if 1 <= length <= 1 << 40]
    file = {
        "format": "segments-1",
        "clause": "SEG-1 SEG-2 SEG-3 SEG-4 SEG-5 SEG-6 SEG-7 SEG-12",
        "comment": "Files in segments. Content is SHA-256(name + ' content ' + i) for i = 0, 1, ... one behind the other.",
        "cases": numbered("padme", [{"length": length, "padded": padme(length)} for length in lengths])
        + numbered("file", [file.case() for file in files()])
        + numbered("other", [OTHER.case()])
        + numbered("hostile", hostile())
        + numbered("sealed-wrong", sealed_wrong()),
    }
    publish(__file__, __doc__, {"segments.json": file})


if __name__ == "__main__":
    main()
