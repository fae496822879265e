"""Records that must be refused: one thing is wrong in each case, all else is as SPEC REC-1 to REC-5 have it."""

import itertools

import layout as rec
from layout import KINDS, Keys, drawn, i32, lp, name, u8, u32, u64

WORDS = {number: kind for kind, number in KINDS.items()}
SINGLE = {KINDS[kind] for kind in ("keys", "state", "tombstone")}
MAX = 0xFFFFFFFF


def word(of: bytes) -> str:
    number = int.from_bytes(of[1:], "big", signed=True)
    return WORDS[of[0]] if of[0] in SINGLE else f"{WORDS[of[0]]} {number}"


class Refused:
    """Collects cases made from one chat."""

    def __init__(self, chat):
        self.chat, self.made = chat, []

    def add(self, what: str, error: str, rows: list[tuple[bytes, bytes]], **changed: object) -> None:
        case = {
            "what": f"{self.chat.what}: {what}",
            "store_key": self.chat.store_key.hex(),
            "chat": self.chat.chat.hex(),
        }
        case |= {"remembered": None} | changed
        case["rows"] = [{"name": of.hex(), "sealed": sealed.hex()} for of, sealed in rows]
        self.made.append(case | {"error": error})

    def replaced(self, of: bytes, sealed: bytes) -> list[tuple[bytes, bytes]]:
        return [(name, sealed if name == of else row) for name, row in self.chat.sealed()]

    def plain(self, of: bytes) -> bytes:
        return b"".join(self.chat.rows[of][1].values())

    def says(self, of: bytes, plain: bytes, version: int = rec.VERSION) -> list[tuple[bytes, bytes]]:
        """The same generation, and digests that hold."""
        chat, state = self.chat, name("state")
        sealed = self.replaced(of, chat.keys.seal(of, chat.rows[of][0], plain, version))
        if of == state or state not in chat.rows:
            return sealed
        fields = dict(chat.rows[state][1])
        for kind in rec.COUNTED:
            members = (rec.member(*row) for row in sealed if row[0][0] == KINDS[kind])
            fields |= {f"set of {kind}": chat.keys.digest(members)}
        head = chat.keys.seal(state, chat.newest, b"".join(fields.values()))
        return [(at, head if at == state else row) for at, row in sealed]

    def field(self, of: bytes, what: str, value: bytes, error: str = "Damaged", why: str = "") -> None:
        fields = self.chat.rows[of][1]
        assert what in fields and fields[what] != value, (what, value)
        plain = b"".join((fields | {what: value}).values())
        shown = why or f"{what} is {value.hex() or 'not there'}"
        self.add(f"in {word(of)}, {shown}", error, self.says(of, plain))

    def belonging(self, what: str, rows: dict, head: dict | None = None) -> None:
        """Rows whose digests are right, but not whose numbers."""
        chat = self.chat
        rows = {of: row for of, row in rows.items() if of != name("state")}
        rows[name("state")] = (chat.newest, chat.state(head, rows))
        sealed = [
            (of, chat.keys.seal(of, generation, b"".join(fields.values()))) for of, (generation, fields) in rows.items()
        ]
        self.add(what, "Mismatch", sealed)


