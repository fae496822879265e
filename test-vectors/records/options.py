#!/usr/bin/env python3
"""Records of chats with options, by SPEC REC-9 alone, and such that no chat comes from.

    options.py            writes options.json
    options.py --check    compares it

The chats are those of records.py. Hidden messages and caps on notifications are in hidden.py.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import layout as rec
import records
from hostile import WORDS, Refused
from layout import drawn, i32, lp, name, u8, u32, u64
from vector_file import cases, publish

LABEL = b"vectors"
NAME = "Räder.jpg".encode()
KEPT = drawn("what is kept of the server's random", 32)
EXPORTER, NEXT = drawn("exporter", 32), drawn("exporter of what is next", 32)
BOUNDS, BYTES = i32(10) + i32(3600), u64(1 << 33)
READING = drawn("a start of the device", 16) + u64(86_400_001)
HANDSHAKE, CHECK = u8(1), u8(2)
KEYS, STATE, TOMBSTONE, RECEIVED, SENT = ("keys", 0), ("state", 0), ("tombstone", 0), ("timed", -5), ("timed", 104)


def option(number: int, value: bytes) -> bytes:
    return u8(number) + lp(value)


def field(number: int) -> str:
    return f"option {number}"


class WithOptions(records.Chat):
    """The same chat, whose records end with options: by record, then by number."""

    def __init__(self, chat: records.Chat, options: dict, expected: dict, host_data: bytes = b""):
        self.options = {
            of: {field(number): option(number, value) for number, value in values.items()} for of, values in options.items()
        }
        contents = {}
        for of, (_, fields) in chat.rows.items():
            at = WORDS[of[0]], int.from_bytes(of[1:], "big", signed=True)
            if at in (KEYS, TOMBSTONE):
                fields = fields | {"host data": lp(host_data)}
            if at != STATE:
                contents[at] = fields | self.options.get(at, {})
        if host_data:
            expected = expected | {"host_data": host_data.hex()}
        which = (f"{kind} {', '.join(map(str, values))}" for (kind, _), values in options.items())
        super().__init__(f"{chat.what}, options {'; '.join(which)}", contents, chat.head, chat.expected | expected)

    def state(self, head: dict | None = None, rows: dict | None = None) -> dict:
        return super().state(head, rows) | self.options.get(STATE, {})


def exported(exporter: bytes) -> str:
    """EXP-1: 32 bytes for a label and no context."""
    return rec.mac(exporter, b"secretchat/1 exported" + u32(32) + lp(LABEL) + lp(b"") + b"\1").hex()


def chats(profile: int, plain: dict[str, records.Chat]) -> list[WithOptions]:
    bound = rec.is_bound(profile)
    # MODP-7; EXP-2 and ENV-6.
    setup = {1: BOUNDS, 2: BYTES} | ({4: u8(1), 6: u8(1)} if bound else {3: KEPT})
    small = {6: u8(1)} if bound else {2: BYTES}
    current, following = ({128: EXPORTER}, {129: NEXT}) if bound else ({}, {})
    told = {"exported": exported(EXPORTER)} if bound else {}
    state = {1: CHECK if bound else HANDSHAKE, 2: READING, 3: u64(70_000)}
    verified, handshake = {"verified": "check" if bound else "handshake"}, {"verified": "handshake"}
    names = {RECEIVED: {1: lp(NAME)}, SENT: {1: lp(NAME[:1])}}
    return [
        WithOptions(plain["requested"], {KEYS: setup}, {}),
        WithOptions(plain["ready, nothing said"], {KEYS: setup | current, STATE: state}, told | verified),
        # The old key is kept, so no secret is given.
        WithOptions(plain["ready, idle"], {KEYS: small | current, STATE: {1: HANDSHAKE}} | names, handshake),
        WithOptions(plain["ready, accepted"], {KEYS: setup | current | following, STATE: {2: READING}}, {}),
        # The current one was forgotten, or the set-up has one option alone.
        WithOptions(plain["ready, answered"], {KEYS: {2: BYTES} | following, STATE: {3: u64(1)}}, {}, b"the host's own"),
        WithOptions(plain["closed, ByUs"], {TOMBSTONE: setup}, {}, b"the host's own"),
    ]


# What no option says, by record and number.
WRONG = {
    ("keys", 1): (
        ("the default", i32(1) + i32(31_536_000)),
        ("the longest before the shortest", i32(3600) + i32(10)),
        ("off as the shortest", i32(0) + i32(10)),
        ("view once as the longest", i32(10) + i32(0x7FFFFFFF)),
        ("the shortest alone", i32(10)),
    ),
    ("keys", 2): (("4 bytes", u32(9)),),
    ("keys", 3): (("31 bytes", KEPT[1:]),),
    ("keys", 4): (("no, the default", u8(0)), ("2", u8(2))),
    ("keys", 6): (("the sizes of ENV-2, the default", u8(0)), ("2", u8(2))),
    ("keys", 128): (("31 bytes", EXPORTER[1:]),),
    ("keys", 129): (("no byte", b""),),
    ("state", 1): (("nothing, the default", u8(0)), ("3", u8(3))),
    ("state", 2): (("a start alone", READING[:16]),),
    ("state", 3): (("0, the default", u64(0)), ("4 bytes", u32(9))),
    ("timed", 1): (("no name, the default", lp(b"")), ("a name without its length", NAME)),
}
WRONG |= {("tombstone", number): values for (kind, number), values in WRONG.items() if kind == "keys" and number < 128}


def refused(chat: WithOptions, seen: set) -> list[dict]:
    """Each option of each kind of record once, and what stands behind the last one."""
    made = Refused(chat)
    for at, options in chat.options.items():
        of, kind, last = name(*at), at[0], list(options)[-1]
        for said, right in options.items():
            number = right[0]
            if (kind, number) not in seen:
                for what, value in WRONG[kind, number]:
                    made.field(of, said, option(number, value), why=f"{said} is {what}")
                made.field(of, said, option(number, right[5:] + b"\0"), why=f"{said} has a byte too many")
                made.field(of, said, right + right, why=f"{said} stands twice")
                made.field(of, said, u8(0) + right[1:], why=f"{said} has the number 0")
            seen.add((kind, number))
        if kind not in seen:
            for number in (options[last][0] + 3, 255):
                unknown = options[last] + option(number, b"?")
                made.field(of, last, unknown, "NewerVersion", why=f"an unknown option, {number}, stands behind {last}")
            made.field(of, last, options[last] + u8(255) + u32(2) + b"?", why="an unknown option is cut")
            made.field(of, last, options[last][:-1], why=f"{last} is cut")
            if len(options) > 1:
                first, plain = list(options)[0], chat.rows[of][1]
                swapped = b"".join((plain | {first: options[last], last: options[first]}).values())
                made.add(f"in {kind}, {first} and {last} stand the other way round", "Damaged", made.says(of, swapped))
        seen.add(kind)
    return made.made


def without_root(profile: int, plain: dict[str, records.Chat]) -> list[dict]:
    """REC-9: exporters of roots that are not there."""
    made = []
    bound = (("requested", 128), ("ready, nothing said", 129), ("ready, asked", 129))
    unbound = (("ready, nothing said", 128), ("ready, accepted", 129))
    for phase, number in bound if rec.is_bound(profile) else unbound:
        chat = WithOptions(plain[phase], {KEYS: {number: EXPORTER}}, {})
        rows = [{"name": of.hex(), "sealed": sealed.hex()} for of, sealed in chat.sealed()]
        case = {"what": f"{chat.what}: of no root", "store_key": chat.store_key.hex(), "chat": chat.chat.hex()}
        made.append(case | {"remembered": None, "rows": rows, "error": "Damaged"})
    return made


def main() -> None:
    records.self_check()
    valid, invalid, seen = [], [], set()
    for profile, agreed in records.agreements().items():
        plain = records.of_profile(profile, agreed)
        made = chats(profile, plain)
        valid += [chat.case() for chat in made]
        invalid += [case for chat in made for case in refused(chat, seen)]
        invalid += without_root(profile, plain)
    file = {"format": "records-2", "uses": ("layout.py", "hostile.py", "records.py")}
    file |= {"clause": "REC-4 REC-9 VER-4 EXP-1 EXP-2 DES-8"}
    file |= {"comment": "Records of chats with options, and such that no chat comes from."}
    publish(__file__, __doc__, {"options.json": file | records.tabled(cases("chat", valid + invalid))})


if __name__ == "__main__":
    main()
