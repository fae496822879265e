"""`SqliteStore` over the host's own connection."""

from __future__ import annotations

import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import secretchat
from conftest import REPOSITORY, Clock, configs
from secretchat import Chat, Config, Draft, Driver, Invitation, Link, MemoryFiles, Persist, StoreKey, events, frames, media, transmits
from secretchat.errors import StoreError, Superseded
from secretchat.store import MemoryStore, SqliteStore

KEY = StoreKey(b"k" * 32)


class Ends:
    """Two drivers with stores, and a network that carries while the test wants it."""

    def __init__(self, alice: Any, bob: Any) -> None:
        self.clock = Clock()
        first, second = (config.with_store(KEY) for config in configs("x25519"))
        self.alice = Driver(Chat.request(first, clock=self.clock), alice)
        request = next(action for action in self.alice if isinstance(action, transmits.Request))
        self.bob = Driver(Invitation(request.public, second).accept(clock=self.clock), bob)

    def carry(self) -> list[list[Any]]:
        """Carries until both are at rest, and returns the events of both."""
        told: list[list[Any]] = [[], []]
        ends = [self.alice, self.bob]
        moved = True
        while moved:
            moved = False
            for at, end in enumerate(ends):
                for action in end:
                    moved = True
                    other = ends[1 - at].chat
                    match action:
                        case transmits.Accept(_, public, fingerprint):
                            other.on_accepted(public, fingerprint)
                        case transmits.Ciphertext(id, sealed):
                            other.on_ciphertext(sealed, receipt=id)
                        case transmits.Receipt(id):
                            other.on_carried(id)
                        case transmits.Discard(_, history, proof):
                            other.on_discarded(history, proof)
                        case transmits.Checkpoint() | transmits.Request():
                            pass
                        case _:
                            told[at].append(action)
        return told


def opened(path: Path, **options: Any) -> SqliteStore:
    return SqliteStore(sqlite3.connect(path, **options))


def restored(store: Any, clock: Clock) -> Driver:
    [chat] = store.chats()
    return Driver.restore(store, chat, KEY, clock=clock)


LEVELS = (None, "DEFERRED", "IMMEDIATE", "EXCLUSIVE")
MODES: list[dict[str, Any]] = [{}, *({"isolation_level": level} for level in LEVELS)]
if sys.version_info >= (3, 12):
    MODES.append({"autocommit": True})


@pytest.mark.parametrize("options", MODES, ids=str)
def test_a_chat_goes_on_after_a_restart(tmp_path: Path, options: Any) -> None:
    ends = Ends(opened(tmp_path / "a.db", **options), opened(tmp_path / "b.db", **options))
    ends.carry()
    id = ends.alice.chat.send(Draft("not carried yet"))
    # Durable, and lost on the way.
    assert [type(action) for action in ends.alice] == [transmits.Checkpoint, transmits.Ciphertext]
    ends.alice = restored(opened(tmp_path / "a.db", **options), ends.clock)
    ends.bob = restored(opened(tmp_path / "b.db", **options), ends.clock)
    ends.alice.chat.retransmit()
    _, told = ends.carry()
    assert [event.random_id for event in told if isinstance(event, events.Message)] == [id]
    assert ends.alice.chat.counters.sent == ends.bob.chat.counters.received


def test_rows_of_the_host_are_in_the_same_transaction(tmp_path: Path) -> None:
    store = opened(tmp_path / "b.db")
    connection = store.connection
    connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
    ends = Ends(MemoryStore(), store)
    ends.carry()
    ends.alice.chat.send(Draft("hello"))
    sent = [action for action in ends.alice if isinstance(action, transmits.Ciphertext)]
    ends.bob.chat.on_ciphertext(sent[0].bytes, receipt=sent[0].id)
    message = ends.bob.next_action()
    assert isinstance(message, events.Message)
    store.begin()
    connection.execute("INSERT INTO messages VALUES (?, ?)", (message.random_id, message.text))
    other = sqlite3.connect(tmp_path / "b.db")

    def rows() -> list[Any]:
        return other.execute("SELECT text FROM messages").fetchall()

    assert rows() == []
    receipt = [action for action in ends.bob if isinstance(action, transmits.Receipt)]
    assert len(receipt) == 1
    assert rows() == [("hello",)]
    assert not connection.in_transaction

    # The process dies between the event and the batch: neither is there, and both come again.
    ends.alice.chat.on_carried(sent[0].id)
    ends.alice.chat.send(Draft("again"))
    sent = [action for action in ends.alice if isinstance(action, transmits.Ciphertext)]
    ends.bob.chat.on_ciphertext(sent[-1].bytes, receipt=sent[-1].id)
    message = ends.bob.next_action()
    assert isinstance(message, events.Message)
    store.begin()
    connection.execute("INSERT INTO messages VALUES (?, ?)", (message.random_id, message.text))
    connection.close()
    assert rows() == [("hello",)]
    ends.bob = restored(opened(tmp_path / "b.db"), ends.clock)
    assert ends.bob.chat.on_ciphertext(sent[-1].bytes, receipt=sent[-1].id) == "applied"


