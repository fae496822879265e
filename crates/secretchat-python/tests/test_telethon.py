"""The example for Telethon: two accounts, and a server of the test's own that speaks serialised TL."""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable

import pytest

from conftest import REPOSITORY
from secretchat import Chat, DhGroup, StoreKey, events, media

pytest.importorskip("telethon")
from telethon.errors import RPCError  # noqa: E402
from telethon.extensions import BinaryReader  # noqa: E402
from telethon.tl import types  # noqa: E402

PATH = Path(__file__).parents[1] / "examples/telethon_chats.py"
SPEC = importlib.util.spec_from_file_location("telethon_chats", PATH)
assert SPEC and SPEC.loader
example = importlib.util.module_from_spec(SPEC)
sys.modules["telethon_chats"] = example
SPEC.loader.exec_module(example)

CAT = (REPOSITORY / "examples/photos/chelsea.png").read_bytes()
KEY = StoreKey(b"k" * 32)


def through(value: Any) -> Any:
    """Returns an object of TL after it went over the wire."""
    return BinaryReader(bytes(value)).tgread_object()


class Server:
    """What Telegram's server does for secret chats."""

    def __init__(self) -> None:
        self.clients: dict[int, Client] = {}
        self.chats: dict[int, tuple[int, int]] = {}
        self.seen: set[tuple[int, int]] = set()
        self.files: dict[int, bytes] = {}
        self.names: list[str] = []
        self.failures: list[Exception] = []

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def call(self, user: int, request: Any) -> Any:
        """Answers a call."""
        name = type(request).__name__.removesuffix("Request")
        self.names.append(name)
        if self.failures and name.startswith("SendEncrypted"):
            raise self.failures.pop()
        answer = getattr(self, name)(user, request)
        return answer if isinstance(answer, bool) else through(answer)

    def other(self, user: int, peer: Any) -> int:
        first, second = self.chats[peer.chat_id]
        assert peer.access_hash == peer.chat_id * 7
        return second if user == first else first

    def GetDhConfig(self, user: int, request: Any) -> Any:
        group = DhGroup.published(3)
        return types.messages.DhConfig(3, group.prime, 1, b"\x07" * request.random_length)

    def RequestEncryption(self, user: int, request: Any) -> Any:
        id, to = request.random_id, request.user_id.user_id
        self.chats[id] = (user, to)
        invited = types.EncryptedChatRequested(id, id * 7, self.now(), user, to, request.g_a)
        self.clients[to].deliver(types.UpdateEncryption(invited, self.now()))
        return types.EncryptedChatWaiting(id, id * 7, self.now(), user, to)

    def AcceptEncryption(self, user: int, request: Any) -> Any:
        id = request.peer.chat_id
        to = self.other(user, request.peer)
        met = types.EncryptedChat(id, id * 7, self.now(), to, user, request.g_b, request.key_fingerprint)
        self.clients[to].deliver(types.UpdateEncryption(met, self.now()))
        return met

    def SendEncrypted(self, user: int, request: Any, file: Any = None) -> Any:
        message = types.EncryptedMessage(
            request.peer.chat_id, self.now(), request.data, file or types.EncryptedFileEmpty(), random_id=request.random_id
        )
        return self.pass_on(user, request, message, file)

    def SendEncryptedFile(self, user: int, request: Any) -> Any:
        assert isinstance(request.file, types.InputEncryptedFileUploaded)
        size = len(self.files[request.file.id])
        return self.SendEncrypted(user, request, types.EncryptedFile(request.file.id, 5, size, 2, request.file.key_fingerprint))

    def SendEncryptedService(self, user: int, request: Any) -> Any:
        message = types.EncryptedMessageService(request.peer.chat_id, self.now(), request.data, random_id=request.random_id)
        return self.pass_on(user, request, message, None)

    def pass_on(self, user: int, request: Any, message: Any, file: Any) -> Any:
        if (user, request.random_id) not in self.seen:
            self.seen.add((user, request.random_id))
            self.clients[self.other(user, request.peer)].deliver(types.UpdateNewEncryptedMessage(message, 1))
        if file is not None:
            return types.messages.SentEncryptedFile(self.now(), file)
        return types.messages.SentEncryptedMessage(self.now())

    def DiscardEncryption(self, user: int, request: Any) -> Any:
        for to in self.chats[request.chat_id]:
            if to != user:
                over = types.EncryptedChatDiscarded(request.chat_id, history_deleted=request.delete_history)
                self.clients[to].deliver(types.UpdateEncryption(over, self.now()))
        return True

    def ReadEncryptedHistory(self, user: int, request: Any) -> Any:
        read = types.UpdateEncryptedMessagesRead(request.peer.chat_id, request.max_date, self.now())
        self.clients[self.other(user, request.peer)].deliver(read)
        return True

    def SetEncryptedTyping(self, user: int, request: Any) -> Any:
        self.clients[self.other(user, request.peer)].deliver(types.UpdateEncryptedChatTyping(request.peer.chat_id))
        return True


