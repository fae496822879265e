#!/usr/bin/env python3
"""Frames and their fragments, computed from SPEC FRM-1, FRM-2, FRM-4, FRM-6 and FRAG-1 to FRAG-3.

    frame.py            writes frame.json and fragments.json
    frame.py --check    compares them with what this program computes

Standard library only.
"""

import hashlib
import struct

from vector_file import cases, publish

TAG = bytes(range(0x10, 0x20))
FILE = bytes(range(0x20, 0x30))
PROOF = bytes(range(0x40, 0x60))
SENT = 0x04030201
FINGERPRINT = bytes.fromhex("316d2635319c4705")
LARGEST = 2**64 - 1


def frame(kind: int, body: bytes, *, version: int = 1, length: int | None = None) -> bytes:
    return struct.pack("<BB16sI", version, kind, TAG, len(body) if length is None else length) + body


def option(value: bytes | None) -> bytes:
    return b"\0" if value is None else b"\1" + value


def request(public: bytes) -> bytes:
    return frame(1, public)


def accept(fingerprint: bytes, public: bytes) -> bytes:
    return frame(2, struct.pack("<8s", fingerprint) + public)


def ciphertext(transmit_id: int, file: bytes | None, sealed: bytes) -> bytes:
    return frame(3, struct.pack("<Q", transmit_id) + option(file) + sealed)


def discard(history: bool, sent: int | None, proof: bytes | None) -> bytes:
    return frame(4, struct.pack("<?", history) + option(None if proof is None else struct.pack("<I", sent) + proof))


def receipt(transmit_id: int, proof: bytes | None) -> bytes:
    """Only that of a Discard has room for a proof."""
    return frame(5, struct.pack("<Q", transmit_id) + (option(proof) if transmit_id == 2 else b""))


def file_part(file: bytes, offset: int, total: int, part: bytes) -> bytes:
    return frame(6, struct.pack("<16sQQ", file, offset, total) + part)


def file_request(file: bytes, missing: list[tuple[int, int]]) -> bytes:
    return frame(7, file + b"".join(struct.pack("<QQ", *ends) for ends in missing))


def file_cancel(file: bytes) -> bytes:
    return frame(8, file)


def pattern(length: int) -> bytes:
    return bytes(i % 251 for i in range(length))


