"""REC-4: what records hold."""

from .hybrid import request
from .primitives import Refused, x25519_public

X25519, TELEGRAM, HYBRID = 1, 2, 3
COUNTED = ("keys", "outgoing", "waiting", "early", "timed")
EXCHANGES = ("idle", "requested", "asked", "accepted", "answered")
REASONS = ("ByUs", "ByPeer", "Unproved", "RolledBack", "ByServerOrPeer", "AcceptedElsewhere", "BadAnswer")
VIOLATIONS = (
    "SeqNegative", "SeqParity", "InSeqBack", "InSeqAhead", "SeqExhausted",
    "LayerBack", "BareObject", "BodyNotUnderstood", "ResendRange", "RekeyUnexpected",
)  # fmt: skip
CODES = dict(enumerate(REASONS)) | {16 + n: f"Violation({name})" for n, name in enumerate(VIOLATIONS)}


def holds(right: bool, error: str = "Damaged") -> None:
    if not right:
        raise Refused(error)


class Cursor:
    """REC-4: takes fields off the front."""

    def __init__(self, plain: bytes) -> None:
        self.rest = plain
        layout = self.number(1)
        holds(layout <= 1, "NewerVersion")
        holds(layout == 1)

    def take(self, length: int) -> bytes:
        holds(length <= len(self.rest))
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def number(self, length: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(length), "little", signed=signed)

    def one_of(self, *values: int) -> int:
        value = self.number(1)
        holds(value in values)
        return value

    def flag(self) -> bool:
        return self.one_of(0, 1) == 1

    def slot(self) -> int:
        """SEQ-1: below 2^30."""
        number = self.number(4)
        holds(number < 1 << 30)
        return number

    def lp(self) -> bytes:
        return self.take(self.number(4))

    def optional(self, read):
        """A flag, and a value that stands there anyway: of zeros, or empty, without the flag."""
        flag, value = self.flag(), read()
        assert flag or not any(value if isinstance(value, bytes) else [value]), "a value without its flag"
        return value if flag else None


def read_setup(c: Cursor) -> dict:
    setup = {"profile": c.one_of(X25519, TELEGRAM, HYBRID), "role": c.one_of(0, 1)}
    if setup["profile"] == TELEGRAM:
        setup |= {"policy": c.one_of(0, 1, 2), "g": c.number(4), "p": int.from_bytes(c.take(256), "big")}
        # MODP-1: what can be seen without a test of primality.
        p = setup["p"]
        residues = {2: (8, {7}), 3: (3, {2}), 4: (2, {1}), 5: (5, {1, 4}), 6: (24, {19, 23}), 7: (7, {3, 5, 6})}
        holds(p >> 2047 == 1 and p % 2 == 1 and setup["g"] in residues)
        modulus, fitting = residues[setup["g"]]
        holds(p % modulus in fitting)
    setup |= {field: c.lp() for field in ("local_id", "peer_id", "context")}
    if setup["profile"] != TELEGRAM:
        # X25-1
        ids = setup["local_id"], setup["peer_id"]
        holds(ids[0] != ids[1] and all(1 <= len(id_) <= 1024 for id_ in ids) and len(setup["context"]) <= 1024)
    setup["limits"] = [c.number(4) for _ in range(8)]
    setup["rekey"] = [c.number(4) for _ in range(3)] + [c.number(8) for _ in range(3)] + [c.one_of(0, 1)]
    return setup | {"view_once": c.flag()}


# REC-9: what each option may be, by record. No default may stand.
OPTIONS = {
    "set-up": {
        1: lambda v: len(v) == 8 and v != i32(1) + i32(YEAR) and 1 <= number_of(v[:4]) <= number_of(v[4:]) <= YEAR,
        2: lambda v: len(v) == 8,
        3: lambda v: len(v) == 32,
        4: lambda v: v == b"\1",
        5: lambda v: v in (b"\0", b"\1"),
        6: lambda v: v == b"\1",
    },
    "keys": {128: lambda v: len(v) == 32, 129: lambda v: len(v) == 32},
    "state": {1: lambda v: v in (b"\1", b"\2"), 2: lambda v: len(v) == 24, 3: lambda v: len(v) == 8 and any(v)},
    "timed": {number: lambda v: len(v) > 4 and v[:4] == (len(v) - 4).to_bytes(4, "little") for number in (1, 2)},
}
YEAR = 31_536_000


