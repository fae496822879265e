#!/usr/bin/env python3
"""Records of chats in every phase, sealed by SPEC REC-1 to REC-5 alone, and records that no chat comes from.

    records.py            writes chats.json and hostile.json
    records.py --check    compares them

AES-256-GCM-SIV is OpenSSL's, by the `cryptography` package, checked against RFC 8452 C.2 first. Key material comes from
x25519-profile.json, hybrid-profile.json and fingerprints.json, the published prime from modp.json.
"""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import hostile
import layout as rec
from layout import Keys, drawn, i64, name, u8, u32, u64
from vector_file import cases, publish, standard

STORE_KEY = bytes(range(0x40, 0x60))


class Chat:
    """The rows of one chat: for each name its generation and what it holds."""

    def __init__(self, what: str, contents: dict, head: dict | None, expected: dict):
        """`contents` by kind and number, each written by a batch of its own; `head` is the state up to that of keys."""
        self.what, self.head, self.expected = what, head, expected
        self.chat, self.store_key = drawn(f"chat {what}", 16), STORE_KEY
        self.keys = Keys(self.chat, self.store_key)
        first = 1 if head is not None else 9
        self.rows = {name(*at): (number, fields) for number, (at, fields) in enumerate(contents.items(), first)}
        self.newest = first + len(self.rows) - (head is None)
        if head is not None:
            self.rows[name("state")] = (self.newest, self.state())

    def state(self, head: dict | None = None, rows: dict | None = None) -> dict:
        """With the digests of the rows."""
        fields = (head or self.head) | {"before": rec.BEFORE}
        sealed = self.sealed({of: row for of, row in (rows or self.rows).items() if of != name("state")})
        for kind in rec.COUNTED:
            fields |= {f"set of {kind}": self.keys.digest(rec.member(*row) for row in sealed if row[0][0] == rec.KINDS[kind])}
        return fields

    def sealed(self, rows: dict | None = None) -> list[tuple[bytes, bytes]]:
        return [
            (of, self.keys.seal(of, generation, b"".join(fields.values())))
            for of, (generation, fields) in (rows or self.rows).items()
        ]

    def checkpoint(self) -> dict:
        """REC-6: of the state or the tombstone, which is the last row."""
        return {"generation": str(self.newest), "tag": self.sealed()[-1][1][-16:].hex()}

    def case(self, remembered: dict | None = None) -> dict:
        rows = [
            {
                "name": of.hex(),
                "generation": str(self.rows[of][0]),
                "plain": b"".join(self.rows[of][1].values()).hex(),
                "sealed": sealed.hex(),
            }
            for of, sealed in self.sealed()
        ]
        made = {"what": self.what, "store_key": self.store_key.hex(), "chat": self.chat.hex()}
        made |= {"remembered": remembered, "checkpoint": self.checkpoint()}
        return made | self.expected | {"rows": rows}


def agreements() -> dict[int, dict]:
    """Of each profile."""
    x25519, hybrid = (bound(rec.vectors(file)[0]) for file in ("x25519-profile.json", "hybrid-profile.json"))
    telegram = rec.vectors("fingerprints.json")[0]
    telegram = {field: bytes.fromhex(telegram[field]) for field in ("key", "fingerprint", "verification")}
    exponent = drawn("exponent", 256)
    public = pow(3, int.from_bytes(exponent, "big"), int.from_bytes(rec.P, "big")).to_bytes(256, "big")
    telegram |= {"key": telegram["key"] + telegram["fingerprint"], "secrets": {"secret": exponent}}
    return {
        rec.X25519: x25519 | {"secrets": {"secret": x25519["a"]}},
        rec.TELEGRAM: telegram | {"public": public, "own": public, "peer": public},
        # An end keeps its scalar and its seed, and has a ciphertext in its own value or an encapsulation key in the other's.
        rec.HYBRID: hybrid | {"secrets": {"secret": hybrid["a"], "seed": hybrid["d"] + hybrid["z"]}, "peer": hybrid["A"]},
    }


def bound(case: dict) -> dict:
    """What a handshake gives. An open exchange has the value of the Accept where the Request's would do as well."""
    assert case["kind"] == "handshake"
    agreed = {field: bytes.fromhex(value) for field, value in case.items() if field in FIELDS and isinstance(value, str)}
    agreed |= {"key": agreed["chat_key"] + agreed["fingerprint"], "discard keys": agreed["discard_keys"]}
    return agreed | {"public": agreed["A"], "own": agreed["B"], "peer": agreed["B"]}


FIELDS = ("a", "d", "z", "A", "B", "chat_key", "fingerprint", "verification", "th", "chain", "check", "discard_keys")


