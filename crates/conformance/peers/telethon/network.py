"""One chat between telethon-secret-chat and the shim. Telethon's calls and updates end here instead of at a server.

Everything above the calls is the client's own code. Three things of it are set from outside: its clock, the server's
answers and, if asked for, the attribute that it forgets to make (`_temp_rekeyed_secret_chats`).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections import deque
from datetime import datetime, timezone
from typing import Any

import telethon_secret_chat.secret_methods as methods
from telethon import TelegramClient
from telethon.extensions import BinaryReader
from telethon.sessions import MemorySession
from telethon.tl import types
from telethon_secret_chat import SecretChatManager

CHAT, HASH = 5, 35
NOW = 1_700_000_000_000
DATE = datetime.fromtimestamp(NOW // 1000, timezone.utc)
# A chat of this client counts its age from when its module was loaded.
LOADED = time.time()
# One step carries one thing each way. An exchange that never ends stops here.
STEPS = 6_000


class Shim:
    """One end of a chat of this crate."""

    def __init__(self, command: str, **config: Any) -> None:
        self.process = subprocess.Popen(
            [command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.events: list[dict[str, Any]] = []
        self.transmits: deque[dict[str, Any]] = deque()
        self.errors: list[str] = []
        self.tell("config", profile="telegram", now=NOW, seed="01", **config)

    def tell(self, command: str, **fields: Any) -> Any:
        """Returns what the call returned, or `None` if it failed."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            said = json.loads(line)
            if "done" in said:
                return said["done"]
            if "err" in said:
                self.errors.append(f"{command}: {said['err']['kind']}")
                return None
            if said["out"] == "event":
                self.events.append(said)
            elif said["out"] == "transmit":
                self.transmits.append(said)
        raise RuntimeError("the shim has died")

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


class Client(TelegramClient):  # type: ignore[misc]
    """Telethon's client, whose calls are answered by `Network`."""

    def __init__(self, network: Network) -> None:
        super().__init__(MemorySession(), 1, "hash")
        self.network = network

    async def __call__(self, request: Any, *_: Any, **__: Any) -> Any:
        return self.network.answer(request)

    async def _call(self, _: Any, request: Any, *__: Any, **___: Any) -> Any:
        return self.network.answer(request)

    async def _borrow_exported_sender(self, _: int) -> None:
        return None

    async def _return_exported_sender(self, _: Any) -> None:
        return None

    async def get_input_entity(self, _: Any) -> Any:
        return types.InputPeerUser(9, 9)