def rows(refused: Refused) -> None:
    """Each row removed, doubled, damaged, of another chat, time, version or key."""
    chat = refused.chat
    sealed = chat.sealed()
    foreign = Keys(drawn(f"not {chat.what}", 16), chat.store_key)
    for at, (of, row) in enumerate(sealed):
        generation, what = chat.rows[of][0], word(of)
        rest = sealed[:at] + sealed[at + 1 :]
        refused.add(f"{what} removed", "Missing" if of[0] in SINGLE else "Mismatch", rest)
        refused.add(f"{what} doubled", "Mismatch", [*sealed, (of, row)])
        refused.add(
            f"{what} of another chat", "Damaged", refused.replaced(of, foreign.seal(of, generation, refused.plain(of)))
        )
        for offset, part in ((1, "generation"), (9, "nonce"), (21, "ciphertext"), (len(row) - 1, "tag")):
            flipped = bytearray(row)
            flipped[offset] ^= 1 << at % 8
            refused.add(f"a bit of the {part} of {what} flipped", "Damaged", refused.replaced(of, bytes(flipped)))
        for length in (0, 1, 9, 21, 36, len(row) - 1):
            refused.add(f"{what} cut to {length} bytes", "Damaged", refused.replaced(of, row[:length]))
        refused.add(f"a byte behind {what}", "Damaged", refused.replaced(of, row + b"\0"))
        for version, error in ((0, "Damaged"), (1, "OlderVersion"), (3, "NewerVersion"), (255, "NewerVersion")):
            refused.add(f"{what} of version {version}", error, refused.says(of, refused.plain(of), version))
        for number, error in ((0, "Damaged"), (2, "NewerVersion"), (255, "NewerVersion")):
            refused.field(of, "layout", u8(number), error)
        plain = refused.plain(of)
        refused.add(f"a byte left over in {what}", "Damaged", refused.says(of, plain + b"\0"))
        for length in (0, 1, len(plain) - 1):
            refused.add(f"{length} bytes in {what}", "Damaged", refused.says(of, plain[:length]))
        if of[0] not in (KINDS["state"], KINDS["tombstone"]):
            for other, when in ((chat.newest + 1, "a later"), (chat.newest + 2**40, "a much later")):
                refused.add(
                    f"{what} of {when} batch than the state",
                    "Mismatch",
                    refused.replaced(of, chat.keys.seal(of, other, plain)),
                )
            older = chat.keys.seal(of, 2**32, plain)
            refused.add(f"{what} of another batch", "Mismatch", refused.replaced(of, older))
        refused.add(
            f"{what} rightly sealed, under another header",
            "Damaged",
            refused.replaced(of, row[:1] + u64(generation + 1) + row[9:]),
        )
    wrong = bytes([chat.store_key[0] ^ 1]) + chat.store_key[1:]
    refused.add("another store key", "Damaged", sealed, store_key=wrong.hex())
    refused.add("another chat id", "Damaged", sealed, chat=foreign.chat.hex())
    refused.add("no rows", "Missing", [])
    tag = chat.checkpoint()["tag"]
    for ahead in (1, 2, 2**64 - 1 - chat.newest):
        later = {"generation": str(chat.newest + ahead), "tag": tag}
        refused.add(f"remembered {ahead} later", "RolledBack", sealed, remembered=later)
    other = bytes([bytes.fromhex(tag)[0] ^ 1]).hex() + tag[2:]
    before = bytes([rec.BEFORE[0] ^ 1]) + rec.BEFORE[1:]
    for what, number, noted in (
        ("another of the same generation", chat.newest, other),
        ("of the same generation what was before", chat.newest, rec.BEFORE.hex()),
        ("another of the one before", chat.newest - 1, before.hex()),
        ("this one as the one before", chat.newest - 1, tag),
        ("one two before", max(chat.newest - 2, 0), rec.BEFORE.hex()),
    ):
        refused.add(f"remembered {what}", "Branched", sealed, remembered={"generation": str(number), "tag": noted})
    for one, other in itertools.pairwise(sealed):
        both = {one[0]: other[1], other[0]: one[1]}
        refused.add(
            f"{word(one[0])} and {word(other[0])} swapped", "Damaged", [(of, both.get(of, row)) for of, row in sealed]
        )