def exchanges(profile: int, secrets: dict, public: bytes) -> dict[str, dict]:
    """With the public value of the peer's request."""
    following = {"next": drawn("next key", 256) + drawn("next fingerprint", 8)}
    secrets = {f"exchange {which}": secret for which, secret in secrets.items()}
    if rec.is_bound(profile):
        following["next"] += drawn("next peer discard", 32)
        following |= {"next chain": drawn("next chain", 32), "next check": drawn("next check", 36)}
        following |= {"next own discard": drawn("next own discard", 32)}
    return {
        "idle": {"exchange": u8(0)},
        "requested": {"exchange": u8(1), "id": i64(-9), "slot": u32(4), "time": u64(900)}
        | secrets
        | {"ignored flag": u8(1), "ignored id": i64(-10), "ignored": rec.lp(public)},
        "asked": {"exchange": u8(2), "id": i64(-1 << 63), "public": rec.lp(public)},
        "accepted": {"exchange": u8(3), "id": i64(77), "slot": u32(4)} | following,
        "answered": {"exchange": u8(4), "id": i64((1 << 63) - 1)} | following,
    }


EXCHANGE_IDS = {"requested": "-9", "asked": str(-1 << 63), "accepted": "77", "answered": str((1 << 63) - 1)}
REASONS = {0: "ByUs", 3: "RolledBack", 19: "Violation(InSeqAhead)", 6: "BadAnswer"}
NO_OLD = {"old flag": u8(0)}


def of_profile(profile: int, agreed: dict) -> dict[str, Chat]:
    word = {rec.X25519: "x25519", rec.TELEGRAM: "telegram", rec.HYBRID: "hybrid"}[profile]
    is_bound = rec.is_bound(profile)
    nothing = {"profile": word, "sent": 0, "acknowledged": 0, "received": 0, "verification": None, "fingerprint": None}
    nothing |= {"rekey": "idle", "exchange_id": None, "ttl": 0, "again": []}
    nothing |= {"receipt": None}
    ready = nothing | {"state": "Ready"} | {field: agreed[field].hex() for field in ("verification", "fingerprint")}
    options = exchanges(profile, agreed["secrets"], agreed["peer"])
    idle = options["idle"]

    def keys(role: int, exchange: dict = idle, old: dict = NO_OLD, own: bytes = b"") -> dict:
        return rec.opened(profile, role, agreed, exchange, old, own)

    made = {}

    def add(what: str, expected: dict, contents: dict, head: dict | None) -> None:
        made[what] = Chat(f"{word}: {what}", contents, head, expected)

    again = [{"what": "request", "public": agreed["public"].hex()}]
    first = {("keys", 0): rec.requested(profile, agreed["secrets"])} | (
        {} if is_bound else {("early", 0): rec.early()}
    )
    head = rec.state(confirmed=False, peer_layer=144 if is_bound else 73)
    add("requested", nothing | {"state": "Requested", "again": again}, first, head)

    again = [{"what": "accept", "public": agreed["own"].hex(), "fingerprint": agreed["fingerprint"].hex()}]
    if is_bound:
        head = rec.state(confirmed=False)
        add("accepted", ready | {"state": "Accepted", "again": again}, {("keys", 0): keys(1, own=agreed["own"])}, head)
        # X25-10: it waits for the Request to come again.
        head = rec.state(confirmed=False, noted=5)
        expected = ready | {"state": "Accepted"}
        add("accepted, a Discard noted", expected, {("keys", 0): keys(1, own=agreed["own"])}, head)
    add("ready, nothing said", dict(ready), {("keys", 0): keys(0)}, rec.state())

    fingerprint = agreed["fingerprint"]
    rows = {("outgoing", slot): rec.outgoing(slot, fingerprint) for slot in (3, 4)}
    rows |= {
        ("waiting", 9): rec.waiting(fingerprint),
        ("timed", -5): rec.timed(0, True),
        ("timed", 104): rec.timed(1, False),
    }
    again = [
        {
            "what": "message",
            "slot": slot,
            "random_id": str(100 + slot),
            "service": False,
            "silent": False,
            "file": b"there".hex(),
            "sealed": rec.outgoing(slot, fingerprint)["sealed"][4:].hex(),
        }
        for slot in (3, 4)
    ]
    counts = {"sent": 5, "acknowledged": 3, "received": 7, "ttl": 5, "again": again}
    old = {"old flag": u8(1), "old": options["accepted"]["next"], "committed flag": u8(1), "committed": u32(2)}
    for rekey, exchange in options.items():
        contents = {("keys", 0): keys(0, exchange, old if rekey == "idle" else NO_OLD)} | rows
        expected = ready | counts | {"rekey": rekey, "exchange_id": EXCHANGE_IDS.get(rekey)}
        add(f"ready, {rekey}", expected, contents, rec.state(5, 7, 3, ttl=5, elapsed=1000))

    proof, receipt, until = None, None, ()
    if is_bound:
        proof, receipt, until = (70_000, rec.PROOF), drawn("own receipt", 32), (drawn("a receipt", 32), drawn("another", 32))
    shown = {"sent": proof[0], "mac": proof[1].hex()} if proof else None
    again = [{"what": "discard", "history": True, "proof": shown}]
    for number, reason in REASONS.items():
        contents = {("tombstone", 0): rec.tombstone(rec.setup(profile, 1), number, 1, proof, receipt, until)}
        expected = nothing | {"state": reason, "again": again, "receipt": receipt.hex() if receipt else None}
        add(f"closed, {reason}", expected, contents, None)
    return made


