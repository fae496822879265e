"""Chats with a real client: the end under test as in `conversation.py`, and the client by what it drew and by the names that
it gave to what it wrote and read.
"""

import struct

from .chat_keys import PEER, Key
from .conversation import End
from .messages import open_old, seal, seal_old
from .primitives import Refused, unhex
from .tl import KNOWN


class Ours(End):
    """Keeps what it read last, and what it sent and the client has not read."""

    def __init__(self, case: dict, role: str) -> None:
        super().__init__(case, role)
        self.carried: list[dict | None] = []

    def open(self, key: Key, sealed: bytes) -> bytes:
        """ENV-5: the client begins under MTProto 1.0."""
        try:
            self.body, self.is_old = super().open(key, sealed), False
        except Refused:
            self.body, self.is_old = open_old(key.chat_key, key.fingerprint, sealed), True
        return self.body

    def read(self, sealed: bytes) -> dict:
        self.heard = super().read(sealed)
        return self.heard

    def process(self, message: dict) -> list[str]:
        assert not self.is_old or "NotifyLayer" in message["message"]["action"]["_"]
        return super().process(message)

    def check_timer(self, ttl: int) -> None:
        """The client gives a message any timer."""

    def check_sent(self, sealed: bytes, draws: list[bytes]) -> dict:
        self.carried.append(super().check_sent(sealed, draws))
        return self.carried[-1]

    def means(self, step: dict, inner: dict) -> None:
        super().means(step, inner)
        if media := step.get("media"):
            assert inner["media"]["_"].lower() == f"decryptedmessagemedia{media['kind']}"
            assert all(inner["media"][name] == value for name, value in media.items() if name != "kind")
        for given, entity in zip(step.get("entities", []), inner.get("entities") or [], strict=True):
            kind = {"_": f"messageEntity{given['kind'].capitalize()}"}
            assert kind | {name: given[name] for name in ("offset", "length")} == entity


class Client:
    """What it drew and did not use yet, and its messages on their way."""

    def __init__(self, ours: Ours) -> None:
        self.ours, self.drawn, self.sent = ours, [], []

    def step(self, step: dict) -> None:
        self.drawn += [unhex(draw) for draw in step["draws"]]
        if step["call"] == "update":
            inner = self.ours.carried.pop(0)
            # It keeps to itself what the protocol says.
            shown = inner and ("message" in inner or inner["action"]["_"] in SHOWN)
            assert ("decoded" in step) == bool(shown), step
            assert not shown or same(step["decoded"], inner)
        for sent in step["sent"]:
            if public := sent.get("request") or sent.get("accept"):
                assert self.ours.profile.ask(self.drawn)[0].hex() == public
            else:
                self.sent.append(sent["ciphertext"])

    def made(self, sealed: bytes) -> None:
        """All that is random in a message was drawn, and it is sealed again to the same bytes."""
        ours, layer = self.ours, self.ours.heard
        key, body, inner = layer["key"], ours.body, layer["message"]
        fits = [draw for draw in self.drawn if len(draw) == len(sealed) - 28 - len(body)]
        padding = next(draw for draw in fits if self.seal(key, body, draw) == sealed)
        random_id = int(inner["random_id"]).to_bytes(8, "big", signed=True)
        used = [padding, random_id, unhex(layer["random_bytes"])]
        if "random_bytes" in inner:
            used.append(unhex(inner["random_bytes"]))
        if inner.get("media"):
            used += [unhex(inner["media"][name]) for name in ("key", "iv")]
        action = inner.get("action") or {}
        if action.get("_") == "decryptedMessageActionRequestKey":
            used.append(struct.pack("<q", int(action["exchange_id"])))
            assert ours.profile.ask(self.drawn)[0].hex() == action["g_a"]
        for draw in used:
            self.drawn.remove(draw)

    def seal(self, key: Key, body: bytes, padding: bytes) -> bytes:
        if self.ours.is_old:
            return seal_old(key.chat_key, key.fingerprint, body, padding)
        plain = struct.pack("<I", len(body)) + body + padding
        return seal(key.chat_key, key.fingerprint, self.ours.x(PEER[self.ours.role]), plain)


SHOWN = {f"decryptedMessageAction{name}" for name in ("SetMessageTTL", "DeleteMessages")}


def same(named: object, read: object) -> bool:
    """Whether the client named a value as it is read here."""
    if isinstance(named, dict):
        assert KNOWN[int(named["id"], 16)]["name"] == named["_"]
        return all(same(value, read[name]) for name, value in named.items() if name != "id")
    if isinstance(named, list):
        return len(named) == len(read) and all(map(same, named, read))
    return named == read or isinstance(named, str) and named.encode().hex() == read


def chat(case: dict, file: dict) -> dict:
    ours = Ours(case, PEER[case["client"]])
    client = Client(ours)
    for step in case["steps"]:
        if step["end"] == case["client"]:
            client.step(step)
            continue
        # The client hears of a request and of an answer, too.
        ours.carried += [None] * (step["call"] in ("request", "accept"))
        assert ours.step(step) is None
        if step["call"] == "receive":
            assert client.sent.pop(0) == step["bytes"]
            assert same(step["decoded"], ours.heard)
            client.made(unhex(step["bytes"]))
    assert not client.sent and not client.drawn and not ours.carried
    return {"verification": ours.verification}


FORMATS = {"client-1": chat}
