"""Stores for the records of chats. Records are sealed: a store sees their names, sizes and times alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Optional, Protocol

from ._native import Persist
from .errors import Superseded

__all__ = ["Files", "MemoryStore", "Place", "Row", "SqliteStore", "Store"]

Row = tuple[bytes, bytes]
"""The name of a record, 9 bytes, and the record."""


class Store(Protocol):
    """What a `Driver` and a `Link` need of a store. Chats have ids of 16 bytes."""

    def apply(self, batches: Sequence[Persist], /) -> None:
        """Writes and deletes what the batches say: all of it or nothing, durable on return. Raises `Superseded` if one does
        not fit (`Persist.fits`) what is stored. Comparing and writing are one transaction."""
        ...

    def scrub(self) -> bool:
        """Destroys what is left of deleted records, and returns whether that was possible now."""
        ...

    def load(self, chat: bytes, /) -> Optional[list[Row]]:
        """Returns all records of a chat, or `None` if there are none."""
        ...

    def chats(self) -> list[bytes]:
        """Returns the chats that have records."""
        ...

    def delete(self, chat: bytes, /) -> None:
        """Deletes all records of a chat."""
        ...


Place = Literal["leaving", "arriving", "kept"]
"""Where a sealed file is: on its way out, on its way in, or with a message that the chat has taken."""


class Files(Protocol):
    """What a `Link` needs of a storage for sealed files, in place of a folder. Files have names of 16 bytes.

    Never say that a file is missing if it may be there: the message that names it would be deleted.
    """

    def list(self, place: Place, /) -> Sequence[bytes]:
        """Returns the files in a place."""
        ...

    def length(self, place: Place, file: bytes, /) -> Optional[int]:
        """Returns the length of a file in bytes, or `None` if it is not there."""
        ...

    def insert(self, file: bytes, sealed: bytes, /) -> None:
        """Stores a file that leaves, durably."""
        ...

    def read(self, file: bytes, start: int, end: int, /) -> bytes:
        """Returns these bytes of a file that leaves."""
        ...

    def write(self, file: bytes, offset: int, part: bytes, /) -> None:
        """Writes bytes of a file that arrives, and creates it if it is not there."""
        ...

    def note(self, file: bytes, total: int, there: Sequence[tuple[int, int]], /) -> None:
        """Makes the bytes of a file that arrives durable, and then notes its length and which bytes these are."""
        ...

    def noted(self, file: bytes, /) -> Optional[tuple[int, Sequence[tuple[int, int]]]]:
        """Returns the last note about a file that arrives."""
        ...

    def keep(self, file: bytes, /) -> None:
        """Moves a file from "arriving" to "kept", durably. It is no error if it is not there."""
        ...

    def kept(self, file: bytes, /) -> Optional[bytes]:
        """Returns a whole file in "kept"."""
        ...

    def remove(self, place: Place, file: bytes, /) -> None:
        """Deletes a file and the note about it. It is no error if it is not there."""
        ...


class MemoryStore:
    """Records that end with the process, for tests and for chats that are not to outlive it."""

    def __init__(self) -> None:
        """Makes an empty store."""
        self._records: dict[bytes, dict[bytes, bytes]] = {}

    def apply(self, batches: Sequence[Persist], /) -> None:
        """Writes batches, as `Store.apply`."""
        for batch in batches:
            stored = self._records.get(batch.chat, {})
            if not batch.fits(next((stored[name] for name in Persist.HEADS if name in stored), None)):
                raise Superseded
        for batch in batches:
            records = self._records.setdefault(batch.chat, {})
            for name in batch.delete:
                records.pop(name, None)
            records.update(batch.put)
            if not records:
                del self._records[batch.chat]

    def scrub(self) -> bool:
        """Does nothing: no copies stay behind here that a program could destroy."""
        return True

    def load(self, chat: bytes, /) -> Optional[list[Row]]:
        """Returns the records of a chat, as `Store.load`."""
        records = self._records.get(chat)
        return None if records is None else list(records.items())

    def chats(self) -> list[bytes]:
        """Returns the chats that have records."""
        return list(self._records)

    def delete(self, chat: bytes, /) -> None:
        """Deletes the records of a chat."""
        self._records.pop(chat, None)


# The tables of the Rust crate `secretchat-sqlite`, version 1: either can open what the other wrote.
_TABLES = """
    CREATE TABLE secretchat_version (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 0),
        version INTEGER NOT NULL
    ) STRICT;
    INSERT INTO secretchat_version VALUES (0, 0);
    CREATE TABLE secretchat_records (
        chat BLOB NOT NULL,
        name BLOB NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (chat, name)
    ) STRICT, WITHOUT ROWID;
