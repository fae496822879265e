"""A shim over this package: one end of a chat, driven by lines of JSON, as crates/conformance/SHIM.md describes.

`SECRETCHAT_SHIM="python tests/shim.py" cargo test -p conformance --test shim` runs that shim's tests against it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Optional

import shim_json as codec
from secretchat import Chat, Config, DhGroup, Invitation, Persist, StoreKey
from secretchat.errors import DhGroupError, PeerFault, SecretchatError, StoreError
from secretchat.store import MemoryStore
from shim_fields import Fields, ShimError, boolean, hexadecimal, integer, listed, text, wide

KEY = StoreKey(b"\x5a" * 32)
U32, U64 = 1 << 32, 1 << 64


class Draws:
    """The given draws for requests of their length, and otherwise a stream of hashes."""

    def __init__(self, seed: bytes, answers: list[bytes]) -> None:
        self.answers = answers
        self.stream = self.hashes(seed)

    @staticmethod
    def hashes(seed: bytes) -> Iterator[int]:
        n = 0
        while True:
            yield from hashlib.sha256(seed + n.to_bytes(8, "little")).digest()
            n += 1

    def __call__(self, count: int) -> bytes:
        for at, answer in enumerate(self.answers):
            if len(answer) == count:
                return self.answers.pop(at)
        return bytes(next(self.stream) for _ in range(count))


class Disk:
    """All batches of a chat, of which a crash may drop the last ones."""

    def __init__(self) -> None:
        self.batches: list[Persist] = []

    def records(self, dropped: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        store = MemoryStore()
        chat = self.batches[0].chat if self.batches else bytes(16)
        for batch in self.kept(dropped):
            store.apply([batch])
        return chat, store.load(chat) or []

    def kept(self, dropped: int) -> list[Persist]:
        return self.batches[: max(0, len(self.batches) - dropped)]


class Peer:
    """One chat and its host, which does only what the lines say."""

    def __init__(self, fields: Fields) -> None:
        self.now = fields.need("now", integer(U64))
        self.monotonic: Optional[tuple[int, int]] = None
        seed = fields.need("seed", hexadecimal)
        draws = fields.get("draws", listed(hexadecimal)) or []
        self.host: Any = {"random": Draws(seed, draws), "clock": self.clock}
        self.config = self.read_config(fields)
        self.chat: Optional[Chat] = None
        self.invitation: Optional[Invitation] = None
        self.disk = Disk()
        self.fuse: Optional[int] = None

    def clock(self) -> Any:
        return self.now if self.monotonic is None else (self.now, *self.monotonic)

    def read_config(self, fields: Fields) -> Config:
        profile = fields.need("profile", text)
        if profile not in ("x25519", "hybrid", "telegram"):
            raise ShimError("BadField")
        self.is_telegram = profile == "telegram"
        view_once = False
        if self.is_telegram:
            g, p = fields.get("g", integer(U32)), fields.get("p", hexadecimal)
            g = 3 if g is None else g
            if p is None:
                group = DhGroup.published(g)
            else:
                group = DhGroup.check(g, p, any_safe_prime=True, random=self.host["random"])
            policy: Any = fields.get("policy", text) or "default"
            if policy not in ("default", "strict", "tolerant"):
                raise ShimError("BadField")
            view_once = fields.get("view_once", boolean) or False
        local, peer = (fields.get(name, hexadecimal) or b"" for name in ("local_id", "peer_id"))
        context = fields.get("context", hexadecimal) or b""
        layer = fields.get("layer", integer(1 << 31, -(1 << 31)))
        limits = self.read_limits(fields)
        rekey = self.read_rekey(fields)
        bounds = fields.get("ttl_bounds", listed(integer(U32)))
        cap: Any = fields.get("notification_cap", text)
        server_random = fields.get("server_random", hexadecimal) or b""
        exporter = fields.get("exporter", boolean) or False
        keeps_records = fields.get("store", boolean)
        fields.end()
        if self.is_telegram:
            config = Config.telegram(group, policy)
            config = config.with_layer(144 if layer is None else layer)
        else:
            config = (Config.hybrid if profile == "hybrid" else Config.x25519)(local, peer)
        if view_once:
            config = config.with_view_once()
        if bounds is not None:
            if len(bounds) != 2:
                raise ShimError("BadField")
            config = config.with_ttl_bounds(*bounds)
        if cap is not None:
            if cap not in ("all", "sender", "nothing"):
                raise ShimError("BadField")
            config = config.with_notification_cap(cap)
        if server_random:
            config = config.with_server_random(server_random)
        if exporter:
            config = config.with_exporter()
        config = config.with_limits(**limits).with_rekey(**rekey).with_context(context)
        return config if keeps_records is False else config.with_store(KEY)

    @staticmethod
    def read_limits(fields: Fields) -> Any:
        told = fields.get("limits", Fields) or Fields({})
        limits: dict[str, Any] = {}
        for name in list(told.values):
            if name in ("view_once", "discard_patience"):
                limits[name] = timedelta(seconds=told.need(name, integer(U32)))
            elif name in (
                "outbox_messages",
                "outbox_bytes",
                "waiting_messages",
                "waiting_bytes",
                "waiting_span",
                "timed_messages",
            ):
                limits[name] = told.need(name, integer(U32))
            else:
                raise ShimError("UnknownField")
        return limits

    @staticmethod
    def read_rekey(fields: Fields) -> Any:
        told = fields.get("rekey", Fields)
        if told is None:
            return {}
        age = told.get("after_millis", integer(U64))
        policy = {
            "messages": told.get("after_messages", integer(U32)),
            "bytes": told.get("after_bytes", integer(U64)),
            "age": None if age is None else timedelta(milliseconds=age),
        }
        told.end()
        return policy

    def there(self) -> Chat:
        if self.chat is None:
            raise ShimError("NoChat")
        return self.chat

    def obey(self, command: str, fields: Fields, lines: list[Any]) -> Any:
        """Obeys a command other than `config`, adds its outputs to the lines and returns its result."""
        match command:
            case "invitation":
                public = fields.only("public", hexadecimal)
                self.is_new()
                self.invitation = Invitation(public, self.config)
                return None
            case "decline":
                fields.end()
                lines.append(codec.transmit(self.take_invitation().decline()))
                return None
            case "state":
                fields.end()
                return codec.state(self.there())
            case "position":
                position = self.there_after(fields.only("id", wide)).position(fields.taken)
                return position and codec.position(position)
            case "peek":
                return codec.peek(self.there_after(fields.only("bytes", hexadecimal)).peek(fields.taken))
            case "diagnosis":
                fields.end()
                return codec.diagnosis(self.there())
            case "crash_after":
                self.fuse = fields.only("outputs", integer(U64))
                return None
        try:
            done = self.call(command, fields)
        except ShimError:
            raise
        except SecretchatError as error:
            return self.finish(None, error, lines)
        return self.finish(done, None, lines)

    def there_after(self, _taken: Any) -> Chat:
        """Returns the chat, after the fields were read."""
        return self.there()

    def take_invitation(self) -> Invitation:
        invitation, self.invitation = self.invitation, None
        if invitation is None:
            raise ShimError("NoInvitation")
        return invitation

    def is_new(self) -> None:
        if self.chat is not None:
            raise ShimError("ChatExists")

    def finish(self, done: Any, error: Optional[SecretchatError], lines: list[Any]) -> Any:
        """Takes the outputs: all, or those before a crash and then those of the restored chat."""
        if self.fuse is not None:
            self.drain(self.fuse, lines)
            self.fuse = None
            self.restore(0, False)
            done = "crashed"
        if error is not None:
            raise error
        self.drain(None, lines)
        if self.chat is not None:
            lines.append({"out": "timeout", "at": self.chat.poll_timeout()})
        return done

    def drain(self, count: Optional[int], lines: list[Any]) -> None:
        while self.chat is not None and count != 0:
            output = self.chat.poll_output()
            if output is None:
                return
            lines.append(codec.output(output))
            if isinstance(output, Persist):
                self.disk.batches.append(output)
            if count is not None:
                count -= 1

    def restore(self, dropped: int, expect: bool) -> None:
        self.chat = self.invitation = None
        expected = self.disk.batches[-1].checkpoint if expect and self.disk.batches else None
        chat, rows = self.disk.records(dropped)
        self.chat = Chat.restore(chat, rows, KEY, expected, **self.host)
        self.disk.batches = self.disk.kept(dropped)

    def call(self, command: str, fields: Fields) -> Any:
        match command:
            case "request":
                fields.end()
                self.is_new()
                self.chat, self.disk = Chat.request(self.config, **self.host), Disk()
            case "accept":
                fields.end()
                self.chat, self.disk = self.take_invitation().accept(**self.host), Disk()
            case "now":
                now, since = fields.need("now", integer(U64)), fields.get("monotonic", integer(U64))
                boot = fields.get("boot", integer(U64)) or 0
                fields.end()
                self.now, self.monotonic = now, None if since is None else (boot, since)
                if self.chat is not None:
                    self.chat.handle_timeout()
            case "restart":
                dropped = fields.get("drop_batches", integer(U64)) or 0
                expect = fields.get("expect_checkpoint", boolean) or False
                fields.end()
                self.restore(dropped, expect)
            case _:
                return self.call_chat(command, fields)
        return None

    def call_chat(self, command: str, fields: Fields) -> Any:
        match command:
            case "accepted":
                public, fingerprint = fields.need("public", hexadecimal), fields.need("fingerprint", hexadecimal)
                if len(fingerprint) != 8:
                    raise ShimError("BadField")
                fields.end()
                return self.there().on_accepted(public, fingerprint)
            case "accepted_elsewhere":
                fields.end()
                return self.there().on_accepted_elsewhere()
            case "discarded":
                history = fields.need("history", boolean)
                mac, sent = fields.get("proof", self.mac), fields.get("sent", integer(U32))
                fields.end()
                if (mac is None) != (sent is None):
                    raise ShimError("MissingField")
                proof = None if mac is None or sent is None else (sent, mac)
                return self.there().on_discarded("delete" if history else "keep", proof)
            case "discard_receipt":
                mac = fields.get("proof", self.mac)
                fields.end()
                return self.there().on_discard_receipt(mac)
            case "ciphertext":
                sealed, date = fields.need("bytes", hexadecimal), fields.get("date", integer(U64))
                file = fields.get("file", codec.incoming_file)
                fields.end()
                return self.there().on_ciphertext(sealed, file, date)
            case "carried":
                id, date = fields.need("id", integer(U64)), fields.get("date", integer(U64))
                fields.end()
                return self.there().on_carried(id, date)
            case "refused":
                id, permanent = fields.need("id", integer(U64)), fields.need("permanent", boolean)
                fields.end()
                return self.there().on_refused(id, permanent=permanent)
            case "peer_read":
                max_date, date = fields.need("max_date", integer(U64)), fields.get("date", integer(U64))
                fields.end()
                return self.there().on_read(max_date, date)
            case "peer_typing":
                fields.end()
                return self.there().on_typing()
            case "send":
                draft = codec.draft(fields, self.is_telegram)
                return str(self.there().send(draft))
            case "send_album":
                items = fields.only("items", listed(Fields))
                drafts = [codec.draft(item, self.is_telegram) for item in items]
                return [str(id) for id in self.there().send_album(drafts)]
            case "set_ttl":
                seconds = codec.ttl(fields.only("seconds", integer(U32)))
                self.there().set_ttl(seconds)
            case "mark_read" | "delete":
                ids = fields.only("ids", listed(wide))
                return self.told(getattr(self.there(), command)(ids))
            case "mark_read_up_to":
                max_date = fields.only("max_date", integer(U64))
                self.there().mark_read_up_to(max_date)
            case "open_view":
                id = fields.only("id", wide)
                return self.told(self.there().open_view(id))
            case "close_view":
                id = fields.only("id", wide)
                self.there().close_view(id)
            case "screenshot":
                ids = fields.only("ids", listed(wide))
                self.there().report_screenshot(ids)
            case "typing":
                action: Any = fields.only("action", text)
                if action not in codec.TYPING:
                    raise ShimError("BadField")
                self.there().typing(action)
            case "announce_layer":
                layer = fields.only("layer", integer(1 << 31, -(1 << 31)))
                self.there().announce_layer(layer)
            case "close":
                history = fields.only("history", boolean)
                self.there().close("delete" if history else "keep")
            case "mark_verified":
                value = codec.verification(fields.only("value", hexadecimal))
                self.there().mark_verified(value)
            case "mark_scanned":
                code = fields.only("code", text)
                self.there().mark_scanned(code)
            case "export":
                label, context = fields.need("label", hexadecimal), fields.get("context", hexadecimal) or b""
                fields.end()
                return self.there().export_secret(label, context).hex()
            case "flush_history":
                fields.end()
                return self.told(self.there().flush_history())
            case "rekey" | "forget_exporter" | "clear_verified" | "retransmit" | "accept_again" | "acknowledge":
                fields.end()
                getattr(self.there(), command)()
            case _:
                raise ShimError("UnknownCommand")
        return None

    @staticmethod
    def mac(value: Any) -> bytes:
        proof = hexadecimal(value)
        if len(proof) != 32:
            raise ShimError("BadField")
        return proof

    @staticmethod
    def told(told: Any) -> Any:
        if isinstance(told, int):
            return {"queued": told}
        return told if told == "nothing" else {"left_out": codec.camel(told)}


class Shim:
    """Hosts one chat, and obeys lines of JSON."""

    def __init__(self) -> None:
        self.peer: Optional[Peer] = None

    def obey(self, line: bytes) -> list[Any]:
        """Obeys a line, and returns the lines of the answer."""
        lines: list[Any] = []
        try:
            closing = {"done": self.call(line, lines)}
        except ShimError as error:
            closing = {"err": {"side": "shim", "kind": error.kind}}
        except SecretchatError as error:
            closing = {"err": {"side": side(error), "kind": codec.camel(error.name)}}
        return [*lines, closing]

    def call(self, line: bytes, lines: list[Any]) -> Any:
        try:
            value = json.loads(line.decode())
            # A lone half of a character is no text.
            json.dumps(value, ensure_ascii=False).encode()
            fields = Fields(value)
            command = fields.need("command", text)
        except (ValueError, RecursionError, ShimError):
            raise ShimError("MalformedLine") from None
        if command == "config":
            if self.peer is not None:
                raise ShimError("Configured")
            self.peer = Peer(fields)
            return None
        if self.peer is None:
            raise ShimError("NotConfigured")
        return self.peer.obey(command, fields, lines)


def side(error: SecretchatError) -> str:
    """Returns whose fault an error is."""
    if isinstance(error, (PeerFault, DhGroupError)):
        return "peer"
    return "store" if isinstance(error, StoreError) else "api"


def main() -> None:
    """Obeys the lines of the standard input."""
    print("shim: for tests only, its randomness is not random", file=sys.stderr)
    shim = Shim()
    for line in sys.stdin.buffer:
        for answer in shim.obey(line):
            sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