def belongs(refused: Refused, closed) -> None:
    """Rows that open, each of this chat, that are not one state of it (REC-3, REC-5)."""
    chat = refused.chat
    sealed, keys = chat.sealed(), chat.keys
    fields = {of[0]: held for of, (_, held) in chat.rows.items()}
    for kind, number in (("outgoing", 2), ("outgoing", 5), ("waiting", 8), ("waiting", 10), ("timed", 7)):
        of = name(kind, number)
        row = keys.seal(of, 1, b"".join(fields[KINDS[kind]].values()))
        refused.add(f"{word(of)} besides", "Mismatch", [*sealed, (of, row)])
    of = name("tombstone")
    row = keys.seal(of, chat.newest + 1, b"".join(closed.rows[of][1].values()))
    refused.add("a tombstone besides", "Mismatch", [*sealed, (of, row)])
    refused.add("a tombstone with the state alone", "Mismatch", [sealed[-1], (of, row)])
    third, fourth = name("outgoing", 3), name("outgoing", 4)
    for one, as_what in (
        (third, name("outgoing", 5)),
        (name("waiting", 9), name("waiting", 10)),
        (third, name("waiting", 9)),
        (name("timed", 104), name("timed", 105)),
    ):
        renamed = [(as_what if of == one else of, row) for of, row in sealed if of != as_what]
        refused.add(f"{word(one)} under the name of {word(as_what)}", "Damaged", renamed)
    state = fields[KINDS["state"]]
    for kind in rec.COUNTED:
        said = state[f"set of {kind}"]
        count, total = int.from_bytes(said[:4], "little"), said[4:]
        for number in sorted({count + 1, MAX, max(count - 1, 0)} - {count}):
            refused.field(
                name("state"), f"set of {kind}", u32(number) + total, "Mismatch", f"the set of {kind} counts {number}"
            )
        flipped = bytes([total[0] ^ 1]) + total[1:]
        refused.field(
            name("state"), f"set of {kind}", u32(count) + flipped, "Mismatch", f"the set of {kind} has another sum"
        )
    for of, (generation, fields) in chat.rows.items():
        if of != name("state"):
            again = keys.seal(of, generation, b"".join(fields.values()), nonce=drawn("another batch", 12))
            refused.add(f"{word(of)} of another batch of its generation", "Mismatch", refused.replaced(of, again))
    for field, number in (
        ("sent", 4),
        ("sent", 6),
        ("acknowledged", 2),
        ("acknowledged", 4),
        ("acknowledged", 5),
        ("sent", 3),
    ):
        refused.belonging(f"{field} is {number}, the digests fit", chat.rows, chat.head | {field: u32(number)})
    gap = {of: row for of, row in chat.rows.items() if of != fourth} | {name("outgoing", 5): chat.rows[fourth]}
    refused.belonging("slot 5 instead of 4 in the outbox, the digests fit", gap)
    refused.belonging("slots 3 and 5 of 6 sent, the digests fit", gap, chat.head | {"sent": u32(6)})
    for received in (9, 10):
        refused.belonging(
            f"slot 9 waits after {received} received, the digests fit",
            chat.rows,
            chat.head | {"received": u32(received)},
        )
    for slot in (0, 7):
        early = {of: row for of, row in chat.rows.items() if of[0] != KINDS["waiting"]} | {
            name("waiting", slot): chat.rows[name("waiting", 9)]
        }
        refused.belonging(f"slot {slot} waits after 7 received, the digests fit", early)