def test_of_two_programs_one_loses(tmp_path: Path) -> None:
    ends = Ends(opened(tmp_path / "a.db"), MemoryStore())
    ends.carry()
    twin = restored(opened(tmp_path / "a.db"), ends.clock)
    ends.alice.chat.send(Draft("first"))
    ends.carry()
    twin.chat.send(Draft("second"))
    with pytest.raises(Superseded) as error:
        list(twin)
    assert error.value.name == "superseded" and error.value.code > 0
    with pytest.raises(secretchat.errors.DriverError):
        list(twin)
    ends.alice.chat.send(Draft("third"))
    _, told = ends.carry()
    assert [event.text for event in told if isinstance(event, events.Message)] == ["third"]


def test_an_error_of_the_database_is_the_hosts(tmp_path: Path) -> None:
    store = opened(tmp_path / "a.db")
    ends = Ends(store, MemoryStore())
    ends.carry()
    ends.alice.chat.send(Draft("x"))
    store.connection.close()
    with pytest.raises(sqlite3.ProgrammingError):
        list(ends.alice)


def test_old_records_are_recognised(tmp_path: Path) -> None:
    store = MemoryStore()
    ends = Ends(store, MemoryStore())
    ends.carry()
    [chat] = store.chats()
    old = store.load(chat)
    assert old is not None
    ends.alice.chat.send(Draft("x"))
    noted = [action for action in ends.alice if isinstance(action, transmits.Checkpoint)]
    new = store.load(chat)
    assert new is not None and noted[-1] == ends.alice.chat.checkpoint
    assert Chat.restore(chat, new, KEY, noted[-1]).checkpoint == noted[-1]
    with pytest.raises(StoreError) as error:
        Chat.restore(chat, old, KEY, noted[-1])
    assert error.value.name == "rolled_back"


def test_deleted_records_leave_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = opened(path)
    ends = Ends(store, MemoryStore())
    ends.carry()
    ends.alice.chat.send(Draft("x"))
    for _ in ends.alice:
        pass
    [chat] = store.chats()
    rows = store.load(chat)
    assert rows is not None

    def files() -> bytes:
        return b"".join(file.read_bytes() for file in tmp_path.glob("a.db*"))

    assert all(row in files() for _, row in rows)
    ends.alice.chat.close("keep")
    for _ in ends.alice:
        pass
    assert store.scrub()
    assert not any(row[16:] in files() for _, row in rows)
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM secretchat_records").fetchone()
    store.delete(chat)
    assert store.scrub() is False, "the deletion is in an open transaction"
    store.connection.commit()
    assert store.scrub() is False, "somebody reads an older state"
    reader.rollback()
    assert store.scrub()
    assert store.load(chat) is None and store.chats() == []


def test_the_tables_are_those_of_the_crate(tmp_path: Path) -> None:
    source = (REPOSITORY / "crates/secretchat-sqlite/src/schema.rs").read_text()
    steps = source.split('STEPS: &[&str] = &["')[1].split('"];')[0]
    assert '",' not in steps, "a later version: this package has to learn it"
    ours, theirs = opened(tmp_path / "a.db").connection, sqlite3.connect(":memory:")
    theirs.executescript(steps)
    schema = "SELECT sql FROM sqlite_master ORDER BY name"

    def squeezed(database: sqlite3.Connection) -> list[str]:
        return [" ".join((sql or "").split()) for (sql,) in database.execute(schema)]

    assert squeezed(ours) == squeezed(theirs)
    assert ours.execute("SELECT version FROM secretchat_version").fetchall() == [(1,)]


class AlwaysInATransaction(sqlite3.Connection):
    """A connection as `autocommit=False` makes one from Python 3.12 on."""

    autocommit = False


def test_a_connection_that_is_always_in_a_transaction_is_refused(tmp_path: Path) -> None:
    """There would be no moment in which deleted records could be destroyed."""
    connection: Any = AlwaysInATransaction(tmp_path / "a.db")
    if sys.version_info >= (3, 12):
        connection = sqlite3.connect(tmp_path / "a.db", autocommit=False)
    with pytest.raises(ValueError, match="autocommit=True"):
        SqliteStore(connection)
    # Nothing was written.
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []


