"""Two terminals, one secret chat over TCP, which survives the end of either program at any moment.

    python talk.py FOLDER listen 127.0.0.1:7070
    python talk.py FOLDER connect 127.0.0.1:7070

each with a folder of its own. Type texts, or `/photo PATH`, `/ttl SECONDS`, `/open ID`, `/close`. The messages are in the table
`messages` of `chat.db`, each exactly once.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Optional

from secretchat import Chat, Config, Draft, Invitation, Link, SecretchatError, events, key_file, media
from secretchat.aio import Reader, Session, Writer, read_request
from secretchat.store import SqliteStore


class Phone:
    """One end: its database, its files and its chat."""

    def __init__(self, folder: Path, listens: bool) -> None:
        """Opens the folder of an end, and restores its chat if there is one."""
        (folder / "received").mkdir(parents=True, exist_ok=True)
        self.folder, self.listens = folder, listens
        self.key = key_file(folder / "key")
        self.database = sqlite3.connect(folder / "chat.db")
        self.store = SqliteStore(self.database)
        self.database.execute("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, text TEXT, file BLOB)")
        self.session: Optional[Session] = None
        for chat in self.store.chats():
            link = Link.restore(self.store, chat, self.key, folder / "files")
            self.session = Session(link, self.take)
        if self.session is None and not listens:
            tag = os.urandom(16)
            self.begin(tag, Chat.request(self.config(tag)))

    def config(self, tag: bytes) -> Config:
        """Returns what a chat begins with. Both programs use the same ids for the two ends. The tag is stored with the chat."""
        local, peer = ("listener", "caller") if self.listens else ("caller", "listener")
        return Config.hybrid(local, peer).with_host_data(tag).with_store(self.key)

    def begin(self, tag: bytes, chat: Chat) -> Session:
        """Begins a chat."""
        self.session = Session(Link(tag, chat, self.store, self.folder / "files"), self.take)
        return self.session

    def take(self, event: events.Event) -> None:
        """Shows an event. Rows of messages are written in the transaction of the chat's records."""
        assert self.session is not None
        if isinstance(event, events.Ready):
            print("compare:", *event.verification.words[:16], flush=True)
        elif isinstance(event, events.Message):
            reference = event.file.reference if event.file else None
            self.store.begin()
            self.database.execute("INSERT INTO messages VALUES (?, ?, ?)", (event.random_id, event.text, reference))
            if isinstance(event.media, media.Photo) and event.media.key:
                self.save(event.random_id, self.session.open(event))
            elif isinstance(event.media, media.Photo):
                print("hidden:", event.random_id, flush=True)
            print(">", event.text, flush=True)
            # The user has seen it, so its timer starts.
            self.session.act(Chat.mark_read, [event.random_id])
        elif isinstance(event, events.Opened):
            if event.lease:
                self.save(event.random_id, self.session.open(event))
        elif isinstance(event, events.Expired):
            self.store.begin()
            self.database.execute("DELETE FROM messages WHERE id = ?", (event.random_id,))
            (self.folder / "received" / str(event.random_id)).unlink(missing_ok=True)
            print("gone:", event.random_id, flush=True)
        elif isinstance(event, events.Closed):
            print("closed:", event.reason, flush=True)

    def save(self, id: int, content: bytes) -> None:
        """Writes an opened file into the user's folder."""
        path = self.folder / "received" / str(id)
        path.write_bytes(content)
        print("file:", path, flush=True)

    async def command(self, line: str) -> None:
        """Does what the user typed."""
        session = self.session
        if session is None:
            print("! nobody is there yet", flush=True)
            return
        word, _, rest = line.partition(" ")
        if word == "/photo":
            file, key = session.link.seal_file(rest)
            photo = media.Photo(640, 480, os.path.getsize(rest), key)
            await session.send(Draft(Path(rest).name, photo, file=file))
        elif word == "/ttl":
            session.act(Chat.set_ttl, int(rest))
        elif word == "/open":
            session.act(Chat.open_view, int(rest))
        elif word == "/close":
            session.act(Chat.close, "delete")
        else:
            await session.send(Draft(line))

    async def listen(self, reader: Reader, writer: Writer) -> None:
        """Runs the chat over a connection that came."""
        decoder = None
        if self.session is None:
            tag, request, decoder = await read_request(reader)
            self.begin(tag, Invitation(request.public, self.config(tag)).accept())
        assert self.session is not None
        await self.session.run(reader, writer, decoder)

    async def run(self, host: str, port: int) -> None:
        """Runs until the chat is over."""
        keyboard = asyncio.ensure_future(self.read_keyboard())
        if self.listens:
            server = await asyncio.start_server(self.listen, host, port)
            print("listening:", server.sockets[0].getsockname()[1], flush=True)
            while self.session is None or not self.session.link.is_over:
                await asyncio.sleep(0.05)
            server.close()
        else:
            assert self.session is not None
            await self.session.connect(lambda: asyncio.open_connection(host, port))
        keyboard.cancel()
        # Rows of events that no batch came after.
        self.database.commit()

    async def read_keyboard(self) -> None:
        """Reads lines in a thread that ends with the process."""
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def read() -> None:
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\n"))

        threading.Thread(target=read, daemon=True).start()
        while True:
            try:
                await self.command(await lines.get())
            except (SecretchatError, OSError, ValueError) as error:
                print("!", error, flush=True)


def main() -> None:
    """Runs one end."""
    folder, how, address = sys.argv[1:]
    host, _, port = address.partition(":")
    asyncio.run(Phone(Path(folder), how == "listen").run(host, int(port)))


if __name__ == "__main__":
    main()
