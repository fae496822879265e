"""A chat over asyncio: `Session` runs a `Link` over any pair of a reader and a writer."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Optional, Protocol, TypeVar, Union

from . import events, media, transmits
from ._native import Chat, Decoder, Link
from .errors import FrameError, Unavailable
from .media import Draft

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")

R = TypeVar("R")

__all__ = ["Reader", "Session", "Writer"]

_CHUNK = 1 << 16
_FAREWELL = 5.0


class Reader(Protocol):
    """What a session reads from, such as an `asyncio.StreamReader`."""

    async def read(self, n: int, /) -> bytes:
        """Returns at most `n` bytes, and none at the end."""
        ...


class Writer(Protocol):
    """What a session writes to, such as an `asyncio.StreamWriter`."""

    def write(self, data: bytes, /) -> object:
        """Takes bytes."""
        ...

    async def drain(self) -> None:
        """Waits until there is room for more."""
        ...

    def close(self) -> object:
        """Ends the connection."""
        ...


class Session:
    """A link that runs over asyncio: it takes frames and gives frames, and keeps the time.

    With `on_event` each event is passed to a function, before the records that make it durable are written: a row that the
    function writes into the store's open transaction is there exactly once, whenever the process dies. Without it, events
    come from the session by `async for`. When `max_events` of them wait, nothing more is read from the peer.

    All its methods belong to one event loop. If the store fails, `run` raises, and the session is over.
    """

    def __init__(
        self,
        link: Link,
        on_event: Optional[Callable[[events.Event], object]] = None,
        *,
        on_checkpoint: Optional[Callable[[transmits.Checkpoint], object]] = None,
        max_events: int = 64,
    ) -> None:
        """Takes over a link. `on_checkpoint` notes checkpoints in another place than the store."""
        self._link = link
        self._on_event = on_event
        self._on_checkpoint = on_checkpoint
        self._max_events = max_events
        self._events: deque[events.Event] = deque()
        self._timer: Optional[asyncio.TimerHandle] = None
        self._failure: Optional[BaseException] = None
        self._changed: list[asyncio.Future[None]] = []
        self._is_working = False
        self._has_ended = False
        self._tag = link.tag

    @property
    def link(self) -> Link:
        """The link, for its files and its progress."""
        return self._link

    @property
    def chat(self) -> Chat:
        """The chat, to ask it something. Calls that change it go through `act`."""
        return self._link.chat

    def act(self, call: Callable[Concatenate[Chat, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Calls the chat, and carries what comes of it: `session.act(Chat.set_ttl, 60)`."""
        done = call(self._link.chat, *args, **kwargs)
        self._work()
        return done

    async def send(self, draft: Draft) -> int:
        """Sends a message, and returns its id. Waits as long as the chat is not ready, or too much is on its way."""
        while True:
            try:
                return self.act(Chat.send, draft)
            except Unavailable as error:
                if error.name not in ("not_ready", "outbox_full", "rekey_required"):
                    raise
            await self._change()

    def open(self, told: Union[events.Message, events.Opened]) -> bytes:
        """Returns the file of a message, opened: when the message comes or, if it is hidden until then, when it is opened.

        Raises `FileNotFoundError` if there is no file, or none that can be opened now.
        """
        if isinstance(told, events.Opened):
            file = self.chat.file_of(told.random_id)
            sealed = file and self._link.kept(file)
            if sealed and told.lease:
                return told.lease.open(sealed)
        elif told.file and isinstance(told.media, (media.Photo, media.Document)) and told.media.key:
            sealed = self._link.kept(told.file.reference)
            if sealed:
                return media.open(told.media.key, told.media.size, sealed)
        raise FileNotFoundError("the message has no file, or it is still hidden")

    async def wait_closed(self) -> None:
        """Waits until the chat is over, and drops the events that come.

        Raises `ConnectionError` if what runs the session ends before.
        """
        async for _ in self:
            pass
        self._raise_ended()

    async def run(self, reader: Reader, writer: Writer, decoder: Optional[Decoder] = None) -> None:
        """Runs over a connection, until it ends or the chat is over. Run again over another one afterwards.

        A connection that fails or carries no frames just ends. Errors of the store and of `on_event` are raised.
        """
        self._raise()
        self._link.connected()
        both = [
            asyncio.ensure_future(self._read(reader, decoder or Decoder())),
            asyncio.ensure_future(self._write(writer)),
        ]
        try:
            self._work()
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            ended = await asyncio.gather(*both, return_exceptions=True)
            if self._failure is None:
                self._link.disconnected()
            self._plan()
            writer.close()
        self._raise()
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, (OSError, EOFError, FrameError)):
                raise error

    async def connect(self, dial: Callable[[], Awaitable[tuple[Reader, Writer]]], pause: float = 0.2) -> None:
        """Dials, runs, and dials again when the connection ends, until the chat is over. `pause` is in seconds; it doubles up
        to a minute as long as nobody answers."""
        wait = pause
        while not self._link.is_over:
            try:
                reader, writer = await dial()
            except OSError:
                wait = min(2 * wait, 60.0)
            else:
                wait = pause
                await self.run(reader, writer)
            if not self._link.is_over:
                await asyncio.sleep(wait)

    @asynccontextmanager
    async def running(self, run: Coroutine[Any, Any, None]) -> AsyncGenerator[None, None]:
        """Runs beside a block: `async with session.running(session.connect(dial))`. What ended it is raised after the block.

        Leaving the block stops it, even if something has not arrived, and the session ends with it: `async for` over it ends,
        and what waits for the peer raises `ConnectionError`.
        """
        task = asyncio.ensure_future(run)
        task.add_done_callback(self._end)
        try:
            yield
            if self._link.is_over:
                # The answer to the peer's Discard may still have to leave.
                await asyncio.wait([task], timeout=_FAREWELL)
        finally:
            task.cancel()
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            self.stop()
        if isinstance(ended, Exception):
            raise ended

    def stop(self) -> None:
        """Stops the clock of a session that is not used any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def __aiter__(self) -> AsyncIterator[events.Event]:
        """Gives the events, until the chat is over."""
        while True:
            while self._events:
                event = self._events.popleft()
                self._work()
                yield event
            self._raise()
            if self._link.is_over or self._has_ended:
                return
            await self._change()

    async def _read(self, reader: Reader, decoder: Decoder) -> None:
        self._take(decoder, b"")
        while True:
            while len(self._events) >= self._max_events:
                await self._change()
            chunk = await reader.read(_CHUNK)
            if not chunk:
                return
            self._take(decoder, chunk)

    def _take(self, decoder: Decoder, chunk: bytes) -> None:
        for tag, frame in decoder.feed(chunk):
            if tag == self._tag:
                self._guard(self._link.handle_frame, frame)
                self._work()

    async def _write(self, writer: Writer) -> None:
        while True:
            while (frame := self._guard(self._link.next_frame)) is not None:
                writer.write(frame)
                await writer.drain()
            if self._link.is_over:
                return
            self._plan()
            await self._change()

    def _work(self) -> None:
        """Takes the actions of the link, as far as there is room for events."""
        self._raise()
        # A call that `on_event` makes is worked off after it: the row that it writes belongs to the next batch.
        if self._is_working:
            return
        self._is_working = True
        try:
            while len(self._events) < self._max_events:
                action = self._guard(self._link.next_action)
                if action is None:
                    break
                self._hand_over(action)
        finally:
            self._is_working = False
        self._plan()
        self._tell()

    def _hand_over(self, action: Union[events.Event, transmits.Checkpoint]) -> None:
        if isinstance(action, transmits.Checkpoint):
            if self._on_checkpoint is not None:
                self._guard(self._on_checkpoint, action)
        elif self._on_event is not None:
            self._guard(self._on_event, action)
        else:
            self._events.append(action)

    def _guard(self, call: Callable[..., R], *args: object) -> R:
        """Calls, and ends the session if that fails."""
        try:
            return call(*args)
        except Exception as error:
            self._failure = error
            self.stop()
            self._tell()
            raise

    def _plan(self) -> None:
        """Sets the clock for what is due next."""
        self.stop()
        due = None if self._failure else self._link.chat.poll_timeout()
        if due is not None:
            wait = max(0.0, due / 1000 - time.time())
            # Not longer than the loop can wait.
            self._timer = asyncio.get_running_loop().call_later(min(wait, 86400.0), self._ring)

    def _ring(self) -> None:
        self._timer = None
        try:
            self._guard(self._link.chat.handle_timeout)
            self._work()
        except Exception:
            # `run` and the iteration raise it.
            return

    async def _change(self) -> None:
        """Waits until something has changed."""
        self._raise()
        self._raise_ended()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed.append(future)
        await future

    def _tell(self) -> None:
        changed, self._changed = self._changed, []
        for future in changed:
            if not future.done():
                future.set_result(None)

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _raise_ended(self) -> None:
        if self._has_ended and not self._link.is_over:
            raise ConnectionResetError("the connection ended before the chat")

    def _end(self, _: object = None) -> None:
        """Ends the session with what ran it."""
        self._has_ended = True
        self._tell()