def test_databases_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write-ahead"):
        SqliteStore(sqlite3.connect(":memory:"))
    store = opened(tmp_path / "a.db")
    for version in ("2", "-1"):
        store.connection.execute(f"UPDATE secretchat_version SET version = {version}")
        store.connection.commit()
        with pytest.raises(ValueError, match="newer"):
            opened(tmp_path / "a.db")
        assert store.connection.execute("SELECT count(*) FROM secretchat_records").fetchone() == (0,)


def test_settings_and_row_factories_of_the_host(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.row_factory = sqlite3.Row
    store = SqliteStore(connection)
    ends = Ends(store, MemoryStore())
    ends.carry()
    [chat] = store.chats()
    assert Chat.restore(chat, store.load(chat) or [], KEY).state == "ready"

    def pragma(name: str) -> Any:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("secure_delete")) == ("wal", 2, 1)


def test_batches_by_hand() -> None:
    """A host with a store of its own uses what `Persist` has."""
    rows: dict[bytes, bytes] = {}
    chat = Chat.request(Config.x25519("alice", "bob").with_store(KEY))
    for output in chat:
        match output:
            case Persist(put, delete):
                head = next((rows[name] for name in Persist.HEADS if name in rows), None)
                assert output.fits(head)
                assert output.chat == chat.id and output.follows is None
                rows.update(put)
                for name in delete:
                    del rows[name]
                assert not output.fits(next(rows[name] for name in Persist.HEADS if name in rows))
    assert Chat.restore(chat.id or b"", list(rows.items()), KEY).state == "requested"
    peeker = secretchat.Peeker(chat.id or b"", list(rows.items()), KEY)
    assert peeker.peek(b"x" * 100) == "no_keys"


class OwnFiles:
    """Sealed files in a storage of the test's own."""

    def __init__(self) -> None:
        self.places: dict[str, dict[bytes, bytearray]] = {"leaving": {}, "arriving": {}, "kept": {}}
        self.notes: dict[bytes, Any] = {}
        self.is_full = False

    def list(self, place: str, /) -> list[bytes]:
        return list(self.places[place])

    def length(self, place: str, file: bytes, /) -> int | None:
        return len(self.places[place][file]) if file in self.places[place] else None

    def insert(self, file: bytes, sealed: bytes, /) -> None:
        self.places["leaving"][file] = bytearray(sealed)

    def read(self, file: bytes, start: int, end: int, /) -> bytes:
        return bytes(self.places["leaving"][file][start:end])

    def write(self, file: bytes, offset: int, part: bytes, /) -> None:
        if self.is_full:
            raise OSError("no space is left")
        there = self.places["arriving"].setdefault(file, bytearray())
        there.extend(bytes(max(0, offset + len(part) - len(there))))
        there[offset : offset + len(part)] = part

    def note(self, file: bytes, total: int, there: Any, /) -> None:
        self.notes[file] = (total, there)

    def noted(self, file: bytes, /) -> Any:
        return self.notes.get(file)

    def keep(self, file: bytes, /) -> None:
        if file in self.places["arriving"]:
            self.places["kept"][file] = self.places["arriving"].pop(file)

    def kept(self, file: bytes, /) -> bytes | None:
        found = self.places["kept"].get(file)
        return None if found is None else bytes(found)

    def remove(self, place: Any, file: bytes, /) -> None:
        self.places[place].pop(file, None)


def links(alice: Any, bob: Any, **options: Any) -> tuple[Link, Link]:
    """Returns two links that have met."""
    first, second = configs("x25519")
    ours = Link(b"t" * 16, Chat.request(first), MemoryStore(), alice, **options)
    ours.connected()
    list(ours)
    request = frames.decode_one(ours.next_frame() or b"")[1]
    assert isinstance(request, frames.Request)
    theirs = Link(b"t" * 16, Invitation(request.public, second).accept(), MemoryStore(), bob, **options)
    theirs.connected()
    exchange(ours, theirs)
    return ours, theirs


def exchange(alice: Link, bob: Link) -> list[Any]:
    """Carries frames until both are at rest, and returns the events of both."""
    told, moved = [], True
    while moved:
        moved = False
        for sender, receiver in ((alice, bob), (bob, alice)):
            told += list(sender)
            while (frame := sender.next_frame()) is not None:
                moved = True
                receiver.handle_frame(frames.decode_one(frame)[1])
                told += list(receiver)
    return told