def contents(refused: Refused) -> None:
    """What is sealed rightly and is no record of REC-4, in a busy chat of the X25519 profile."""
    keys, state, outgoing = name("keys"), name("state"), name("outgoing", 3)
    waiting, timed = name("waiting", 9), name("timed", -5)
    flags = {keys: ("view once", "own flag", "old flag", "ignored flag"), outgoing: ("noop", "silent", "told", "emptied", "file flag")}
    flags[outgoing] += ("replacement flag",)
    flags |= {state: ("confirmed", "noted flag", "owes", "told flag", "ttl flag", "overdue", "ended flag", "refused flag", "held flag", "modern flag", "told old")}
    flags |= {waiting: ("old", "enough", "resent", "answered", "date flag", "file flag", "size flag", "name flag")}
    flags |= {timed: ("deadline flag", "carried flag", "held", "preview")}
    for of, fields in flags.items():
        for field in fields:
            refused.field(of, field, u8(2))
    kinds = {keys: {"profile": (0, 3), "role": (2, 255), "limit": (2,), "phase": (2, 255), "exchange": (5, 255)}}
    kinds |= {outgoing: {"kind": (8, 255), "delivery": (3, 255)}, timed: {"kind": (4, 255), "side": (2, 255)}}
    for of, fields in kinds.items():
        for field, values in fields.items():
            for value in values:
                refused.field(of, field, u8(value))
    for kind in (0, 1):
        plain = refused.chat.rows[timed][1] | {"kind": u8(kind), "duration": u32(1)}
        refused.add(
            f"a duration with kind {kind} in {word(timed)}", "Damaged", refused.says(timed, b"".join(plain.values()))
        )
    lengths = {keys: ("local id", "peer id", "context"), outgoing: ("file", "sealed", "replacement")}
    lengths |= {waiting: ("reference", "body"), timed: ("jpeg",)}
    for of, fields in lengths.items():
        for field in fields:
            data = refused.chat.rows[of][1][field]
            for length in (MAX, 1 << 31, len(refused.plain(of)), len(data) - 4 - 1 if len(data) > 4 else 1):
                refused.field(of, field, u32(length) + data[4:], why=f"{field} says {length} bytes")
    for of, fields in {
        state: ("sent", "received", "acknowledged", "asked", "ttl slot", "ttl from")
        + ("key sent", "key received", "modern from"),
        keys: ("slot",),
        outgoing: ("in_seq_no",),
        waiting: ("in_seq_no",),
    }.items():
        for field in fields:
            for number in (1 << 30, MAX):
                refused.field(of, field, u32(number))
    for layer in (72, 145, 0, -1):
        refused.field(state, "own layer", i32(layer), why=f"own layer is {layer}")
    for size in (0, (1 << 40) + 1, (1 << 64) - 1):
        refused.field(timed, "size", u64(size), why=f"the size of a file is {size}")
    for field, other in (
        ("local id", lp(b"")),
        ("peer id", lp(b"")),
        ("peer id", lp(b"alice")),
        ("local id", lp(b"i" * 1025)),
        ("context", lp(b"c" * 1025)),
    ):
        refused.field(
            keys,
            field,
            other,
            why=f"{field} has {len(other) - 4} bytes" + (", that of the other end" if b"alice" in other else ""),
        )


