"""Section 17: records, as REC-1 to REC-6 have them, and what a chat that comes from them says."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from .primitives import Refused, hkdf_expand, hkdf_extract, hmac_sha256, unhex
from .record_contents import CODES, COUNTED, HYBRID, READERS, TELEGRAM, X25519, Cursor, holds

KINDS = {1: "keys", 2: "state", 3: "outgoing", 4: "waiting", 5: "early", 6: "tombstone", 7: "timed"}


class Rows:
    """REC-2: the rows of one chat, opened."""

    def __init__(self, case: dict, file: dict) -> None:
        prk = hkdf_extract(unhex(case["chat"]), unhex(case["store_key"]))
        self.chat, self.key = unhex(case["chat"]), hkdf_expand(prk, b"secretchat/1 record key", 32)
        self.set_key = hkdf_expand(prk, b"secretchat/1 record set", 32)
        self.rows, self.written, self.fields, self.plains = [file["rows"][n] for n in case["rows"]], {}, {}, []
        for row in self.rows:
            name = unhex(row["name"])
            at = KINDS[name[0]], int.from_bytes(name[1:], "big")
            (generation, tag), plain = self.open(name, unhex(row["sealed"]))
            cursor = Cursor(plain)
            fields = READERS[at[0]](cursor)
            holds(not cursor.rest)
            holds(at not in self.fields, "Mismatch")
            self.written[name], self.fields[at] = (generation, tag), fields
            self.plains.append((generation, plain))

    def open(self, name: bytes, row: bytes) -> tuple[tuple[int, bytes], bytes]:
        holds(len(row) > 0)
        holds(row[0] <= 2, "NewerVersion")
        holds(row[0] != 1, "OlderVersion")
        holds(row[0] == 2 and len(row) >= 1 + 8 + 12 + 16)
        try:
            data = b"secretchat/1 record" + row[:1] + self.chat + name + row[1:9]
            plain = AESGCMSIV(self.key).decrypt(row[9:21], row[21:], data)
        except InvalidTag:
            raise Refused("Damaged") from None
        generation = int.from_bytes(row[1:9], "little")
        assert generation > 0, "REC-2 counts from 1"
        return (generation, row[-16:]), plain

    def digest(self, kind: str) -> bytes:
        """REC-3"""
        written = ((name, *of) for name, of in self.written.items() if KINDS[name[0]] == kind)
        members = [name + generation.to_bytes(8, "little") + tag for name, generation, tag in written]
        total = sum(int.from_bytes(hmac_sha256(self.set_key, member), "little") for member in members)
        return len(members).to_bytes(4, "little") + (total % (1 << 256)).to_bytes(32, "little")

    def numbers(self, kind: str) -> list[int]:
        return sorted(number for of, number in self.fields if of == kind)

    def belong_together(self) -> None:
        """REC-3, REC-5"""
        state = self.fields["state", 0]
        right = all(state[kind] == self.digest(kind) for kind in COUNTED)
        right &= self.numbers("outgoing") == list(range(state["acknowledged"], state["sent"]))
        right &= all(slot > state["received"] for slot in self.numbers("waiting"))
        holds(right, "Mismatch")
        # SEG-1: chains may be of an unknown size, segments not.
        if self.fields["keys", 0]["setup"]["profile"] != TELEGRAM:
            held = [timed["size"] for (kind, _), timed in self.fields.items() if kind == "timed" and "size" in timed]
            holds(all(1 <= size <= 1 << 40 for size in held))


def check_lengths(keys: dict) -> None:
    """HYB-1: what goes with a request and what goes with an answer."""
    values = {"own": 1120, "public": 1216, "ignored_public": 1216, "exchange_public": 1216}
    for field, length in values.items() if keys["setup"]["profile"] == HYBRID else ():
        assert keys.get(field) is None or len(keys[field]) == length, field


def again(rows: Rows) -> list[dict]:
    """DRV-2: what goes out again."""
    keys, state = rows.fields["keys", 0], rows.fields["state", 0]
    if keys["phase"] == 0:
        return [{"what": "request", "public": keys["public"].hex()}]
    sent = []
    if keys["own"] is not None and state["received"] == 0 and state["discard_noted"] is None:
        sent = [{"what": "accept", "public": keys["own"].hex(), "fingerprint": keys["fingerprint"].hex()}]
    for slot in rows.numbers("outgoing"):
        one = rows.fields["outgoing", slot]
        if one["delivery"] != 1:
            file = None if one["file"] is None else one["file"].hex()
            said = {"what": "message", "slot": slot, "random_id": str(one["random_id"]), "service": one["kind"] == 2}
            sent.append(said | {"silent": one["silent"], "file": file, "sealed": one["sealed"].hex()})
    return sent


def marks(keys: dict, state: dict) -> dict:
    """VER-4, EXP-1."""
    said = {}
    if 1 in state.get("options", {}):
        said["verified"] = "check" if state["options"][1] == b"\2" and "check" in keys else "handshake"
    if 128 in keys.get("options", {}) and state["confirmed"] and keys["exchange"] == "idle" and "old" not in keys:
        length, label, context = b"\x20\0\0\0", b"\x07\0\0\0vectors", bytes(4)
        info = b"secretchat/1 exported" + length + label + context
        said["exported"] = hkdf_expand(keys["options"][128], info, 32).hex()
    return said


def chat(case: dict, file: dict) -> dict:
    rows = Rows(case, file)
    if ("tombstone", 0) in rows.fields:
        holds(len(rows.fields) == 1, "Mismatch")
        closed = rows.fields["tombstone", 0]
        of, setup, host_data = b"\x06" + bytes(8), closed["setup"], closed["host_data"]
        said = {"state": CODES[closed["reason"]], "sent": 0, "acknowledged": 0, "received": 0, "ttl": 0, "again": []}
        said["receipt"] = None if closed["receipt"] is None else closed["receipt"].hex()
        if closed["pending"]:
            proof = {"sent": closed["sent"], "mac": closed["proof"].hex()} if closed["proved"] else None
            said["again"] = [{"what": "discard", "history": closed["ask_history"], "proof": proof}]
        keys = state = {}
    else:
        holds({("state", 0), ("keys", 0)} <= set(rows.fields), "Missing")
        rows.belong_together()
        keys, state = rows.fields["keys", 0], rows.fields["state", 0]
        of, setup, host_data = b"\x02" + bytes(8), keys["setup"], keys["host_data"]
        check_lengths(keys)
        phase = "Requested" if keys["phase"] == 0 else "Ready" if state["confirmed"] else "Accepted"
        said = {"state": phase, "receipt": None, "again": again(rows)} | {
            n: state[n] for n in ("sent", "acknowledged", "received", "ttl")
        }
    (generation, tag), before = rows.written[of], rows.fields[KINDS[of[0]], 0]["before"]
    noted = case["remembered"] and (int(case["remembered"]["generation"]), unhex(case["remembered"]["tag"]))
    if noted is not None:
        # REC-6
        holds(noted[0] <= generation, "RolledBack")
        holds(noted == (generation, tag) or (generation > 1 and noted == (generation - 1, before)), "Branched")
    for row, (number, plain) in zip(rows.rows, rows.plains):
        assert (row["generation"], row["plain"]) == (str(number), plain.hex()), row["name"]
    said |= {"checkpoint": {"generation": str(generation), "tag": tag.hex()}}
    said |= {"host_data": host_data.hex()} if host_data else {}
    said |= marks(keys, state)
    said |= {"profile": {X25519: "x25519", TELEGRAM: "telegram", HYBRID: "hybrid"}[setup["profile"]]}
    said |= {field: keys.get(field) and keys[field].hex() for field in ("verification", "fingerprint")}
    exchange_id = keys.get("exchange_id")
    return said | {
        "rekey": keys.get("exchange", "idle"),
        "exchange_id": None if exchange_id is None else str(exchange_id),
    }


def record(case: dict, file: dict) -> dict:
    """REC-2, each step."""
    chat_id, name, generation = unhex(case["chat"]), unhex(case["name"]), int(case["generation"]).to_bytes(8, "little")
    prk = hkdf_extract(chat_id, unhex(case["store_key"]))
    key, data = (
        hkdf_expand(prk, b"secretchat/1 record key", 32),
        b"secretchat/1 record\x02" + chat_id + name + generation,
    )
    cursor = Cursor(unhex(case["plain"]))
    READERS[KINDS[name[0]]](cursor)
    assert not cursor.rest
    sealed = AESGCMSIV(key).encrypt(unhex(case["nonce"]), unhex(case["plain"]), data)
    record = b"\x02" + generation + unhex(case["nonce"]) + sealed
    return {"prk": prk, "record_key": key, "associated_data": data, "record": record}


FORMATS = {"records-2": lambda case, file: {"record": record, "chat": chat}[case["kind"]](case, file)}