def test_files_in_a_storage_of_the_host(tmp_path: Path) -> None:
    own = OwnFiles()
    alice, bob = links(tmp_path / "alice", own, part_len=5000)
    content = bytes(range(256)) * 300
    for link, other in ((alice, bob), (bob, alice)):
        file, key = link.seal(content)
        link.chat.send(Draft("", media.Document("text/plain", len(content), key), file=file))
        [message] = [event for event in exchange(alice, bob) if isinstance(event, events.Message)]
        assert message.file and isinstance(message.media, media.Document) and message.media.key
        sealed = other.kept(message.file.reference)
        assert sealed is not None and media.open(message.media.key, len(content), sealed) == content
    assert bob.kept_path(file) is None and alice.kept_path(file) == tmp_path / "alice/kept" / file.hex()
    assert list(own.places["kept"]) and not own.places["arriving"]
    own.is_full = True
    file, key = alice.seal(content)
    alice.chat.send(Draft("", media.Document("text/plain", len(content), key), file=file))
    with pytest.raises(OSError, match="no space is left"):
        exchange(alice, bob)


def test_pauses_of_a_driver() -> None:
    timing: Any = {"acknowledge_after": timedelta(seconds=7)}
    clock = Clock()
    first, second = configs("x25519")
    alice = Driver(Chat.request(first, clock=clock), MemoryStore(), timing=timing)
    request = next(action for action in alice if isinstance(action, transmits.Request))
    bob = Invitation(request.public, second).accept(clock=clock)
    accept = next(iter(bob))
    assert isinstance(accept, transmits.Accept)
    alice.chat.on_accepted(accept.public, accept.fingerprint)
    for action in alice:
        if isinstance(action, transmits.Ciphertext):
            bob.on_ciphertext(action.bytes)
            alice.chat.on_carried(action.id)
    bob.send(Draft("hello"))
    for output in bob:
        if isinstance(output, transmits.Ciphertext):
            alice.chat.on_ciphertext(output.bytes, receipt=output.id)
    list(alice)
    assert alice.chat.poll_timeout() == clock.now + 7000
    with pytest.raises(ValueError, match="no pause"):
        timing = {"lunch": timedelta()}
        Driver(Chat.request(first), MemoryStore(), timing=timing)


def test_copies_for_several_chats() -> None:
    content = bytes(range(256)) * 1000
    copies = media.MediaCopies(len(content), ["segments", "chain", "segments"])
    parts = [copies.update(content[at : at + 7777]) for at in range(0, len(content), 7777)]
    keys = copies.finish()
    sealed = [b"".join(part[number] for part in parts) for number in range(3)]
    assert [key.form for key in keys] == ["segments", "chain", "segments"]
    assert [media.open(key, len(content), file) for key, file in zip(keys, sealed)] == [content] * 3
    # One of them is forwarded.
    again = media.MediaCopies(len(content), ["chain"], key=keys[0])
    [forwarded] = again.update(sealed[0])
    [key] = again.finish()
    assert media.open(key, len(content), forwarded) == content
    broken = media.MediaCopies(len(content), ["chain"], key=keys[0])
    broken.update(sealed[0][:-70_000])
    with pytest.raises(secretchat.errors.MediaError):
        broken.finish()


def test_a_link_goes_on_after_a_restart(tmp_path: Path) -> None:
    first, second = configs("x25519")
    store = opened(tmp_path / "a.db")
    chat = Chat.request(first.with_host_data(b"h" * 16).with_store(KEY))
    alice = Link(b"h" * 16, chat, store, tmp_path / "files")
    alice.connected()
    list(alice)
    request = frames.decode_one(alice.next_frame() or b"")[1]
    assert isinstance(request, frames.Request)
    bob = Link(b"h" * 16, Invitation(request.public, second).accept(), MemoryStore(), MemoryFiles())
    bob.connected()
    exchange(alice, bob)
    file, key = alice.seal(b"content")
    alice.chat.send(Draft("", media.Document("text/plain", 7, key), file=file))
    list(alice)
    # The process dies before the file and its message have left.
    store.connection.close()
    store = opened(tmp_path / "a.db")
    [records] = store.chats()
    alice = Link.restore(store, records, KEY, tmp_path / "files")
    assert alice.tag == b"h" * 16
    alice.connected()
    [message] = [event for event in exchange(alice, bob) if isinstance(event, events.Message)]
    assert message.file and isinstance(message.media, media.Document) and message.media.key
    assert media.open(message.media.key, 7, bob.kept(message.file.reference) or b"") == b"content"
    without = Chat.request(first.with_store(KEY))
    id = without.id
    for output in without:
        if isinstance(output, Persist):
            store.apply([output])
    with pytest.raises(ValueError, match="not an id"):
        Link.restore(store, id or b"", KEY, MemoryFiles())
    assert Link.restore(store, id or b"", KEY, MemoryFiles(), tag=b"t" * 16).tag == b"t" * 16
