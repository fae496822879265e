"""Chats that begin over asyncio: one end asks, the other accepts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Optional, Union

from . import events, frames
from ._native import Chat, Config, Decoder, FolderFiles, Invitation, Link, MemoryFiles
from .session import Reader, Session, Writer
from .store import Files, MemoryStore, Store

__all__ = ["accept", "read_request", "request"]

AnyFiles = Union[FolderFiles, MemoryFiles, Files, str, "os.PathLike[str]"]
_CHUNK = 1 << 16


@asynccontextmanager
async def request(
    dial: Callable[[], Awaitable[tuple[Reader, Writer]]],
    config: Config,
    store: Optional[Store] = None,
    files: Optional[AnyFiles] = None,
    on_event: Optional[Callable[[events.Event], object]] = None,
) -> AsyncGenerator[Session, None]:
    """Asks for a chat, and runs its session inside of `async with`: `dial` connects, and connects again (`Session.connect`).

    Leaving the block ends the connection: wait for `Session.wait_closed` or an event first. Records and files are in memory
    unless `store` and `files` say otherwise. The chat keeps its tag as the host data, so that `Link.restore` needs none.
    """
    tag = os.urandom(16)
    session = _session(tag, Chat.request(config.with_host_data(tag)), store, files, on_event)
    async with session.running(session.connect(dial)):
        yield session


@asynccontextmanager
async def accept(
    reader: Reader,
    writer: Writer,
    config: Config,
    store: Optional[Store] = None,
    files: Optional[AnyFiles] = None,
    on_event: Optional[Callable[[events.Event], object]] = None,
    *,
    timeout: Optional[float] = 60.0,
) -> AsyncGenerator[Session, None]:
    """Accepts the chat that a connection asks for, and runs its session inside of `async with`, as `request` does.

    The session ends with this connection (`Session.running`). Whoever connects is a stranger. Without a request that can be
    accepted the connection ends, and this raises `FrameError` for noise, `PeerFault` for a request that is wrong or of another
    profile, `EOFError` if the connection ended, and `asyncio.TimeoutError` if no request came within `timeout` seconds.
    """
    try:
        tag, asked, decoder = await asyncio.wait_for(read_request(reader), timeout)
        chat = Invitation(asked.public, config.with_host_data(tag)).accept()
        session = _session(tag, chat, store, files, on_event)
        async with session.running(session.run(reader, writer, decoder)):
            yield session
    finally:
        writer.close()


async def read_request(reader: Reader) -> tuple[bytes, frames.Request, Decoder]:
    """Waits for the peer's request for a chat, for an end that has none yet.

    Returns the tag of the chat, the request, and the decoder, which has what came after it: pass it to `Session.run`. Skips
    other frames, such as those of chats that are over. Raises `EOFError` if the connection ends before a request, and
    `FrameError` if it carries no frames.
    """
    decoder = Decoder()
    while chunk := await reader.read(_CHUNK):
        for tag, frame in decoder.feed(chunk):
            if isinstance(frame, frames.Request):
                return tag, frame, decoder
    raise EOFError("no request came")


def _session(
    tag: bytes,
    chat: Chat,
    store: Optional[Store],
    files: Optional[AnyFiles],
    on_event: Optional[Callable[[events.Event], object]],
) -> Session:
    link = Link(tag, chat, MemoryStore() if store is None else store, MemoryFiles() if files is None else files)
    return Session(link, on_event)