class Client:
    """What the example uses of `TelegramClient`."""

    def __init__(self, server: Server, user: int) -> None:
        self.server, self.user = server, user
        self.handlers: list[Callable[[Any], Any]] = []
        self.updates: list[Any] = []
        server.clients[user] = self

    def add_event_handler(self, handler: Callable[[Any], Any], event: Any) -> None:
        self.handlers.append(handler)

    def remove_event_handler(self, handler: Callable[[Any], Any]) -> None:
        self.handlers.remove(handler)

    def deliver(self, update: Any) -> None:
        self.updates.append(through(update))
        asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self.hand_over()))

    async def hand_over(self) -> None:
        while self.handlers and self.updates:
            update = self.updates.pop(0)
            await self.handlers[0](update)

    async def __call__(self, request: Any) -> Any:
        await asyncio.sleep(0)
        return self.server.call(self.user, through(request))

    async def upload_file(self, content: bytes) -> Any:
        id = len(self.server.files) + 1
        self.server.files[id] = content
        return types.InputFile(id, 1, "name", "")

    async def download_file(self, location: Any, dc_id: int, file_size: int) -> bytes:
        assert (location.access_hash, dc_id, file_size) == (5, 2, len(self.server.files[location.id]))
        return self.server.files[location.id]


class Account:
    """One account, and what it hears."""

    def __init__(self, server: Server, user: int, path: Path) -> None:
        self.client, self.path = Client(server, user), path
        self.told: list[tuple[int, Any]] = []
        self.begin()

    def begin(self) -> None:
        self.database = sqlite3.connect(self.path)
        self.database.execute("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT)")
        self.chats = example.SecretChats(self.client, self.database, KEY, self.take)
        self.chats.start()

    def take(self, id: int, event: Any) -> None:
        self.told.append((id, event))
        if isinstance(event, events.Message):
            self.chats.store.begin()
            self.database.execute("INSERT INTO messages VALUES (?, ?)", (event.random_id, event.text))

    async def wait_for(self, kind: type) -> Any:
        for _ in range(2000):
            for at, (_, event) in enumerate(self.told):
                if isinstance(event, kind):
                    del self.told[: at + 1]
                    return event
            await asyncio.sleep(0.005)
        raise AssertionError(f"no {kind.__name__} in {self.told}")


def test_two_accounts(tmp_path: Path) -> None:
    async def story() -> None:
        server = Server()
        alice, bob = Account(server, 1, tmp_path / "a.db"), Account(server, 2, tmp_path / "b.db")
        id = await alice.chats.request(types.InputUser(2, 99))
        assert (await alice.wait_for(events.Ready)).verification == (await bob.wait_for(events.Ready)).verification
        bob.chats.send(id, "hello")
        assert (await alice.wait_for(events.Message)).text == "hello"

        # A server that asks to wait, and one that refuses for now.
        server.failures = [RPCError(None, "MSG_WAIT_FAILED", 400)]
        alice.chats.send(id, "again", silent=True)
        assert (await bob.wait_for(events.Message)).text == "again"

        sent = await alice.chats.send_photo(id, CAT, 451, 300, "cat")
        message = await bob.wait_for(events.Message)
        assert (message.random_id, message.text) == (sent, "cat")
        assert isinstance(message.media, media.Photo) and message.media.key is not None
        assert message.file.fingerprint == message.media.key.fingerprint
        assert await bob.chats.download(message) == CAT

        bob.chats.act(id, lambda chat: chat.mark_read_up_to(message.date))
        await alice.wait_for(events.ReadUpTo)
        bob.chats.act(id, lambda chat: chat.typing("typing"))
        assert (await alice.wait_for(events.Typing)).action == "typing"
        alice.chats.act(id, Chat.rekey)
        assert (await bob.wait_for(events.Rekeyed)).rekeys == 1

        # Bob's program ends. What comes meanwhile waits at the server.
        bob.chats.stop()
        bob.database.close()
        alice.chats.send(id, "while you were away")
        await asyncio.sleep(0.05)
        bob.begin()
        await bob.client.hand_over()
        assert (await bob.wait_for(events.Message)).text == "while you were away"
        rows = bob.database.execute("SELECT text FROM messages ORDER BY rowid").fetchall()
        assert sorted(rows) == [("again",), ("cat",), ("while you were away",)]

        alice.chats.act(id, lambda chat: chat.close("delete"))
        assert (await bob.wait_for(events.Closed)).history == "delete"
        assert {"SendEncryptedService", "SendEncryptedFile", "SetEncryptedTyping", "DiscardEncryption"} <= set(server.names)
        for account in (alice, bob):
            account.chats.stop()

    asyncio.run(asyncio.wait_for(story(), 60))
