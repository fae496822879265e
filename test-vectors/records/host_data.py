#!/usr/bin/env python3
"""Records of chats in which the host keeps data, by SPEC REC-4 and LIM-7 alone, and such that no chat comes from.

    host_data.py            writes host_data.json
    host_data.py --check    compares it

The chats are those of records.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import layout as rec
import records
from hostile import WORDS, Refused
from layout import drawn, lp, u32
from vector_file import cases, publish

MAX = 4096
PHASES = ("requested", "ready, idle", "closed, ByUs")


def with_host_data(chat: records.Chat, data: bytes) -> records.Chat:
    """The same chat; the data stands behind everything else in its keys, or in what is left of it."""
    contents = {}
    for of, (_, fields) in chat.rows.items():
        kind, number = WORDS[of[0]], int.from_bytes(of[1:], "big", signed=True)
        if kind != "state":
            contents[kind, number] = fields | ({"host data": lp(data)} if kind in ("keys", "tombstone") else {})
    what = f"{chat.what}, {len(data)} bytes of the host"
    return records.Chat(what, contents, chat.head, chat.expected | {"host_data": data.hex()})


def refused(chat: records.Chat) -> list[dict]:
    made = Refused(chat)
    of = next(of for of in chat.rows if WORDS[of[0]] in ("keys", "tombstone"))
    data = chat.rows[of][1]["host data"]
    for what, value in (
        ("the host's data is empty", lp(b"")),
        (f"the host's data has {MAX + 1} bytes", lp(drawn("too long", MAX + 1))),
        ("the host's data says one byte more", u32(len(data) - 3) + data[4:]),
        ("the host's data says 4 GiB", u32(0xFFFFFFFF) + data[4:]),
        ("a byte behind the host's data", data + b"\0"),
        ("the host's data twice", data + data),
    ):
        made.field(of, "host data", value, why=what)
    return made.made


def main() -> None:
    records.self_check()
    valid, invalid, later = [], [], []
    agreed = records.agreements()
    for profile in (rec.X25519, rec.TELEGRAM, rec.HYBRID):
        chats = records.of_profile(profile, agreed[profile])
        for phase, length in zip(PHASES, (1, 33, MAX)):
            chat = with_host_data(chats[phase], drawn(f"host data {length}", length))
            if profile == rec.HYBRID:
                # The tail of its records is the X25519 profile's. It came later, and so it stands behind.
                later.append(chat.case())
                continue
            valid.append(chat.case())
            invalid += refused(chat)
    file = {"format": "records-2", "uses": ("layout.py", "hostile.py", "records.py"), "clause": "REC-4 LIM-7"}
    file |= {"comment": "Records of chats in which the host keeps data, and such that no chat comes from."}
    publish(__file__, __doc__, {"host_data.json": file | records.tabled(cases("chat", valid + invalid + later))})


if __name__ == "__main__":
    main()