def i32(number: int) -> bytes:
    return number.to_bytes(4, "little", signed=True)


def number_of(i32: bytes) -> int:
    return int.from_bytes(i32, "little", signed=True)


def read_options(c: Cursor, *records: str) -> dict[int, bytes]:
    """REC-9: all that is left."""
    known = {number: may_be for record in records for number, may_be in OPTIONS[record].items()}
    options, last = {}, 0
    while c.rest:
        number = c.number(1)
        holds(number > last)
        last, value = number, c.lp()
        holds(number in known, "NewerVersion")
        holds(known[number](value))
        options[number] = value
    return options


def read_end(c: Cursor) -> dict:
    """LIM-7, and behind it the options: all that is left."""
    if not c.rest:
        return {"host_data": b"", "options": {}}
    data = c.lp()
    holds(len(data) <= 4096 and (data or c.rest))
    return {"host_data": data, "options": read_options(c, "set-up", "keys")}


def read_secret(c: Cursor, setup: dict) -> bytes:
    """The public value of it; MODP-3 has none out of range."""
    if setup["profile"] == X25519:
        return x25519_public(c.take(32))
    if setup["profile"] == HYBRID:
        return request(c.take(32), c.take(64))
    public = pow(setup["g"], int.from_bytes(c.take(256), "big"), setup["p"])
    holds(1 << 1984 <= public <= setup["p"] - (1 << 1984))
    return public.to_bytes(256, "big")


def read_key(c: Cursor, setup: dict) -> dict:
    key = {"chat_key": c.take(256), "fingerprint": c.take(8)}
    return key | ({"peer_discard": c.take(32)} if setup["profile"] != TELEGRAM else {})


def read_bound(c: Cursor) -> dict:
    return {"chain": c.take(32), "check": c.take(36), "own_discard": c.take(32)}


def read_next(c: Cursor, setup: dict) -> dict:
    return read_key(c, setup) | (read_bound(c) if setup["profile"] != TELEGRAM else {})


def read_keys(c: Cursor) -> dict:
    setup = read_setup(c)
    keys = {"setup": setup, "phase": c.one_of(0, 1)}
    if keys["phase"] == 0:
        keys |= {"public": read_secret(c, setup)} | read_end(c)
        holds(not {128, 129} & keys["options"].keys())
        return keys
    keys |= read_key(c, setup) | {"verification": c.take(36), "own": c.optional(c.lp)}
    if setup["profile"] != TELEGRAM:
        keys |= {"th": c.take(32)} | read_bound(c)
    if c.flag():
        keys["old"] = read_key(c, setup) | {"committed": c.optional(c.slot)}
    keys["exchange"] = EXCHANGES[c.one_of(*range(5))]
    if keys["exchange"] != "idle":
        keys["exchange_id"] = c.number(8, signed=True)
    if keys["exchange"] == "requested":
        keys |= {"slot": c.slot(), "time": c.number(8), "exchange_public": read_secret(c, setup)}
        keys |= {"ignored": c.flag(), "ignored_id": c.number(8, signed=True), "ignored_public": c.lp()}
    elif keys["exchange"] == "asked":
        keys["public"] = c.lp()
    elif keys["exchange"] == "accepted":
        keys |= {"slot": c.slot(), "next": read_next(c, setup)}
    elif keys["exchange"] == "answered":
        keys["next"] = read_next(c, setup)
    keys |= read_end(c)
    # REC-9: an exporter is of a root that is there.
    holds(128 not in keys["options"] or "chain" in keys)
    holds(129 not in keys["options"] or "chain" in keys.get("next", {}))
    return keys


def read_state(c: Cursor) -> dict:
    state = {"raw": c.number(8), "elapsed": c.number(8), "confirmed": c.flag()}
    state["discard_noted"] = c.optional(lambda: c.number(8))
    state |= {field: c.slot() for field in ("sent", "received", "acknowledged", "asked")}
    state |= {"requests": c.number(1), "asked_at": c.number(8), "owes": c.flag()}
    state |= {field: c.number(4, signed=True) for field in ("own_layer", "peer_layer", "seen_layer")}
    # LAY-2
    holds(73 <= state["own_layer"] <= 144)
    state |= {"told_at": c.optional(lambda: c.number(4, signed=True)), "ttl": c.number(4, signed=True)}
    state |= {"ttl_slot": c.optional(c.slot), "ttl_known": c.number(4, signed=True), "ttl_from": c.slot()}
    state |= {"rekeys": c.number(4), "key_since": c.number(8)}
    state |= {"key_sent": c.slot(), "key_received": c.slot(), "told_overdue": c.flag(), "failures": c.number(1)}
    state |= {
        "ended": c.optional(lambda: c.number(8, signed=True)),
        "refused": c.optional(lambda: c.number(8, signed=True)),
        "noop_held_until": c.optional(lambda: c.number(8)),
        "ask_after": c.number(8),
        "unanswered": c.number(1),
    }
    state |= {"modern_from": c.optional(c.slot), "told_old": c.flag()}
    state |= {"before": c.take(16)} | {kind: c.take(36) for kind in COUNTED}
    return state | {"options": read_options(c, "state")}