class Network:
    """What lies between the two ends: it keeps the order of each direction, and loses what it is told to."""

    def __init__(self, command: str, group: bytes, attribute: bool, storage: Any = None, **config: Any) -> None:
        self.shim = Shim(command, **config)
        self.group, self.attribute, self.storage = group, attribute, storage
        self.sent: deque[tuple[str, dict[str, Any]]] = deque()
        self.calls: list[str] = []
        self.files: dict[str, tuple[types.EncryptedFile, bytes]] = {}
        self.parts: dict[int, dict[int, bytes]] = {}
        self.received: list[Any] = []
        self.raised: list[str] = []
        methods.time = lambda: LOADED
        self.start()

    def start(self) -> None:
        """Starts the other client; it has what its storage kept."""
        self.manager = SecretChatManager(Client(self), self.storage, auto_accept=True)
        if self.attribute:
            self.manager._temp_rekeyed_secret_chats = {}

        async def receive(event: Any) -> None:
            self.received.append(event.decrypted_event)

        self.manager.add_secret_event_handler(func=receive)

    def answer(self, request: Any) -> Any:
        """Answers a call of the other client as Telegram's server would."""
        name = type(request).__name__.removesuffix("Request")
        self.calls.append(name)
        return getattr(self, name)(request)

    def GetDhConfig(self, _: Any) -> Any:
        return types.messages.DhConfig(3, self.group, 1, b"")

    def RequestEncryption(self, request: Any) -> Any:
        self.sent.append(("invitation", {"public": request.g_a.hex()}))
        return types.EncryptedChatWaiting(CHAT, HASH, DATE, 1, 2)

    def AcceptEncryption(self, request: Any) -> Any:
        fingerprint = request.key_fingerprint.to_bytes(8, "little", signed=True)
        self.sent.append(("accepted", {"public": request.g_b.hex(), "fingerprint": fingerprint.hex()}))
        return types.EncryptedChat(CHAT, HASH, DATE, 2, 1, request.g_b, request.key_fingerprint)

    def DiscardEncryption(self, _: Any) -> bool:
        self.sent.append(("discarded", {"history": False}))
        return True

    def SendEncrypted(self, request: Any) -> Any:
        self.sent.append(("ciphertext", {"bytes": request.data.hex(), "date": NOW // 1000}))
        return types.messages.SentEncryptedMessage(DATE)

    SendEncryptedService = SendEncrypted

    def SendEncryptedFile(self, request: Any) -> Any:
        parts = self.parts.pop(request.file.id)
        content = b"".join(parts[part] for part in sorted(parts))
        reference = self.keep(content, request.file.key_fingerprint)
        file = {"reference": reference, "size": len(content), "fingerprint": request.file.key_fingerprint}
        self.sent.append(("ciphertext", {"bytes": request.data.hex(), "date": NOW // 1000, "file": file}))
        return types.messages.SentEncryptedFile(DATE, self.files[reference][0])

    def SaveFilePart(self, request: Any) -> bool:
        self.parts.setdefault(request.file_id, {})[request.file_part] = request.bytes
        return True

    SaveBigFilePart = SaveFilePart

    def GetFile(self, request: Any) -> Any:
        content = self.files[f"{request.location.id:04x}"][1]
        part = content[request.offset : request.offset + request.limit]
        return types.upload.File(types.storage.FileUnknown(), 0, part)

    def keep(self, content: bytes, fingerprint: int) -> str:
        """Keeps an encrypted file, and returns its reference."""
        id = len(self.files) + 1
        self.files[f"{id:04x}"] = (types.EncryptedFile(id, 1, len(content), 2, fingerprint), content)
        return f"{id:04x}"

    async def carry(self, lose_ours: int = 0, lose_theirs: int = 0) -> None:
        """Carries all that waits and all that follows from it, but for the first messages that are to be lost."""
        for _ in range(STEPS):
            if self.sent:
                command, fields = self.sent.popleft()
                if command == "ciphertext" and lose_theirs:
                    lose_theirs -= 1
                else:
                    self.shim.tell(command, **fields)
                    if command == "invitation":
                        self.shim.tell("accept")
            if self.shim.transmits:
                transmit = self.shim.transmits.popleft()
                self.shim.tell("carried", id=transmit["id"], date=NOW // 1000)
                if transmit["kind"] == "ciphertext" and lose_ours:
                    lose_ours -= 1
                else:
                    await self.deliver(self.update(transmit))
            if not self.sent and not self.shim.transmits:
                return

    def update(self, transmit: dict[str, Any]) -> Any:
        """Returns what the server would tell the other client."""
        kind = transmit["kind"]
        if kind == "ciphertext":
            content = bytes.fromhex(transmit["bytes"])
            if transmit["service"]:
                message: Any = types.EncryptedMessageService(CHAT, DATE, content, 1)
            else:
                file = self.files[transmit["file"]][0] if transmit["file"] else types.EncryptedFileEmpty()
                message = types.EncryptedMessage(CHAT, DATE, content, file, 1)
            return types.UpdateNewEncryptedMessage(message, 1)
        if kind == "request":
            chat: Any = types.EncryptedChatRequested(CHAT, HASH, DATE, 2, 1, bytes.fromhex(transmit["public"]))
        elif kind == "accept":
            fingerprint = int.from_bytes(bytes.fromhex(transmit["fingerprint"]), "little", signed=True)
            chat = types.EncryptedChat(CHAT, HASH, DATE, 1, 2, bytes.fromhex(transmit["public"]), fingerprint)
        else:
            assert kind == "discard", kind
            chat = types.EncryptedChatDiscarded(CHAT, transmit["history"])
        return types.UpdateEncryption(chat, DATE)

    async def deliver(self, update: Any) -> None:
        """Gives an update to the other client, in its serialised form. What it raises is noted, as Telethon logs it."""
        read = BinaryReader(bytes(update)).tgread_object()
        try:
            await self.manager._secret_chat_event_loop(read)
        except Exception as error:  # whatever that code raises
            self.raised.append(f"{type(error).__name__}: {error}")
        # Handlers run as tasks.
        await asyncio.sleep(0)