def of_responder(profile: int, agreed: dict, ready: Chat) -> list[Chat]:
    """SEQ-12: once it has heard the initiator it repeats no acceptance, whether that is still there or not."""
    made = []
    for what, own in (("with its acceptance", agreed["own"]), ("without it", b"")):
        keys = rec.opened(profile, 1, agreed, {"exchange": u8(0)}, NO_OLD, own)
        head, expected = rec.state(received=1, elapsed=1000), ready.expected | {"received": 1}
        made.append(Chat(f"{ready.expected['profile']}: heard, {what}", {("keys", 0): keys}, head, expected))
    return made


def remembered(chats: list[Chat]) -> list[dict]:
    """REC-6, and rows in another order."""
    made = []
    for chat in chats:
        before = {"generation": str(chat.newest - 1), "tag": rec.BEFORE.hex()}
        for what, noted in (("just this checkpoint", chat.checkpoint()), ("the one before", before)):
            made.append(chat.case(noted) | {"what": f"{chat.what}, remembered {what}"})
        if len(chat.rows) > 1:
            case = chat.case()
            made.append(case | {"what": f"{chat.what}, rows the other way round", "rows": case["rows"][::-1]})
    return made


def worked() -> dict:
    """The record of SPEC's worked examples: Alice asked for a chat with Bob, and ended it: by her, history kept, the Discard not carried yet."""
    keys, of, generation, nonce = (
        Keys(bytes(range(0x20, 0x30)), bytes(range(32))),
        name("tombstone"),
        9,
        bytes(range(0x30, 0x3C)),
    )
    default = rec.setup(1, 0) | {"uses": u32(100, 116, 1000), "times": u64(7 * rec.DAY, 30 * rec.DAY, rec.DAY // 24)}
    receipt, until = bytes(range(0x60, 0x80)), (bytes(range(0x80, 0xA0)),)
    plain = b"".join(rec.tombstone(default, 0, 0, (3, rec.PROOF), receipt, until).values())
    values = {
        "store_key": bytes(range(32)),
        "chat": keys.chat,
        "name": of,
        "nonce": nonce,
        "plain": plain,
        "prk": keys.prk,
    }
    values |= {"record_key": keys.record_key, "associated_data": keys.associated(of, generation)}
    values |= {"record": keys.seal(of, generation, plain, nonce=nonce)}
    return {"what": "the tombstone of the worked examples", "generation": str(generation)} | {
        k: v.hex() for k, v in values.items()
    }


def tabled(cases: list[dict]) -> dict:
    """Each row once: the cases name their places in the file's list."""
    table: dict[tuple, int] = {}
    for case in cases:
        if "rows" in case:
            case["rows"] = [table.setdefault(tuple(row.items()), len(table)) for row in case["rows"]]
    return {"rows": [dict(row) for row in table], "cases": cases}


def self_check() -> None:
    for case in standard("rfc5869"):
        salt, ikm, info, okm = (bytes.fromhex(case[field]) for field in ("salt", "ikm", "info", "okm"))
        assert rec.mac(rec.mac(salt or bytes(32), ikm), info + b"\1") == okm[:32]
    # RFC 8452 C.2, the first two of AES-256-GCM-SIV.
    key, nonce = bytes([1]) + bytes(31), bytes([3]) + bytes(11)
    assert (
        AESGCMSIV(key).encrypt(nonce, bytes([1]) + bytes(7), b"").hex()
        == "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"
    )
    assert (
        AESGCMSIV(key).encrypt(nonce, bytes([1]) + bytes(11), b"").hex()
        == "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"
    )


def main() -> None:
    self_check()
    agreed = agreements()
    chats = {profile: of_profile(profile, agreed[profile]) for profile in agreed}
    heard = [chat for of, one in chats.items() for chat in of_responder(of, agreed[of], one["ready, nothing said"])]
    x25519, telegram, hybrid = chats.values()
    plain = [chat.case() for one in (x25519, telegram) for chat in one.values()]
    some = [x25519["ready, requested"], telegram["requested"], x25519["closed, ByUs"]]
    # What came later stands behind, so that the others keep their places.
    later = [chat.case() for chat in hybrid.values()] + [chat.case() for chat in heard]
    valid = cases("record", [worked()]) + cases("chat", plain + remembered(some) + later)
    refused = cases("chat", hostile.chats(x25519, telegram) + hostile.hybrid(hybrid, x25519))
    shared = {"format": "records-2", "uses": ("layout.py", "hostile.py")}
    publish(
        __file__,
        __doc__,
        {
            "chats.json": shared
            | {"clause": "REC-1 REC-2 REC-3 REC-4 REC-5 REC-6 DRV-2", "comment": "Records of chats in each phase."}
            | tabled(valid),
            "hostile.json": shared
            | {"clause": "REC-2 REC-3 REC-4 REC-5 REC-6", "comment": "Records that no chat comes from."}
            | tabled(refused),
        },
    )


if __name__ == "__main__":
    main()
