"""Records a chat in each role as vectors of the format `client-1` (`test-vectors/README.md`).

All randomness of both ends comes from seeds, so the same bytes come out each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import struct
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

import telethon_secret_chat.secret_methods as methods
from network import CHAT, Network
from telethon.crypto import AES
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import TLObject
from telethon_secret_chat.version import __version__

NAME = f"telethon-secret-chat {__version__}"
# The roles of the client and of this end: they ask, we ask.
ROLES = [("initiator", "responder"), ("responder", "initiator")]
LONGS = {"random_id", "random_ids", "reply_to_random_id", "grouped_id", "exchange_id", "key_fingerprint"}
THUMB = {"thumb": "ffd8", "thumb_w": 10, "thumb_h": 9}
PHOTO = {"kind": "photo", "w": 100, "h": 90, "size": 5_000, "key": "11" * 32, "iv": "22" * 32, **THUMB}
NAMES = {"invitation": "request", "accepted": "accept", "ciphertext": "ciphertext"}


def stream(seed: bytes) -> Iterator[int]:
    """Yields what the shim draws, byte by byte (SHIM.md)."""
    n = 0
    while True:
        yield from hashlib.sha256(seed + struct.pack("<Q", n)).digest()
        n += 1


def piece(of: Iterator[int], length: int) -> bytes:
    return bytes(next(of) for _ in range(length))


class Draws:
    """The randomness of the client. What its code for secret chats draws is listed."""

    def __init__(self, seed: bytes) -> None:
        self.stream, self.numbers, self.drawn = stream(seed), random.Random(seed), list[str]()

    def urandom(self, length: int) -> bytes:
        drawn = piece(self.stream, length)
        if sys._getframe(1).f_globals["__name__"].startswith("telethon_secret_chat"):
            self.drawn.append(drawn.hex())
        return drawn

    def randint(self, least: int, most: int) -> int:
        number = self.numbers.randint(least, most)
        # The id of an exchange. Small numbers say how many bytes to draw.
        if most > 255:
            self.drawn.append(struct.pack("<q", number).hex())
        return number

    def take(self) -> list[str]:
        drawn, self.drawn = self.drawn, []
        return drawn


def decoded(value: Any, name: str = "") -> Any:
    """Returns what the client made or read, with the names of the schema."""
    if isinstance(value, TLObject):
        word = re.sub(r"\d+$", "", type(value).__name__)
        fields = {field: decoded(getattr(value, field), field) for field in value.to_dict() if field != "_"}
        return {"_": word[0].lower() + word[1:], "id": f"{value.CONSTRUCTOR_ID:08x}"} | fields
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [decoded(item, name) for item in value]
    return str(value) if name in LONGS and value is not None else value


def told(event: dict[str, Any]) -> str | None:
    """Returns how the vectors write an event, if they do."""
    names = {
        "ready": "ready",
        "message": f"message {event.get('text')}",
        "deleted": f"deleted {' '.join(event.get('random_ids', []))}",
        "ttl_changed": f"ttl {event.get('ttl')}",
        "rekeyed": f"rekeyed {event.get('rekeys')}",
        "unsupported": "unsupported",
        "closed": "closed",
        "rekey_failed": "rekey failed",
    }
    return names.get(event["event"])


class Recording(Network):
    """A chat that is written down, call by call of either end."""

    def __init__(self, command: str, group: bytes, roles: tuple[str, str]) -> None:
        self.theirs, self.ours = roles
        self.steps: list[dict[str, Any]] = []
        self.keys: dict[bytes, bytes] = {}
        self.numbered = 1
        self.on_the_way: deque[tuple[str, dict[str, Any]]] = deque()
        self.draws = Draws(b"client " + self.theirs.encode())
        os.urandom, methods.random = self.draws.urandom, self.draws
        super().__init__(command, group, True, store=False)

    async def they(self, call: str, *given: Any, **named: Any) -> None:
        """Lets the client make a call of its own."""
        await getattr(self.manager, call)(*given, **named)
        self.note(call)
        await self.settle()

    async def we(self, call: str, **given: Any) -> None:
        """Lets this end make a call."""
        self.give(call, {"ids" if name == "random_ids" else name: value for name, value in given.items()}, given)
        await self.settle()

    async def settle(self) -> None:
        """Carries all that waits."""
        while self.on_the_way or self.shim.transmits:
            if self.on_the_way:
                self.arrive(*self.on_the_way.popleft())
            if self.shim.transmits:
                before = len(self.received)
                await self.deliver(self.update(self.shim.transmits.popleft()))
                assert not self.raised, self.raised
                self.note("update", **{"decoded": decoded(read) for read in self.received[before:]})

    def note(self, call: str, **given: Any) -> None:
        """Writes down a step of the client, with all that it sent since the last one."""
        sent = []
        for name, fields in self.sent:
            rest = {"fingerprint": fields["fingerprint"]} if name == "accepted" else {}
            sent.append({NAMES[name]: fields.get("bytes") or fields["public"]} | rest)
        self.steps.append({"end": self.theirs, "call": call, **given, "draws": self.draws.take(), "sent": sent})
        if chat := self.manager.session.get_secret_chat_by_id(CHAT):
            self.keys[hashlib.sha1(chat.auth_key).digest()[-8:]] = chat.auth_key
        for name, fields in self.sent:
            # Its own number of a message is one above that on the wire.
            meant = {"decoded": decoded(chat.outgoing[self.numbered])} if name == "ciphertext" else {}
            self.numbered += name == "ciphertext"
            self.on_the_way.append((name, fields | meant))
        self.sent.clear()

    def arrive(self, name: str, fields: dict[str, Any]) -> None:
        """Gives this end what the client sent."""
        meant = fields.pop("decoded", None)
        if name == "invitation":
            self.shim.tell(name, **fields)
            self.give("accept", {}, fields)
        elif name == "accepted":
            self.give(name, fields, fields)
        else:
            shown = fields | {"decoded": meant}
            if "file" in fields:
                names = zip(("id", "size", "key_fingerprint"), ("reference", "size", "fingerprint"))
                shown["file"] = {schema: fields["file"][ours] for schema, ours in names}
            self.give("receive", fields, shown, name)

    def give(self, call: str, fields: dict[str, Any], shown: dict[str, Any], command: str | None = None) -> None:
        """Gives this end a command and writes down the step. Its draws are found later."""
        before = len(self.shim.transmits)
        done = self.shim.tell(command or call, **fields)
        assert not self.shim.errors, self.shim.errors
        handled = {"handled": done.capitalize()} if call in ("accepted", "receive") else {}
        sent = []
        for transmit in list(self.shim.transmits)[before:]:
            rest = {"fingerprint": transmit["fingerprint"]} if transmit["kind"] == "accept" else {}
            sent.append({transmit["kind"]: transmit.get("bytes") or transmit["public"]} | rest)
        heard = [line for event in self.shim.events if (line := told(event))]
        self.shim.events.clear()
        step = {"end": self.ours, "call": call, **shown, **handled}
        self.steps.append(step | {"draws": [], "sent": sent, "told": heard})

    def case(self) -> dict[str, Any]:
        """Returns the case, with the draws of this end piece by piece in the order of RNG-3."""
        ours = stream(b"\x01")
        for step in (step for step in self.steps if step["end"] == self.ours):
            lengths = [256] if step["call"] in ("request", "accept") else []
            for sent in step["sent"]:
                if "ciphertext" in sent:
                    body, padding = self.opened(bytes.fromhex(sent["ciphertext"]))
                    # decryptedMessageActionAcceptKey, behind layer, numbers and the head of a service message.
                    lengths += [256] if body[60:64] == struct.pack("<I", 0x6FE1735B) else []
                    lengths += [8, 31, padding]
            step["draws"] = [piece(ours, length).hex() for length in lengths]
        first = next(iter(self.keys.values()))
        value = hashlib.sha1(first).digest()[:16] + hashlib.sha256(first).digest()[:20]
        return {"verification": value.hex(), "steps": self.steps}

    def opened(self, sealed: bytes) -> tuple[bytes, int]:
        """Returns the body of a message of this end, and how much padding it has."""
        aes = MTProtoState._calc_key(self.keys[sealed[:8]], sealed[8:24], self.ours == "initiator")
        plain = AES.decrypt_ige(sealed[24:], *aes)
        (length,) = struct.unpack("<I", plain[:4])
        return plain[4 : 4 + length], len(plain) - 4 - length


async def talk(net: Recording) -> None:
    """Begins the chat, and says and does one thing of each kind."""
    if net.theirs == "initiator":
        await net.they("start_secret_chat", 2)
    else:
        await net.we("request")
    for n in range(3):
        await net.they("send_secret_message", CHAT, f"to us {n} é😀")
        await net.we("send", text=f"to them {n} é😀")
    await net.they("send_secret_message", CHAT, "**bold** and `code`")
    await net.we("send", text="bold line", entities=[{"kind": "bold", "offset": 0, "length": 4}])
    await net.they("send_secret_photo", CHAT, bytes(5_000), b"\xff\xd8", 10, 9, 100, 90, 5_000)
    reference = net.keep(bytes(5_008), 7)
    await net.we("send", media=PHOTO, file=reference)
    await net.they("send_secret_message", CHAT, "soon gone", ttl=20)
    await net.we("delete", random_ids=[str(net.received[0].random_id)])
    await net.they("rekey", CHAT)
    await net.they("send_secret_message", CHAT, "under the new key")
    await net.we("send", text="under the new key")
    await net.we("set_ttl", seconds=30)
    await net.we("send", text="with a timer")


async def record(command: str, group: bytes) -> str:
    """Returns the file."""
    cases, urandom = [], os.urandom
    for n, roles in enumerate(ROLES):
        net = Recording(command, group, roles)
        head = {"id": f"client-{n}", "kind": "client", "comment": f"{NAME}: {roles[0]}", "flags": [], "result": "valid"}
        config = {"profile": "telegram", "policy": "default", "id_i": "", "id_r": "", "g": 3, "client": roles[0]}
        try:
            await talk(net)
            cases.append(head | config | net.case())
        finally:
            os.urandom, methods.random = urandom, random
            net.shim.end()
    file = {
        "format": "secretchat/client-1",
        "clause": ["MODP-6", "ENV-5", "SEQ-1", "LAY-2", "MSG-3", "MED-1", "DES-1", "REKEY-2", "REKEY-4"],
        "origin": f"recorded with {NAME} by crates/conformance/peers/telethon/run.py --record",
        "generator": None,
        "comment": "Whole chats with a real client.",
        "cases": cases,
    }
    return json.dumps(file, indent=1) + "\n"