def read_outgoing(c: Cursor) -> dict:
    outgoing = {"in_seq_no": c.slot(), "random_id": c.number(8, signed=True), "layer": c.number(4, signed=True)}
    outgoing |= {"kind": c.one_of(*range(8)), "ttl": c.number(4, signed=True), "noop": c.flag(), "silent": c.flag(), "delivery": c.one_of(0, 1, 2)}
    outgoing |= {"told": c.flag(), "emptied": c.flag(), "file": c.optional(c.lp), "sealed": c.lp()}
    return outgoing | {"replacement": c.optional(c.lp)}


def read_waiting(c: Cursor) -> dict:
    waiting = {"in_seq_no": c.slot(), "fingerprint": c.take(8), "layer": c.number(4, signed=True)}
    waiting |= {flag: c.flag() for flag in ("old", "enough", "resent", "answered")} | {"date": c.optional(lambda: c.number(8))}
    if c.flag():
        waiting |= {"reference": c.lp(), "size": c.optional(lambda: c.number(8))}
        waiting["file_fingerprint"] = c.optional(lambda: c.number(4, signed=True))
    return waiting | {"body": c.lp()}


def read_timed(c: Cursor) -> dict:
    timed = {
        "ttl": c.number(4, signed=True),
        "kind": c.one_of(0, 1, 2, 3),
        "duration": c.number(4),
        "side": c.one_of(0, 1),
    }
    holds(timed["kind"] in (2, 3) or timed["duration"] == 0)
    timed |= {
        "deadline": c.optional(lambda: c.number(8)),
        "date": c.number(8),
        "carried": c.optional(lambda: c.number(8)),
    }
    if c.flag():
        timed |= {"key": c.take(32), "iv": c.take(32), "size": c.number(8)}
        if c.flag():
            timed |= {"width": c.number(4), "height": c.number(4), "jpeg": c.lp()}
    # The name of its file, and what its sender hides.
    for number, value in read_options(c, "timed").items():
        timed[("file", "hidden")[number - 1]] = value[4:]
    if "hidden" in timed:
        holds(is_hidden_text(timed["hidden"]))
    return timed


def is_hidden_text(body: bytes) -> bool:
    """DES-14, of the texts in these files: decryptedMessage#91cc4674 with bit 27 alone, an id, a timer and a string."""
    if not 21 <= len(body) <= 16_384 or body[:8] != bytes.fromhex("7446cc9100000008") or not any(body[8:16]):
        return False
    head, length = (1, body[20]) if body[20] < 254 else (4, int.from_bytes(body[21:24], "little"))
    end = 20 + head + length
    return len(body) == end + -end % 4 and not any(body[end:])


def read_tombstone(c: Cursor) -> dict:
    tombstone = {"setup": read_setup(c), "reason": c.one_of(*CODES), "history": c.flag()}
    tombstone |= {"receipt": c.optional(lambda: c.take(32)), "pending": c.flag()}
    if tombstone["pending"]:
        proof = {"ask_history": c.flag(), "proved": c.flag(), "sent": c.number(4), "proof": c.take(32)}
        assert proof["proved"] or not any(proof["proof"]) and proof["sent"] == 0
        tombstone |= proof | {"until": [c.optional(lambda: c.take(32)) for _ in range(3)]}
    tombstone |= {"before": c.take(16)} | read_end(c)
    holds(not {128, 129} & tombstone["options"].keys())
    return tombstone


READERS = {
    "keys": read_keys, "state": read_state, "outgoing": read_outgoing, "waiting": read_waiting,
    "early": read_waiting, "timed": read_timed, "tombstone": read_tombstone,
}  # fmt: skip