def field(value: object) -> object:
    """Numbers become text: not every JSON reader has 64 bits."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (list, tuple)):
        return [field(part) for part in value]
    return value.hex() if isinstance(value, bytes) else str(value)


MAKE = {
    "Request": request,
    "Accept": accept,
    "Ciphertext": ciphertext,
    "Discard": discard,
    "Receipt": receipt,
    "FilePart": file_part,
    "FileRequest": file_request,
    "FileCancel": file_cancel,
}


def valid() -> list[dict]:
    given = [
        ("Request", {"public": bytes(range(32))}),
        ("Request", {"public": b""}),
        ("Accept", {"fingerprint": FINGERPRINT, "public": bytes(range(32, 64))}),
        ("Ciphertext", {"transmit_id": 1, "file": None, "sealed": bytes(range(56))}),
        ("Ciphertext", {"transmit_id": 0x0102030405060708, "file": FILE, "sealed": bytes(range(56))}),
        ("Ciphertext", {"transmit_id": LARGEST, "file": None, "sealed": b""}),
        ("Discard", {"history": False, "sent": None, "proof": None}),
        ("Discard", {"history": True, "sent": None, "proof": None}),
        ("Discard", {"history": False, "sent": SENT, "proof": PROOF}),
        ("Discard", {"history": True, "sent": 0, "proof": PROOF}),
        ("Discard", {"history": True, "sent": 2**32 - 1, "proof": PROOF}),
        ("Receipt", {"transmit_id": 0x0807060504030201, "proof": None}),
        ("Receipt", {"transmit_id": 1, "proof": None}),
        ("Receipt", {"transmit_id": 2, "proof": None}),
        ("Receipt", {"transmit_id": 2, "proof": PROOF}),
        ("FilePart", {"file": FILE, "offset": 0, "total": 16, "part": bytes(range(16))}),
        ("FilePart", {"file": FILE, "offset": 2**32, "total": 2**32 + 1, "part": b"\xff"}),
        ("FilePart", {"file": FILE, "offset": LARGEST - 3, "total": LARGEST, "part": b"end"}),
        ("FilePart", {"file": FILE, "offset": 0, "total": 2**32, "part": b""}),
        ("FileRequest", {"file": FILE, "missing": []}),
        ("FileRequest", {"file": FILE, "missing": [(0, LARGEST)]}),
        ("FileRequest", {"file": FILE, "missing": [(0, 1), (2, 65_608), (2**32, 2**40 + 1)]}),
        ("FileRequest", {"file": FILE, "missing": [(3 * n, 3 * n + 2) for n in range(64)]}),
        ("FileCancel", {"file": FILE}),
        # FRM-4: the lengths of the hybrid profile (HYB-1), and the longest that there may be.
        ("Request", {"public": pattern(1216)}),
        ("Accept", {"fingerprint": FINGERPRINT, "public": pattern(1120)}),
        ("Request", {"public": pattern(1280)}),
        ("Accept", {"fingerprint": FINGERPRINT, "public": pattern(1280)}),
    ]
    assert [len(MAKE[kind](**fields)) for kind, fields in given[-4:]] == [1238, 1150, 1302, 1310]
    shown = []
    for kind, fields in given:
        made = MAKE[kind](**fields)
        shown.append({"what": kind, "frame_kind": kind} | {name: field(value) for name, value in fields.items()} | {"frame": made.hex()})
    return shown


def invalid() -> list[dict]:
    public, sealed, part = 1280, 24 + (4 + 2**19 + 1024) // 16 * 16, 2**19
    header = struct.Struct("<BB16sI").size
    too_long = {1: public, 2: 8 + public, 3: 8 + 17 + sealed, 4: 38, 5: 41, 6: 32 + part, 7: 16 + 64 * 16, 8: 16}
    too_short = {2: 8, 3: 9, 4: 2, 5: 8, 6: 32, 7: 16, 8: 16}
    given = [
        ("version 0", frame(1, b"x", version=0), "UnknownVersion"),
        ("version 2", frame(1, b"x", version=2), "UnknownVersion"),
        ("version and nothing else", b"\2", "UnknownVersion"),
        ("kind 0", frame(0, b"x"), "UnknownKind"),
        ("kind 10", frame(10, b"x"), "UnknownKind"),
        ("a fragment", cut(request(pattern(100)), 50)[0], "Fragment"),
        ("the kind of a fragment and nothing else", b"\1\x09", "Fragment"),
        ("kind and nothing else", b"\1\xff", "UnknownKind"),
        *((f"kind {k}, length one too large", frame(k, b"", length=n + 1), "TooLong") for k, n in too_long.items()),
        *((f"kind {k}, largest length", frame(k, b"", length=2**32 - 1), "TooLong") for k in too_long),
        *((f"kind {k}, length one too small", frame(k, b"", length=n - 1), "Malformed") for k, n in too_short.items()),
        ("file flag 2", frame(3, bytes(8) + b"\2" + FILE), "Malformed"),
        ("file id cut", frame(3, bytes(8) + b"\1" + FILE[:15]), "Malformed"),
        ("history flag 2", frame(4, b"\2\0"), "Malformed"),
        ("proof flag 255", frame(4, b"\0\xff"), "Malformed"),
        ("proof announced, absent", frame(4, b"\0\1"), "Malformed"),
        ("proof cut", frame(4, b"\0\1" + bytes(4) + PROOF[:31]), "Malformed"),
        ("proof without a count", frame(4, b"\0\1" + PROOF), "Malformed"),
        ("proof not announced", frame(4, b"\0\0" + bytes(4) + PROOF), "Malformed"),
        ("receipt of a message with a proof", frame(5, struct.pack("<Q", 16) + b"\1" + PROOF), "Malformed"),
        ("receipt of a message with the flag of a proof", frame(5, struct.pack("<Q", 16) + b"\0"), "Malformed"),
        ("receipt of a Discard without the flag", frame(5, struct.pack("<Q", 2)), "Malformed"),
        ("receipt of a Discard, flag 2", frame(5, struct.pack("<Q", 2) + b"\2" + PROOF), "Malformed"),
        ("receipt of a Discard, proof cut", frame(5, struct.pack("<Q", 2) + b"\1" + PROOF[:31]), "Malformed"),
        ("receipt of a Discard, proof not announced", frame(5, struct.pack("<Q", 2) + b"\0" + PROOF), "Malformed"),
        ("part beyond the end", file_part(FILE, 1, 16, bytes(16)), "Malformed"),
        ("part behind the end", file_part(FILE, 16, 16, b"x"), "Malformed"),
        ("part of an empty file", file_part(FILE, 0, 0, b"x"), "Malformed"),
        ("offset overflows", file_part(FILE, LARGEST, LARGEST, b"x"), "Malformed"),
        ("question behind the start", file_part(FILE, 1, 16, b""), "Malformed"),
        ("question about an empty file", file_part(FILE, 0, 0, b""), "Malformed"),
        ("range cut", frame(7, FILE + struct.pack("<QQ", 0, 1)[:15]), "Malformed"),
        ("range and a half", frame(7, FILE + struct.pack("<QQQ", 0, 1, 2)), "Malformed"),
        ("empty range", file_request(FILE, [(5, 5)]), "Malformed"),
        ("range that ends before it begins", file_request(FILE, [(5, 4)]), "Malformed"),
        ("ranges that touch", file_request(FILE, [(0, 5), (5, 6)]), "Malformed"),
        ("ranges that overlap", file_request(FILE, [(0, 5), (4, 6)]), "Malformed"),
        ("ranges in descending order", file_request(FILE, [(4, 6), (0, 2)]), "Malformed"),
        ("offset overflows to 0", file_part(FILE, LARGEST - 1, 1, b"xy"), "Malformed"),
    ]
    assert header == 22
    return [{"what": what, "frame": made.hex(), "error": error} for what, made, error in given]


def fragment(frame_id: bytes, index: int, count: int, part: bytes) -> bytes:
    return struct.pack("<BB6sHH", 1, 9, frame_id, index, count) + part


def id_of(whole: bytes) -> bytes:
    return hashlib.sha256(whole).digest()[:6]


def cut(whole: bytes, mtu: int) -> list[bytes]:
    if len(whole) <= mtu:
        return [whole]
    parts = [whole[at : at + mtu - 12] for at in range(0, len(whole), mtu - 12)]
    return [fragment(id_of(whole), index, len(parts), part) for index, part in enumerate(parts)]


def with_other_end(datagram: bytes) -> bytes:
    return datagram[:-1] + bytes([datagram[-1] ^ 1])


def cut_cases() -> list[dict]:
    text = ciphertext(16, None, pattern(152))
    hybrid = request(pattern(1216))
    sizes = [(50, 5), (51, 5), (83, 3), (99, 3), (100, 3), (182, 2), (183, 1), (1500, 1)]
    given = [("a message", text, mtu, count) for mtu, count in sizes]
    given += [("a request of the hybrid profile", hybrid, mtu, count) for mtu, count in [(50, 33), (255, 6), (1237, 2), (1238, 1)]]
    given += [("a receipt", receipt(16, None), 50, 1), ("the end of a file", file_part(FILE, 7, 60, pattern(53)), 50, 3)]
    shown = []
    for what, whole, mtu, count in given:
        made = cut(whole, mtu)
        assert len(made) == count and all(len(datagram) <= mtu for datagram in made)
        shown.append({"what": what, "frame": whole.hex(), "mtu": mtu, "frame_id": id_of(whole).hex(), "datagrams": field(made)})
    refused = [
        ("49 bytes", text, 49, "SmallMtu"),
        ("no bytes", text, 0, "SmallMtu"),
        ("half a frame", text[:100], 50, "Truncated"),
        ("more than a frame", text + b"x", 50, "Malformed"),
        ("a fragment", cut(text, 100)[0], 50, "Fragment"),
    ]
    return shown + [{"what": what, "frame": whole.hex(), "mtu": mtu, "error": error} for what, whole, mtu, error in refused]


def joined_cases() -> list[dict]:
    """What comes out of datagrams in their order, and the places that are missing of each frame in the end, in the order of its
    first fragment."""
    one, two = ciphertext(16, None, pattern(152)), ciphertext(17, None, pattern(152))
    a, b = cut(one, 50), cut(two, 50)
    assert len(a) == len(b) == 5
    forged = with_other_end(a[2])
    inner = cut(one, 100)[0]
    nested = [fragment(id_of(inner), index, 2, part) for index, part in enumerate((inner[:60], inner[60:]))]
    given = [
        ("a whole frame", [one], [one], []),
        ("in order", a, [one], []),
        ("in the other order", a[::-1], [one], []),
        ("each twice", [part for part in a[:4] for _ in range(2)] + a[4:], [one], []),
        ("two frames at once", [part for pair in zip(a, b) for part in pair], [one, two], []),
        ("a whole frame between", a[:2] + [two] + a[2:], [two, one], []),
        ("a frame twice", a + a, [one, one], []),
        ("the gaps of one sending filled by the next", a[1::2] + a, [one], []),
        ("some are lost", [a[3], b[0], a[1]], [], [[0, 2, 4], [1, 2, 3, 4]]),
        ("another fragment behind the right one", a[:3] + [forged] + a[3:], [], [[2]]),
        ("another fragment before the right one", a[:2] + [forged] + a[2:] + [a[2]], [one], []),
        ("datagrams of another size", cut(one, 100)[:1] + a, [one], [[1, 2]]),
        ("datagrams of both sizes", cut(one, 100) + a[:1], [one], [[1, 2, 3, 4]]),
    ]
    refused = [
        ("a foreign fragment among those of a frame", a[:2] + [forged] + a[3:], "Mixed"),
        ("fragments of two frames under one id", a[:4] + [a[4][:12] + with_other_end(b[4])[12:]], "Mixed"),
        ("a fragment in fragments", nested, "Fragment"),
        ("no frame in fragments", [fragment(id_of(bytes(80)), index, 2, bytes(40)) for index in range(2)], "UnknownVersion"),
        ("half a header", [a[0][:11]], "Truncated"),
        ("no bytes", [fragment(bytes(6), 1, 2, b"")], "Truncated"),
        ("none of none", [fragment(bytes(6), 0, 0, bytes(40))], "Malformed"),
        ("one of one", [fragment(bytes(6), 0, 1, bytes(40))], "Malformed"),
        ("behind the last", [fragment(bytes(6), 2, 2, bytes(40))], "Malformed"),
        ("37 bytes before the last", [fragment(bytes(6), 0, 2, bytes(37))], "Malformed"),
        ("more than the longest frame has", [fragment(bytes(6), 0, 13_827, bytes(40))], "TooLong"),
        ("another version", [b"\2" + a[0][1:]], "UnknownVersion"),
    ]
    shown = [
        {"what": what, "datagrams": field(datagrams), "frames": field(frames), "missing": missing}
        for what, datagrams, frames, missing in given
    ]
    return shown + [{"what": what, "datagrams": field(datagrams), "error": error} for what, datagrams, error in refused]


def main() -> None:
    file = {
        "format": "frame-1",
        "clause": "FRM-1 FRM-2 FRM-4 FRM-6",
        "comment": "Frames of a stream; every frame that can be made is for the chat `tag`.",
        "tag": TAG.hex(),
        "cases": cases("frame", valid()) + cases("hostile", invalid()),
    }
    fragments = {
        "format": "fragments-1",
        "clause": "FRAG-1 FRAG-2 FRAG-3",
        "comment": "Datagrams of frames. Of invalid `joined` cases the last datagram is refused.",
        "cases": cases("cut", cut_cases()) + cases("joined", joined_cases()),
    }
    publish(__file__, __doc__, {"frame.json": file, "fragments.json": fragments})


if __name__ == "__main__":
    main()
