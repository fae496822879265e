"""Secret chats for Telethon, in the place of `telethon-secret-chat`.

    chats = SecretChats(client, sqlite3.connect("chats.db"), key_file("chats.key"), on_event)
    chats.start()
    id = await chats.request(await client.get_input_entity("somebody"))

`on_event(id, event)` gets an event of `secretchat.events` with the chat's number. Rows that it writes into the database are in
the same transaction as the records of the chat. It has **not** been tried with a live server.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import struct
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, Optional

from telethon import events as telethon_events
from telethon.errors import RPCError
from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from secretchat import Chat, Config, DhGroup, Draft, Driver, Invitation, StoreKey, events, media, transmits
from secretchat.store import SqliteStore

Handler = Callable[[int, events.Event], object]


class SecretChat:
    """One chat: its driver, its number, and the calls of the server that are still to be made, in their order."""

    def __init__(self, owner: SecretChats, driver: Driver, id: int, access_hash: int) -> None:
        """Takes over a driver."""
        self.owner, self.driver, self.id, self.access_hash = owner, driver, id, access_hash
        self.calls: asyncio.Queue[transmits.Transmit] = asyncio.Queue()
        self.timer: Optional[asyncio.TimerHandle] = None
        self.task = asyncio.ensure_future(self.make_calls())

    @property
    def chat(self) -> Chat:
        """The chat."""
        return self.driver.chat

    @property
    def peer(self) -> types.InputEncryptedChat:
        """What the server calls the chat."""
        return types.InputEncryptedChat(self.id, self.access_hash)

    def work(self) -> None:
        """Takes the actions of the driver, after each input and each call."""
        for action in self.driver:
            if isinstance(action, (transmits.Receipt, transmits.Checkpoint)):
                # The server needs no receipt: it has stored the message.
                continue
            if isinstance(action, TRANSMITS):
                self.calls.put_nowait(action)
            else:
                self.owner.on_event(self.id, action)
        # Rows of events that no batch came after.
        self.owner.store.connection.commit()
        if self.timer is not None:
            self.timer.cancel()
        due = self.chat.poll_timeout()
        if due is not None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(min(max(0.0, due / 1000 - time.time()), 86400.0), self.ring)

    def ring(self) -> None:
        """Does what is due by now."""
        self.chat.handle_timeout()
        self.work()

    async def make_calls(self) -> None:
        """Makes the calls one after the other, as the server asks for."""
        while True:
            transmit = await self.calls.get()
            while not await self.make_call(transmit):
                await asyncio.sleep(1)
            self.work()

    async def make_call(self, transmit: transmits.Transmit) -> bool:
        """Makes a call, and tells the chat what became of it. Returns whether it is done with."""
        try:
            date = await self.owner.client(self.request_of(transmit))
        except (OSError, RPCError) as error:
            code, name = getattr(error, "code", 500), getattr(error, "message", "")
            if code == 420 or code >= 500 or name == "MSG_WAIT_FAILED":
                return False
            if code == 403 or name == "ENCRYPTION_DECLINED":
                self.chat.on_discarded("keep")
            elif not isinstance(transmit, transmits.Typing):
                self.chat.on_refused(transmit.id, permanent=name == "DATA_INVALID")
            return True
        if not isinstance(transmit, transmits.Typing):
            date = getattr(date, "date", None)
            self.chat.on_carried(transmit.id, None if date is None else int(date.timestamp() * 1000))
        return True

    def request_of(self, transmit: transmits.Transmit) -> Any:
        """Returns the call that carries a transmission."""
        match transmit:
            case transmits.Accept(_, public, fingerprint):
                number = int.from_bytes(fingerprint, "little", signed=True)
                return functions.messages.AcceptEncryptionRequest(self.peer, public, number)
            case transmits.Ciphertext(_, sealed, random_id, service=True):
                return functions.messages.SendEncryptedServiceRequest(self.peer, sealed, random_id=random_id)
            case transmits.Ciphertext(_, sealed, random_id, _, silent, None):
                return functions.messages.SendEncryptedRequest(self.peer, sealed, silent=silent, random_id=random_id)
            case transmits.Ciphertext(_, sealed, random_id, _, silent, file):
                uploaded = BinaryReader(file).tgread_object()
                return functions.messages.SendEncryptedFileRequest(self.peer, sealed, uploaded, silent=silent, random_id=random_id)
            case transmits.Discard(_, history):
                return functions.messages.DiscardEncryptionRequest(self.id, history == "delete")
            case transmits.Read(_, max_date):
                return functions.messages.ReadEncryptedHistoryRequest(self.peer, datetime.fromtimestamp(max_date // 1000, timezone.utc))
            case transmits.Typing(_, typing):
                return functions.messages.SetEncryptedTypingRequest(self.peer, typing)
            case transmits.Request():
                raise ValueError("a request is carried when the chat begins")

    def end(self) -> None:
        """Stops the clock and the calls."""
        self.task.cancel()
        if self.timer is not None:
            self.timer.cancel()


TRANSMITS = (
    transmits.Request,
    transmits.Accept,
    transmits.Discard,
    transmits.Read,
    transmits.Typing,
    transmits.Ciphertext,
)


class SecretChats:
    """All secret chats of one account. They survive restarts."""

    def __init__(self, client: Any, database: sqlite3.Connection, key: StoreKey, on_event: Handler) -> None:
        """Uses a client of Telethon and a connection to a database file."""
        self.client, self.key, self.on_event = client, key, on_event
        self.store = SqliteStore(database)
        database.execute(
            "CREATE TABLE IF NOT EXISTS telegram_chats (records BLOB PRIMARY KEY, id INTEGER, access_hash INTEGER)"
        )
        self.chats: dict[int, SecretChat] = {}
        self.invitations: dict[int, types.EncryptedChatRequested] = {}

    def start(self) -> None:
        """Restores the chats, and listens to the server."""
        numbers = "SELECT id, access_hash FROM telegram_chats WHERE records = ?"
        for records in self.store.chats():
            row = self.store.connection.execute(numbers, (records,)).fetchone()
            if row is None:
                # The process died before the server had heard of it.
                self.store.delete(records)
                continue
            chat = SecretChat(self, Driver.restore(self.store, records, self.key), *row)
            self.chats[chat.id] = chat
            chat.chat.retransmit()
            chat.work()
        self.store.connection.commit()
        self.client.add_event_handler(self.on_update, telethon_events.Raw)

    def stop(self) -> None:
        """Stops; `start` of another object goes on."""
        self.client.remove_event_handler(self.on_update)
        for chat in self.chats.values():
            chat.end()

    async def config(self) -> Config:
        """Returns what a chat begins with, for which the server gives its group and some randomness."""
        told = await self.client(functions.messages.GetDhConfigRequest(version=0, random_length=256))
        config = Config.telegram(DhGroup.check(told.g, told.p)).with_server_random(told.random)
        return config.with_store(self.key)

    async def request(self, user: Any) -> int:
        """Asks a user for a chat, and returns its number."""
        driver = Driver(Chat.request(await self.config()), self.store)
        [request] = [action for action in driver if isinstance(action, transmits.Request)]
        number = int.from_bytes(os.urandom(4), "little", signed=True)
        told = await self.client(functions.messages.RequestEncryptionRequest(user, request.public, random_id=number))
        chat = self.join(driver, told.id, told.access_hash)
        chat.chat.on_carried(request.id)
        chat.work()
        return chat.id

    async def accept(self, id: int) -> None:
        """Accepts an invitation. `on_invitation` told of it."""
        invited = self.invitations.pop(id)
        invitation = Invitation(invited.g_a.rjust(256, b"\0"), await self.config())
        self.join(Driver(invitation.accept(), self.store), id, invited.access_hash).work()

    def on_invitation(self, id: int) -> None:
        """Hears of an invitation. A program asks its user, and calls `accept`; this one accepts at once."""
        asyncio.ensure_future(self.accept(id))

    def join(self, driver: Driver, id: int, access_hash: int) -> SecretChat:
        """Notes the numbers of a new chat, in the transaction of its next records."""
        self.store.begin()
        row = (driver.chat.id, id, access_hash)
        self.store.connection.execute("INSERT INTO telegram_chats VALUES (?, ?, ?)", row)
        chat = self.chats[id] = SecretChat(self, driver, id, access_hash)
        return chat

    async def on_update(self, update: Any) -> None:
        """Takes an update. It is durable when this returns."""
        match update:
            case types.UpdateEncryption(chat=types.EncryptedChatRequested() as invited):
                self.invitations[invited.id] = invited
                self.on_invitation(invited.id)
            case types.UpdateEncryption(chat=types.EncryptedChat() as met) if met.id in self.chats:
                fingerprint = met.key_fingerprint.to_bytes(8, "little", signed=True)
                self.act(met.id, lambda chat: chat.on_accepted(met.g_a_or_b.rjust(256, b"\0"), fingerprint))
            case types.UpdateEncryption(chat=types.EncryptedChatDiscarded() as over) if over.id in self.chats:
                self.act(over.id, lambda chat: chat.on_discarded("delete" if over.history_deleted else "keep"))
            case types.UpdateNewEncryptedMessage(message=message) if message.chat_id in self.chats:
                file, date = incoming(message), int(message.date.timestamp() * 1000)
                self.act(message.chat_id, lambda chat: chat.on_ciphertext(message.bytes, file, date))
            case types.UpdateEncryptedMessagesRead() as read if read.chat_id in self.chats:
                dates = (int(read.max_date.timestamp() * 1000), int(read.date.timestamp() * 1000))
                self.act(read.chat_id, lambda chat: chat.on_read(*dates))
            case types.UpdateEncryptedChatTyping(chat_id=id) if id in self.chats:
                self.act(id, lambda chat: chat.on_typing())

    def act(self, id: int, call: Callable[[Chat], Any]) -> Any:
        """Calls a chat, and carries what comes of it: `chats.act(id, lambda chat: chat.set_ttl(60))`."""
        chat = self.chats[id]
        try:
            return call(chat.chat)
        finally:
            chat.work()

    def send(self, id: int, text: str, **options: Any) -> int:
        """Sends a text; options are those of `Draft`."""
        return int(self.act(id, lambda chat: chat.send(Draft(text, **options))))

    async def send_photo(self, id: int, photo: bytes, width: int, height: int, caption: str = "", **options: Any) -> int:
        """Uploads a photo, and sends it."""
        key, sealed = media.seal(photo, "chain")
        uploaded = await self.client.upload_file(sealed)
        big = isinstance(uploaded, types.InputFileBig)
        if big:
            file: Any = types.InputEncryptedFileBigUploaded(uploaded.id, uploaded.parts, key.fingerprint)
        else:
            file = types.InputEncryptedFileUploaded(uploaded.id, uploaded.parts, uploaded.md5_checksum, key.fingerprint)
        draft = Draft(caption, media.Photo(width, height, len(photo), key), file=bytes(file), **options)
        return int(self.act(id, lambda chat: chat.send(draft)))

    async def download(self, message: events.Message) -> bytes:
        """Returns the content of a message's file. Nothing shows whether somebody on the way has changed it."""
        if not isinstance(message.media, (media.Photo, media.Document)) or message.media.key is None or message.file is None:
            raise ValueError("the message has no file, or it has to be opened first")
        id, access_hash, dc_id = struct.unpack("<qqi", message.file.reference)
        location = types.InputEncryptedFileLocation(id, access_hash)
        sealed = await self.client.download_file(location, dc_id=dc_id, file_size=message.file.size)
        return media.open(message.media.key, message.media.size, sealed)


def incoming(message: Any) -> Optional[media.IncomingFile]:
    """Returns what the server says of the file of a message."""
    file = getattr(message, "file", None)
    if not isinstance(file, types.EncryptedFile):
        return None
    return media.IncomingFile(struct.pack("<qqi", file.id, file.access_hash, file.dc_id), file.size, file.key_fingerprint)