def telegram(refused: Refused) -> None:
    """What only a chat of the Telegram profile can have wrong."""
    keys = name("keys")
    for policy in (3, 255):
        refused.field(keys, "policy", u8(policy))
    for g in (0, 1, 2, 5, 6, 8, MAX, 259):
        refused.field(keys, "g", u32(g), why=f"g is {g}")
    p = int.from_bytes(rec.P, "big")
    for what, number in (("zero", 0), ("half of the prime", p >> 1), ("even", p - 1), ("not 2 modulo 3", p + 2)):
        refused.field(keys, "p", number.to_bytes(256, "big"), why=f"p is {what}")
    for what, exponent in (("0", 0), ("1", 1), ("(p - 1) / 2", (p - 1) // 2), ("p - 1", p - 1)):
        refused.field(
            keys,
            "secret",
            exponent.to_bytes(256, "big"),
            why=f"the public value of the exponent {what} is out of range",
        )
    for field in ("enough", "resent", "answered", "date flag", "file flag"):
        refused.field(name("early"), field, u8(2))


def keys(chats: dict) -> list[dict]:
    """Fields that only one state of the keys has."""
    made = []
    for what, field, value in (
        ("accepted", "own flag", u8(2)),
        ("accepted", "own", u32(MAX) + bytes(32)),
        ("accepted", "own", u32(31) + bytes(32)),
        ("ready, asked", "public", u32(MAX) + bytes(32)),
        ("ready, asked", "public", u32(33) + bytes(32)),
        ("ready, asked", "exchange", u8(1)),
        ("ready, accepted", "slot", u32(1 << 30)),
        ("ready, accepted", "exchange", u8(4)),
        ("ready, answered", "exchange", u8(3)),
        ("ready, idle", "committed flag", u8(2)),
        ("ready, idle", "committed", u32(1 << 30)),
        ("ready, idle", "exchange", u8(1)),
        ("ready, idle", "old flag", u8(0)),
    ):
        refused = Refused(chats[what])
        refused.field(name("keys"), field, value)
        made += refused.made
    return made


def hybrid(chats: dict, x25519: dict) -> list[dict]:
    """What only a chat of the hybrid profile can have wrong: scalar [32], seed [64], values of 1,216 and 1,120 bytes."""
    made = []
    seed = next(iter(chats["requested"].rows.values()))[1]["seed"]
    fields = [
        ("requested", "seed", b"", "a seed that is not there, as in the X25519 profile"),
        ("requested", "seed", seed[:32], "half a seed"),
        ("requested", "seed", seed[:63], "a seed of 63 bytes"),
        ("requested", "seed", seed + b"\0", "a seed of 65 bytes"),
        ("requested", "secret", b"", "a seed without a scalar"),
        ("requested", "phase", u8(1), "an open chat with the keys of a request"),
        ("ready, requested", "exchange seed", b"", "no seed of the exchange, as in the X25519 profile"),
        ("ready, requested", "exchange seed", seed[:63], "a seed of the exchange of 63 bytes"),
        ("ready, requested", "exchange seed", seed + b"\0", "a seed of the exchange of 65 bytes"),
        ("ready, requested", "ignored", u32(1217) + bytes(1216), "an ignored value that says one byte more"),
        ("ready, requested", "ignored", u32(MAX) + bytes(1216), "an ignored value that says 4 GiB"),
        ("ready, asked", "public", u32(1217) + bytes(1216), "the peer's value says one byte more"),
        ("ready, asked", "public", u32(1215) + bytes(1216), "the peer's value says one byte less"),
        ("ready, asked", "public", u32(MAX) + bytes(1216), "the peer's value says 4 GiB"),
        ("ready, asked", "exchange", u8(1), "a request with the value of another's"),
        ("accepted", "own", u32(1121) + bytes(1120), "the own value says one byte more"),
        ("accepted", "own", u32(MAX) + bytes(1120), "the own value says 4 GiB"),
        ("accepted", "own flag", u8(2), ""),
        ("closed, ByUs", "profile", u8(4), ""),
    ]
    fields += [("requested", "profile", u8(number), "") for number in (0, 1, 2, 4, 255)]
    for what, field, value, why in fields:
        refused = Refused(chats[what])
        refused.field(next(of for of in refused.chat.rows if WORDS[of[0]] in ("keys", "tombstone")), field, value, why=why)
        made += refused.made
    request = Refused(x25519["requested"])
    request.field(name("keys"), "profile", u8(3), why="a request of the X25519 profile as one of the hybrid profile")
    return made + request.made


def closed(refused: Refused) -> None:
    of = name("tombstone")
    for reason in (7, 15, 26, 255):
        refused.field(of, "reason", u8(reason))
    for field in ("history", "receipt flag", "pending", "ask history", "proof flag", "until 0 flag", "until 2 flag", "view once"):
        refused.field(of, field, u8(2))
    refused.field(of, "proof", rec.PROOF[:-1])
    refused.field(of, "pending", u8(0), why="a Discard that is not pending")


def chats(x25519: dict, telegram_: dict) -> list[dict]:
    busy, first, tombstone = (
        Refused(chat) for chat in (x25519["ready, requested"], telegram_["requested"], x25519["closed, ByUs"])
    )
    for refused in (busy, first, tombstone):
        rows(refused)
    belongs(busy, x25519["closed, ByUs"])
    contents(busy)
    telegram(first)
    closed(tombstone)
    return busy.made + first.made + tombstone.made + keys(x25519)
