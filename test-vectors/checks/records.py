"""Section 17: records, as REC-1 to REC-6 have them, and what a chat that comes from them says."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from .primitives import Refused, hkdf_expand, hkdf_extract, hmac_sha256, unhex, x25519_public

KINDS = {1: "keys", 2: "state", 3: "outgoing", 4: "waiting", 5: "early", 6: "tombstone", 7: "timed"}
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
    setup = {"profile": c.one_of(1, 2), "role": c.one_of(0, 1)}
    if setup["profile"] == 2:
        setup |= {"policy": c.one_of(0, 1, 2), "g": c.number(4), "p": int.from_bytes(c.take(256), "big")}
        # MODP-1: what can be seen without a test of primality.
        p = setup["p"]
        residues = {2: (8, {7}), 3: (3, {2}), 4: (2, {1}), 5: (5, {1, 4}), 6: (24, {19, 23}), 7: (7, {3, 5, 6})}
        holds(p >> 2047 == 1 and p % 2 == 1 and setup["g"] in residues)
        modulus, fitting = residues[setup["g"]]
        holds(p % modulus in fitting)
    setup |= {field: c.lp() for field in ("local_id", "peer_id", "context")}
    if setup["profile"] == 1:
        # X25-1
        ids = setup["local_id"], setup["peer_id"]
        holds(ids[0] != ids[1] and all(1 <= len(id_) <= 1024 for id_ in ids) and len(setup["context"]) <= 1024)
    setup["limits"] = [c.number(4) for _ in range(7)]
    setup["rekey"] = [c.number(4) for _ in range(3)] + [c.number(8) for _ in range(3)] + [c.one_of(0, 1)]
    return setup | {"view_once": c.flag()}


def read_secret(c: Cursor, setup: dict) -> bytes:
    """The public value of it; MODP-3 has none out of range."""
    if setup["profile"] == 1:
        return x25519_public(c.take(32))
    public = pow(setup["g"], int.from_bytes(c.take(256), "big"), setup["p"])
    holds(1 << 1984 <= public <= setup["p"] - (1 << 1984))
    return public.to_bytes(256, "big")


def read_key(c: Cursor) -> dict:
    return {"chat_key": c.take(256), "fingerprint": c.take(8)}


def read_next(c: Cursor, setup: dict) -> dict:
    return read_key(c) | ({"chain": c.take(32), "check": c.take(36)} if setup["profile"] == 1 else {})


def read_keys(c: Cursor) -> dict:
    setup = read_setup(c)
    keys = {"setup": setup, "phase": c.one_of(0, 1)}
    if keys["phase"] == 0:
        return keys | {"public": read_secret(c, setup)}
    keys |= read_key(c) | {"verification": c.take(36), "own": c.optional(c.lp)}
    if setup["profile"] == 1:
        keys |= {"th": c.take(32), "chain": c.take(32), "check": c.take(36), "discard": c.take(64)}
    if c.flag():
        keys["old"] = read_key(c) | {"committed": c.optional(c.slot)}
    keys["exchange"] = EXCHANGES[c.one_of(*range(5))]
    if keys["exchange"] != "idle":
        keys["exchange_id"] = c.number(8, signed=True)
    if keys["exchange"] == "requested":
        keys |= {"slot": c.slot(), "time": c.number(8), "exchange_public": read_secret(c, setup)}
    elif keys["exchange"] == "asked":
        keys["public"] = c.lp()
    elif keys["exchange"] == "accepted":
        keys |= {"slot": c.slot(), "next": read_next(c, setup)}
    elif keys["exchange"] == "answered":
        keys["next"] = read_next(c, setup)
    return keys


def read_state(c: Cursor) -> dict:
    state = {"raw": c.number(8), "elapsed": c.number(8), "confirmed": c.flag()}
    state |= {field: c.slot() for field in ("sent", "received", "acknowledged", "asked")} | {"owes": c.flag()}
    state |= {field: c.number(4, signed=True) for field in ("own_layer", "peer_layer", "seen_layer")}
    # LAY-2
    holds(73 <= state["own_layer"] <= 144)
    state |= {"told_at": c.optional(lambda: c.number(4, signed=True)), "ttl": c.number(4, signed=True)}
    state |= {"ttl_slot": c.optional(c.slot), "rekeys": c.number(4), "key_since": c.number(8)}
    state |= {"key_sent": c.slot(), "key_received": c.slot(), "told_overdue": c.flag(), "failures": c.number(1)}
    state |= {"ended": c.optional(lambda: c.number(8, signed=True)), "ask_after": c.number(8), "unanswered": c.number(1)}
    return state | {"keys_generation": c.number(8)} | {kind: c.take(36) for kind in COUNTED}


def read_outgoing(c: Cursor) -> dict:
    outgoing = {"in_seq_no": c.slot(), "random_id": c.number(8, signed=True), "kind": c.one_of(0, 1, 2)}
    outgoing |= {flag: c.flag() for flag in ("silent", "carried", "emptied")}
    return outgoing | {"file": c.optional(c.lp), "sealed": c.lp()}


def read_waiting(c: Cursor) -> dict:
    waiting = {"in_seq_no": c.slot(), "fingerprint": c.take(8), "layer": c.number(4, signed=True)}
    waiting |= {flag: c.flag() for flag in ("enough", "resent", "answered")} | {"date": c.optional(lambda: c.number(8))}
    if c.flag():
        waiting |= {"reference": c.lp(), "size": c.optional(lambda: c.number(8))}
        waiting["file_fingerprint"] = c.optional(lambda: c.number(4, signed=True))
    return waiting | {"body": c.lp()}


def read_timed(c: Cursor) -> dict:
    timed = {"ttl": c.number(4, signed=True), "kind": c.one_of(0, 1, 2), "duration": c.number(4), "side": c.one_of(0, 1)}
    holds(timed["kind"] == 2 or timed["duration"] == 0)
    timed |= {"deadline": c.optional(lambda: c.number(8)), "date": c.number(8), "carried": c.optional(lambda: c.number(8))}
    if c.flag():
        timed |= {"key": c.take(32), "iv": c.take(32), "size": c.number(8)}
        if c.flag():
            timed |= {"width": c.number(4), "height": c.number(4), "jpeg": c.lp()}
    return timed


def read_tombstone(c: Cursor) -> dict:
    tombstone = {"setup": read_setup(c), "reason": c.one_of(*CODES), "history": c.flag(), "pending": c.flag()}
    if tombstone["pending"]:
        tombstone |= {"ask_history": c.flag(), "proof": c.optional(lambda: c.take(32))}
    return tombstone


READERS = {
    "keys": read_keys, "state": read_state, "outgoing": read_outgoing, "waiting": read_waiting,
    "early": read_waiting, "timed": read_timed, "tombstone": read_tombstone,
}  # fmt: skip


class Rows:
    """REC-2: the rows of one chat, opened."""

    def __init__(self, case: dict, file: dict) -> None:
        prk = hkdf_extract(unhex(case["chat"]), unhex(case["store_key"]))
        self.chat, self.key = unhex(case["chat"]), hkdf_expand(prk, b"secretchat/1 record key", 32)
        self.set_key = hkdf_expand(prk, b"secretchat/1 record set", 32)
        self.rows, self.generations, self.fields, self.plains = [file["rows"][n] for n in case["rows"]], {}, {}, []
        for row in self.rows:
            name = unhex(row["name"])
            at = KINDS[name[0]], int.from_bytes(name[1:], "big")
            generation, plain = self.open(name, unhex(row["sealed"]))
            cursor = Cursor(plain)
            fields = READERS[at[0]](cursor)
            holds(not cursor.rest)
            holds(at not in self.fields, "Mismatch")
            self.generations[name], self.fields[at] = generation, fields
            self.plains.append((generation, plain))

    def open(self, name: bytes, row: bytes) -> tuple[int, bytes]:
        holds(len(row) > 0)
        holds(row[0] <= 1, "NewerVersion")
        holds(row[0] == 1 and len(row) >= 1 + 8 + 12 + 16)
        try:
            data = b"secretchat/1 record" + row[:1] + self.chat + name + row[1:9]
            plain = AESGCMSIV(self.key).decrypt(row[9:21], row[21:], data)
        except InvalidTag:
            raise Refused("Damaged") from None
        generation = int.from_bytes(row[1:9], "little")
        assert generation > 0, "REC-2 counts from 1"
        return generation, plain

    def digest(self, kind: str) -> bytes:
        """REC-3"""
        members = [name + g.to_bytes(8, "little") for name, g in self.generations.items() if KINDS[name[0]] == kind]
        total = sum(int.from_bytes(hmac_sha256(self.set_key, member), "little") for member in members)
        return len(members).to_bytes(4, "little") + (total % (1 << 256)).to_bytes(32, "little")

    def numbers(self, kind: str) -> list[int]:
        return sorted(number for of, number in self.fields if of == kind)

    def belong_together(self) -> None:
        """REC-3, REC-5"""
        state = self.fields["state", 0]
        right = all(state[kind] == self.digest(kind) for kind in COUNTED)
        right &= state["keys_generation"] == self.generations[b"\x01" + bytes(8)]
        right &= self.numbers("outgoing") == list(range(state["acknowledged"], state["sent"]))
        right &= all(slot > state["received"] for slot in self.numbers("waiting"))
        holds(right, "Mismatch")
        # SEG-1: chains may be of an unknown size, segments not.
        if self.fields["keys", 0]["setup"]["profile"] == 1:
            held = [timed["size"] for (kind, _), timed in self.fields.items() if kind == "timed" and "size" in timed]
            holds(all(1 <= size <= 1 << 40 for size in held))


def again(rows: Rows) -> list[dict]:
    """DRV-2: what goes out again."""
    keys, state = rows.fields["keys", 0], rows.fields["state", 0]
    if keys["phase"] == 0:
        return [{"what": "request", "public": keys["public"].hex()}]
    sent = []
    if keys["own"] is not None and state["received"] == 0:
        sent = [{"what": "accept", "public": keys["own"].hex(), "fingerprint": keys["fingerprint"].hex()}]
    for slot in rows.numbers("outgoing"):
        one = rows.fields["outgoing", slot]
        if not one["carried"]:
            file = None if one["file"] is None else one["file"].hex()
            said = {"what": "message", "slot": slot, "random_id": str(one["random_id"]), "service": one["kind"] == 2}
            sent.append(said | {"silent": one["silent"], "file": file, "sealed": one["sealed"].hex()})
    return sent


def chat(case: dict, file: dict) -> dict:
    rows = Rows(case, file)
    if ("tombstone", 0) in rows.fields:
        holds(len(rows.fields) == 1, "Mismatch")
        closed = rows.fields["tombstone", 0]
        of, setup = b"\x06" + bytes(8), closed["setup"]
        said = {"state": CODES[closed["reason"]], "sent": 0, "acknowledged": 0, "received": 0, "ttl": 0, "again": []}
        if closed["pending"]:
            proof = None if closed["proof"] is None else closed["proof"].hex()
            said["again"] = [{"what": "discard", "history": closed["ask_history"], "proof": proof}]
        keys = {}
    else:
        holds({("state", 0), ("keys", 0)} <= set(rows.fields), "Missing")
        rows.belong_together()
        keys, state = rows.fields["keys", 0], rows.fields["state", 0]
        of, setup = b"\x02" + bytes(8), keys["setup"]
        phase = "Requested" if keys["phase"] == 0 else "Ready" if state["confirmed"] else "Accepted"
        said = {"state": phase, "again": again(rows)} | {n: state[n] for n in ("sent", "acknowledged", "received", "ttl")}
    holds(case["remembered"] is None or rows.generations[of] >= int(case["remembered"]), "RolledBack")
    for row, (generation, plain) in zip(rows.rows, rows.plains):
        assert (row["generation"], row["plain"]) == (str(generation), plain.hex()), row["name"]
    said |= {"generation": str(rows.generations[of]), "profile": "x25519" if setup["profile"] == 1 else "telegram"}
    said |= {field: keys.get(field) and keys[field].hex() for field in ("verification", "fingerprint")}
    exchange_id = keys.get("exchange_id")
    return said | {"rekey": keys.get("exchange", "idle"), "exchange_id": None if exchange_id is None else str(exchange_id)}


def record(case: dict, file: dict) -> dict:
    """REC-2, each step."""
    chat_id, name, generation = unhex(case["chat"]), unhex(case["name"]), int(case["generation"]).to_bytes(8, "little")
    prk = hkdf_extract(chat_id, unhex(case["store_key"]))
    key, data = hkdf_expand(prk, b"secretchat/1 record key", 32), b"secretchat/1 record\x01" + chat_id + name + generation
    cursor = Cursor(unhex(case["plain"]))
    READERS[KINDS[name[0]]](cursor)
    assert not cursor.rest
    sealed = AESGCMSIV(key).encrypt(unhex(case["nonce"]), unhex(case["plain"]), data)
    record = b"\x01" + generation + unhex(case["nonce"]) + sealed
    return {"prk": prk, "record_key": key, "associated_data": data, "record": record}


FORMATS = {"records-1": lambda case, file: {"record": record, "chat": chat}[case["kind"]](case, file)}
