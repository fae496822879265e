"""Whole chats: what each end must have sent and told, from sections 4, 6 to 8, 10 to 12 and 17."""

import struct

from .chat_keys import PEER, PROFILES, Key, Keys
from .messages import open_sealed, seal
from .primitives import Refused, unhex
from .tl import Reader

CALLS = "request accept accepted receive discarded send delete set_ttl acknowledge rekey close".split()
SIZES = [64, 128, 192, 256, 384, 512, 768, 1024, *range(1280, 10_000, 448)]


class End(Keys):
    """One end under test, step by step."""

    def __init__(self, case: dict, role: str) -> None:
        self.case, self.role = case, role
        self.profile = PROFILES[case["profile"]]
        self.keys: list[Key] = []
        self.sent = self.received = self.acknowledged = self.ttl = self.rekeys = 0
        self.sealed: dict[int, bytes] = {}
        self.waiting: dict[int, dict] = {}
        # OUT-1: profiles that bind their keys are always strict.
        self.strict = self.profile.labels is not None or case["policy"] == "strict"
        self.layer = self.profile.first_layer
        self.ready = self.closed = False
        self.state: tuple = ("idle",)
        # REKEY-4: the slot of its CommitKey.
        self.committed: int | None = None

    # Messages of the peer.

    def read(self, sealed: bytes) -> dict:
        for key in self.keys:
            if sealed[:8] == key.fingerprint:
                body = self.open(key, sealed)
                self.opened_with = key
                break
        else:
            raise Refused("UnknownKey")
        if body[:4] != struct.pack("<I", 0x1BE31789):
            raise Refused("BareObject")
        try:
            reader = Reader(body)
            message = reader.object("DecryptedMessageLayer")
            if reader.at < len(body):
                raise Refused("TrailingBytes")
            return message
        except Refused:
            # The header is read without the message (OUT-1): its slot counts.
            reader = Reader(body[4:])
            head = {"random_bytes": reader.value("bytes"), "message": None}
            return head | {name: reader.value("int") for name in ("layer", "in_seq_no", "out_seq_no")}

    def open(self, key: Key, sealed: bytes) -> bytes:
        return open_sealed(key.chat_key, key.fingerprint, self.x(PEER[self.role]), sealed)

    def raw(self, wire: int, odd: bool) -> int:
        if wire < 0:
            raise Refused("SeqNegative")
        if wire & 1 != odd:
            raise Refused("SeqParity")
        return wire >> 1

    def take(self, sealed: bytes) -> tuple[str, list[str]]:
        """SEQ-2 to SEQ-4: what becomes of it, and the news."""
        message = self.read(sealed)
        message["key"] = self.opened_with
        from_initiator = self.role == "responder"
        message["slot"] = self.raw(message["out_seq_no"], from_initiator)
        message["claim"] = self.raw(message["in_seq_no"], not from_initiator)
        slot = message["slot"]
        if slot < self.received or slot in self.waiting:
            return "Duplicate", []
        if slot > self.received:
            if slot - self.received > 10_000:
                return "NoRoom", []
            self.waiting[slot] = message
            return "Waiting", []
        news = self.process(message)
        while self.received in self.waiting:
            news += self.process(self.waiting.pop(self.received))
        return "Applied", news

    def process(self, message: dict) -> list[str]:
        if message["claim"] < self.acknowledged:
            raise Refused("InSeqBack")
        if message["claim"] > self.sent:
            raise Refused("InSeqAhead")
        if self.strict and message["layer"] < self.layer:
            raise Refused("LayerBack")
        inner = message["message"]
        if self.strict and inner is None:
            raise Refused("BodyNotUnderstood")
        self.acknowledged, self.received = message["claim"], self.received + 1
        self.layer = max(self.layer, message["layer"])
        self.wipe_old(message["key"])
        news = [] if self.ready else ["ready"]
        self.ready = True
        noise = len(message["random_bytes"]) // 2
        if inner is None or noise < 15 and self.case["policy"] != "tolerant":
            return news + ["unsupported"]
        if inner["_"] == "decryptedMessage":
            self.check_timer(inner["ttl"])
            hidden = inner["flags"] >> 27 & 1 and inner["ttl"] and self.case["profile"] != "telegram"
            return news + [f"message {'' if hidden else unhex(inner['message']).decode()}"]
        return news + self.act(inner["action"])

    def check_timer(self, ttl: int) -> None:
        """The ends that are tested have no timers of single messages."""
        assert ttl == self.ttl

    def wipe_old(self, key: Key) -> None:
        """REKEY-4: under the current key, what was committed is acknowledged, nothing waits."""
        acknowledged = self.committed is None or self.acknowledged > self.committed
        if key is self.keys[0] and self.state[0] != "accepted" and acknowledged and not self.waiting:
            del self.keys[1:]

    def act(self, action: dict) -> list[str]:
        name = action["_"].removeprefix("decryptedMessageAction")
        if name == "NotifyLayer":
            self.layer = action["layer"]
        elif name == "DeleteMessages":
            return [f"deleted {' '.join(action['random_ids'])}"]
        elif name == "SetMessageTTL":
            self.ttl = action["ttl_seconds"]
            return [f"ttl {self.ttl}"]
        elif name == "Resend":
            self.answer_resend(action["start_seq_no"], action["end_seq_no"])
        elif name in ("RequestKey", "AcceptKey", "CommitKey", "AbortKey"):
            return self.rekey(name, action, int(action["exchange_id"]))
        return []

    def answer_resend(self, first: int, last: int) -> None:
        odd = self.role == "initiator"
        bad = first < 0 or first & 1 != odd or last & 1 != odd or not first <= last or last - first >= 2 * 1000
        if bad or last >> 1 >= self.sent or first >> 1 < self.acknowledged:
            raise Refused("ResendRange")
        self.again = [self.sealed[slot] for slot in range(first >> 1, (last >> 1) + 1)]

    def rekey(self, name: str, action: dict, exchange: int) -> list[str]:
        """REKEY-2, as far as it is played here."""
        state = self.state
        if name == "RequestKey" and state[0] == "idle":
            theirs = unhex(action["g_a"])
            try:
                self.profile.check_request(theirs)
            except Refused:
                return ["rekey failed BadValue"]
            self.state = ("asked", exchange, theirs)
        elif name == "AcceptKey" and state[0] == "requested" and state[1] == exchange:
            (_, _, own, kept), theirs = state, unhex(action["g_b"])
            self.state = ("idle",)
            try:
                new = self.next_key(self.profile.finish(kept, theirs), exchange, self.role, own, theirs)
            except Refused:
                return ["rekey failed BadValue"]
            if struct.pack("<q", int(action["key_fingerprint"])) != new.fingerprint:
                return ["rekey failed FingerprintMismatch"]
            self.state = ("answered", exchange, new)
            return self.rekeyed()
        elif name == "CommitKey" and state[0] == "accepted" and state[1] == exchange:
            self.state = ("idle",)
            if struct.pack("<q", int(action["key_fingerprint"])) != state[2].fingerprint:
                self.keys.remove(state[2])
                return ["rekey failed FingerprintMismatch"]
            self.keys, self.committed = [state[2], self.keys[0]], None
            return self.rekeyed()
        elif name in ("AcceptKey", "CommitKey") and self.strict:
            raise Refused("RekeyUnexpected")
        return []

    def discarded(self, history: bool, proof: dict | None) -> str:
        """X25-9: under any key that this end holds."""
        known = proof and any(proof == self.proof(PEER[self.role], history, proof["sent"], key) for key in self.keys)
        if not known:
            raise Refused("NotAuthentic")
        missing = proof["sent"] - self.received
        back = missing < 0 or any(slot >= proof["sent"] for slot in self.waiting)
        return f"closed ByPeer, missing {max(missing, 0)}" + (", set back" if back else "")

    def rekeyed(self) -> list[str]:
        self.rekeys += 1
        return [f"rekeyed {self.rekeys}"]

    # Messages of its own.

    def check_sent(self, sealed: bytes, draws: list[bytes]) -> dict:
        """Numbers, layer, length, and that what is random was drawn; it is sealed again to the same bytes."""
        key = self.keys[0]
        assert sealed[:8] == key.fingerprint
        body = open_sealed(key.chat_key, key.fingerprint, self.x(self.role), sealed)
        message = Reader(body).object("DecryptedMessageLayer")
        odd = self.role == "initiator"
        assert message["out_seq_no"] == 2 * self.sent + odd and message["in_seq_no"] == 2 * self.received + (not odd)
        assert message["layer"] == self.layer and len(message["random_bytes"]) == 62
        inner = message["message"]
        ours = struct.pack("<q", int(inner["random_id"]))
        padded = next(size for size in SIZES if size >= len(body) + 16)
        padding = next(draw for draw in draws if len(draw) == padded - 4 - len(body))
        for draw in (unhex(message["random_bytes"]), ours, padding):
            draws.remove(draw)
        plain = struct.pack("<I", len(body)) + body + padding
        assert seal(key.chat_key, key.fingerprint, self.x(self.role), plain) == sealed
        self.sealed[self.sent] = sealed
        self.sent += 1
        return inner

    def follow(self, inner: dict, draws: list[bytes]) -> None:
        """What an own message of a rekey does to its sender."""
        action = inner.get("action", {})
        name = action.get("_", "").removeprefix("decryptedMessageAction")
        if name == "RequestKey":
            exchange = int(action["exchange_id"])
            draws.remove(struct.pack("<q", exchange))
            public, kept = self.profile.ask(draws)
            assert public == unhex(action["g_a"])
            self.state = ("requested", exchange, public, kept)
        elif name == "AcceptKey":
            _, exchange, theirs = self.state
            public = unhex(action["g_b"])
            secret = self.profile.answer(draws, theirs, public)
            new = self.next_key(secret, exchange, PEER[self.role], theirs, public)
            assert int(action["exchange_id"]) == exchange
            assert struct.pack("<q", int(action["key_fingerprint"])) == new.fingerprint
            self.keys.append(new)
            self.state = ("accepted", exchange, new)
        elif name == "CommitKey":
            assert (int(action["exchange_id"]), self.state[0]) == (self.state[1], "answered")
            # Its slot is counted already.
            self.keys, self.committed = [self.state[2], self.keys[0]], self.sent - 1
            self.state = ("idle",)

    # Steps.

    def step(self, step: dict) -> str | None:
        """The reason, if something was refused."""
        self.again, told, sent, error, handled = [], [], [], None, None
        draws = [unhex(draw) for draw in step["draws"]]
        call = step["call"]
        assert call in CALLS, call
        try:
            if call == "request":
                self.public, self.kept = self.profile.ask(draws)
                sent.append({"request": self.public.hex()})
            elif call == "accept":
                theirs, public = unhex(step["public"]), unhex(step["sent"][0]["accept"])
                self.keys = [self.first_key(self.profile.answer(draws, theirs, public), theirs, public)]
                sent.append({"accept": public.hex(), "fingerprint": self.keys[0].fingerprint.hex()})
                told, self.ready = ([], False) if self.profile.labels else (["ready"], True)
            elif call == "accepted":
                theirs = unhex(step["public"])
                key = self.first_key(self.profile.finish(self.kept, theirs), self.public, theirs)
                if key.fingerprint.hex() != step["fingerprint"]:
                    raise Refused("FingerprintMismatch")
                self.keys, self.ready, handled, told = [key], True, "Applied", ["ready"]
            elif call == "receive":
                handled, told = self.take(unhex(step["bytes"]))
            elif call == "discarded":
                handled, told = "ChatClosed", [self.discarded(step["history"], step["proof"])]
            elif call == "close":
                told = ["closed ByUs"]
                sent.append({"discard": step["history"], "proof": self.proof(self.role, step["history"], self.sent)})
        except Refused as refused:
            error = handled = str(refused)
            if call == "accepted" and not self.profile.labels:
                error, handled, told = "BadAnswer", "ChatClosed", ["closed BadAnswer"]
                sent.append({"discard": False, "proof": None})
            elif call == "receive" and error not in ("NotAuthentic", "UnknownKey"):
                handled, told = "ChatClosed", [f"closed {error}"]
                sent.append({"discard": False, "proof": self.proof(self.role, False, self.sent)})
        assert told == step["told"], (step["told"], told)
        assert handled == step.get("handled"), (step.get("handled"), handled)
        sent += [{"ciphertext": sealed.hex()} for sealed in self.again]
        assert step["sent"][: len(sent)] == sent
        for new in step["sent"][len(sent) :]:
            inner = self.check_sent(unhex(new["ciphertext"]), draws)
            self.means(step, inner)
            self.follow(inner, draws)
        assert not draws
        failed = [told.removeprefix("rekey failed ") for told in told if told.startswith("rekey failed")]
        return error or (failed[0] if failed else None)

    def means(self, step: dict, inner: dict) -> None:
        """That a message says what the host asked for."""
        action = inner.get("action", {})
        if step["call"] == "send":
            assert unhex(inner["message"]).decode() == step.get("text", "") and inner["ttl"] == self.ttl
            bits = {"silent": 5, "entities": 7, "media": 9, "protected": 26, "hidden": 27}
            parts = [name for name in ("entities", "media") if name in step]
            assert inner["flags"] == sum(1 << bits[name] for name in step.get("asks", []) + parts)
        expected = {
            "delete": {"_": "decryptedMessageActionDeleteMessages", "random_ids": step.get("random_ids")},
            "set_ttl": {"_": "decryptedMessageActionSetMessageTTL", "ttl_seconds": step.get("seconds")},
            "acknowledge": {"_": "decryptedMessageActionNoop"},
        }
        if step["call"] in expected:
            assert action == expected[step["call"]]
        if step["call"] == "set_ttl":
            self.ttl = step["seconds"]


def chat(case: dict, file: dict) -> dict:
    ends, errors = {}, []
    for step in case["steps"]:
        end = ends.setdefault(step["end"], End(case, step["end"]))
        if error := end.step(step):
            errors.append(error)
    for end in ends.values():
        assert not end.keys or end.verification.hex() == case["verification"]
    if errors:
        raise Refused(errors[0])
    return {"verification": ends["responder"].verification}


FORMATS = {"conversation-1": chat, "script-1": chat}
