#!/usr/bin/env python3
"""Records of chats with hidden messages and a cap on notifications, by SPEC REC-9, DES-14 and RIGHT-7 alone, and such that
no chat comes from.

    hidden.py            writes hidden.json
    hidden.py --check    compares it

The chats are those of records.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import layout as rec
import records
from hostile import WORDS, Refused
from layout import i32, i64, lp, name, u8, u32
from vector_file import cases, publish

MAX = 16_384
HIDDEN = 27


def option(number: int, value: bytes) -> bytes:
    """REC-9."""
    return u8(number) + lp(value)


def tl_string(text: bytes) -> bytes:
    """TL-1: one byte of length, or 254 and three."""
    head = u8(len(text)) if len(text) < 254 else u8(254) + len(text).to_bytes(3, "little")
    return head + text + bytes(-(len(head) + len(text)) % 4)


def message(random_id: int, text: bytes) -> bytes:
    """decryptedMessage#91cc4674 of a text with bit 27 and a timer of 5 s."""
    return u32(0x91CC4674, 1 << HIDDEN) + i64(random_id) + i32(5) + tl_string(text)


def with_hidden(chat: records.Chat, body: bytes, cap: int) -> records.Chat:
    """The same chat: its message of the peer with a timer is hidden, and the host caps what notifications show."""
    contents = {}
    for of, (_, fields) in chat.rows.items():
        kind, number = WORDS[of[0]], int.from_bytes(of[1:], "big", signed=True)
        if kind == "state":
            continue
        if kind == "keys":
            fields = fields | {"host data": lp(b""), "cap": option(5, u8(cap))}
        if (kind, number) == ("timed", -5):
            fields = fields | {"kind": u8(3), "hidden": option(2, lp(body))}
        contents[kind, number] = fields
    what = f"{chat.what}, a hidden message of {len(body)} bytes, notifications of {('nothing', 'the sender')[cap]}"
    return records.Chat(what, contents, chat.head, chat.expected)


def refused(chat: records.Chat, body: bytes) -> list[dict]:
    made = Refused(chat)
    timed, keys = name("timed", -5), name("keys")
    for what, value in (
        ("an empty message is hidden", option(2, lp(b""))),
        ("a hidden message has an id of 0", option(2, lp(message(0, b"look")))),
        ("a hidden message is cut", option(2, lp(body[:-4]))),
        ("a hidden message has words behind it", option(2, lp(body + bytes(4)))),
        (f"a hidden message has {MAX + 4} bytes", option(2, lp(message(-5, b"a" * (MAX - 20))))),
        ("an action is hidden", option(2, lp(u32(0x73164160) + i64(-5) + u32(0xA82FDD63)))),
        ("a hidden message is no bytes", option(2, body)),
        ("a hidden message stands twice", option(2, lp(body)) * 2),
        ("the name of a file stands behind a hidden message", option(2, lp(body)) + option(1, lp(b"file"))),
    ):
        made.field(timed, "hidden", value, why=what)
    made.field(timed, "kind", u8(4), why="a message is of kind 4")
    for what, value in (
        ("notifications show all, the default", option(5, u8(2))),
        ("notifications show more than all", option(5, u8(3))),
        ("a cap has two bytes", option(5, u8(1, 0))),
        ("a cap has no byte", option(5, b"")),
    ):
        made.field(keys, "cap", value, why=what)
    return made.made


def main() -> None:
    records.self_check()
    valid, invalid = [], []
    agreed = records.agreements()
    for profile in (rec.X25519, rec.HYBRID):
        ready = records.of_profile(profile, agreed[profile])["ready, idle"]
        for body, cap in ((message(-5, b"look"), 0), (message(-5, b"a" * (MAX - 24)), 1)):
            valid.append(with_hidden(ready, body, cap).case())
        body = message(-5, b"look")
        invalid += refused(with_hidden(ready, body, 0), body)
    assert len(message(-5, b"a" * (MAX - 24))) == MAX
    file = {"format": "records-2", "uses": ("layout.py", "hostile.py", "records.py"), "clause": "REC-4 REC-9 DES-14 RIGHT-7"}
    file |= {"comment": "Records of chats with hidden messages, and such that no chat comes from."}
    publish(__file__, __doc__, {"hidden.json": file | records.tabled(cases("chat", valid + invalid))})


if __name__ == "__main__":
    main()