"""
_VERSION = 1


class SqliteStore:
    """Records in a database of SQLite, over the host's own connection.

    A batch is written in the transaction that is open on the connection, or else in one of its own, and commits it. Events
    come before the batch that makes them durable. So a host that writes its row at the event, and does not commit, has each
    message in its table exactly once, whenever the process dies. Begin with `begin` where other programs write to the same
    database.

    The connection gets the settings that durability and deletion need: `journal_mode = WAL`, `synchronous = FULL`,
    `fullfsync = ON` and `secure_delete = ON`. The host must leave these as they are. SQLite has to be 3.37 or newer.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Uses a connection to a database file, in any mode but `autocommit=False`, and makes the tables if there are none.

        Raises `ValueError` for a database that cannot be used, such as one in memory or of a newer version.
        """
        if getattr(connection, "autocommit", True) is False:
            raise ValueError("autocommit=False always has a transaction open; connect without it, or with autocommit=True")
        self._connection = connection
        for pragma in ("synchronous = FULL", "fullfsync = ON", "secure_delete = ON"):
            self._query(f"PRAGMA {pragma}")
        self._migrate()
        if self._query("PRAGMA journal_mode = WAL") != [("wal",)]:
            raise ValueError("the database cannot have a write-ahead log")
        self.scrub()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection."""
        return self._connection

    def begin(self) -> None:
        """Begins a transaction for writing, unless one is open. The next batch commits it."""
        if not self._connection.in_transaction:
            self._query("BEGIN IMMEDIATE")

    def apply(self, batches: Sequence[Persist], /) -> None:
        """Writes batches, as `Store.apply`, and commits. After an error the whole transaction is undone."""
        self.begin()
        try:
            for batch in batches:
                if not batch.fits(self._head(batch.chat)):
                    raise Superseded
                names = ((batch.chat, name) for name in batch.delete)
                self._write("DELETE FROM secretchat_records WHERE chat = ? AND name = ?", names)
                rows = ((batch.chat, name, record) for name, record in batch.put)
                self._write("REPLACE INTO secretchat_records (chat, name, record) VALUES (?, ?, ?)", rows)
            self._query("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._query("ROLLBACK")
            raise

    def scrub(self) -> bool:
        """Destroys what is left of deleted rows, the host's included. Returns `False` while another connection reads an old
        state, or a transaction is open here."""
        if self._connection.in_transaction:
            return False
        timeout = self._query("PRAGMA busy_timeout")[0][0]
        self._query("PRAGMA busy_timeout = 0")
        try:
            return bool(self._query("PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return False
            raise
        finally:
            self._query(f"PRAGMA busy_timeout = {timeout}")

    def load(self, chat: bytes, /) -> Optional[list[Row]]:
        """Returns the records of a chat, as `Store.load`."""
        rows: list[Row] = self._query("SELECT name, record FROM secretchat_records WHERE chat = ?", (chat,))
        return rows or None

    def chats(self) -> list[bytes]:
        """Returns the chats that have records."""
        return [chat for (chat,) in self._query("SELECT DISTINCT chat FROM secretchat_records")]

    def delete(self, chat: bytes, /) -> None:
        """Deletes the records of a chat, in the open transaction if there is one."""
        self._query("DELETE FROM secretchat_records WHERE chat = ?", (chat,))

    def _migrate(self) -> None:
        if self._version() == _VERSION:
            return
        self._query("BEGIN IMMEDIATE")
        try:
            # Another program may have made them first.
            version = self._version()
            if version == 0:
                for statement in _TABLES.split(";")[:-1]:
                    self._query(statement)
                self._query("UPDATE secretchat_version SET version = ?", (_VERSION,))
            elif version != _VERSION:
                raise ValueError("the records were written by a newer version, or they are damaged")
            self._query("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._query("ROLLBACK")
            raise

    def _version(self) -> int:
        there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'secretchat_version'"
        if not self._query(there):
            return 0
        rows = self._query("SELECT version FROM secretchat_version")
        return int(rows[0][0]) if rows else -1

    def _head(self, chat: bytes) -> Optional[bytes]:
        for name in Persist.HEADS:
            rows = self._query("SELECT record FROM secretchat_records WHERE chat = ? AND name = ?", (chat, name))
            if rows:
                record: bytes = rows[0][0]
                return record
        return None

    def _query(self, statement: str, values: tuple[object, ...] = ()) -> list[Any]:
        cursor = self._connection.cursor()
        # The host may have set others for its own queries.
        cursor.row_factory = None
        return cursor.execute(statement, values).fetchall()

    def _write(self, statement: str, rows: Iterable[tuple[bytes, ...]]) -> None:
        self._connection.executemany(statement, rows)
