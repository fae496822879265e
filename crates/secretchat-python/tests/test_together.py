"""Several chats that share a store, and messages that the host is still carrying."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Clock, configs
from secretchat import Chat, Draft, Driver, Invitation, StoreKey, take_actions, transmits
from secretchat.errors import Superseded
from secretchat.store import MemoryStore, SqliteStore

KEY = StoreKey(b"k" * 32)


class Counted(MemoryStore):
    """A store that notes how many batches each call writes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def apply(self, batches: Any, /) -> None:
        self.calls.append(len(batches))
        super().apply(batches)


def requests(store: Any, count: int) -> list[Driver]:
    """Returns chats that ask, in one store."""
    return [Driver(Chat.request(configs("x25519")[0].with_store(KEY)), store) for _ in range(count)]


def take_all(drivers: list[Driver]) -> list[tuple[Driver, Any]]:
    """Takes all actions."""
    taken: list[tuple[Driver, Any]] = []
    take_actions(drivers, lambda driver, action: taken.append((driver, action)))
    return taken


def test_many_chats_are_written_in_one_commit(tmp_path: Path) -> None:
    store = Counted()
    drivers = requests(store, 5)
    taken = take_all(drivers)
    assert store.calls == [5] and len(store.chats()) == 5
    for driver in drivers:
        # What depends on the batch comes after it.
        assert [type(action) for whose, action in taken if whose is driver] == [transmits.Checkpoint, transmits.Request]
    assert take_all(drivers) == [] and take_all([]) == []

    database = SqliteStore(sqlite3.connect(tmp_path / "a.db"))
    commits: list[str] = []
    database.connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    assert len(take_all(requests(database, 20))) == 40
    assert commits == ["COMMIT"] and len(database.chats()) == 20


def test_an_event_comes_before_the_common_commit() -> None:
    store = Counted()
    drivers = requests(store, 2)
    asked = [action.public for _, action in take_all(drivers) if isinstance(action, transmits.Request)]
    peers = [Invitation(public, configs("x25519")[1]).accept() for public in asked]
    for driver, peer in zip(drivers, peers):
        accept = peer.poll_output()
        assert isinstance(accept, transmits.Accept)
        driver.chat.on_accepted(accept.public, accept.fingerprint)
    store.calls.clear()
    order: list[str] = []

    def take(driver: Driver, action: Any) -> None:
        order.append(f"{drivers.index(driver)} {type(action).__name__} {len(store.calls)}")

    take_actions(drivers, take)
    assert order[:2] == ["0 Ready 0", "1 Ready 0"]
    assert store.calls[0] == 2 and all(line.endswith(f" {len(store.calls)}") for line in order[-2:])


def test_calls_that_cannot_be_together() -> None:
    store = Counted()
    drivers = requests(store, 2)
    with pytest.raises(RuntimeError):
        take_all([drivers[0], drivers[0]])
    with pytest.raises(ValueError, match="different stores"):
        take_all([drivers[0], *requests(MemoryStore(), 1)])
    assert store.calls == []

    def call_back(driver: Driver, action: Any) -> None:
        for call in (lambda: driver.is_over, driver.next_action, driver.chat.acknowledge, lambda: driver.chat.state):
            with pytest.raises(RuntimeError):
                call()

    take_actions(drivers, call_back)
    assert not drivers[0].is_over and drivers[1].chat.state == "requested"


def test_messages_of_a_common_step_are_in_flight() -> None:
    clock = Clock()
    ours, theirs = configs("x25519")
    store, pause = MemoryStore(), timedelta(seconds=5)
    drivers = [Driver(Chat.request(ours, clock=clock), store, timing={"retransmit_after": pause}) for _ in range(2)]
    for driver, request in take_all(drivers):
        accept = Invitation(request.public, theirs).accept(clock=clock).poll_output()
        assert isinstance(accept, transmits.Accept)
        driver.chat.on_accepted(accept.public, accept.fingerprint)
    take_all(drivers)

    def messages(seconds: int) -> list[tuple[Driver, int]]:
        """Lets time pass, and returns the messages that leave."""
        clock.now += 1000 * seconds
        for driver in drivers:
            driver.chat.handle_timeout()
        return [(driver, action.id) for driver, action in take_all(drivers) if isinstance(action, transmits.Ciphertext)]

    for driver in drivers:
        driver.chat.send(Draft("large"))
        driver.chat.send(Draft("small"))
    large, small, *others = messages(0)
    assert large[0] is small[0] is drivers[0] and len(others) == 2
    large[0].in_flight(large[1])
    again = messages(6)
    assert large not in again and small in again and others[0] in again
    # What the last call did not give is refused.
    with pytest.raises(ValueError, match="last actions"):
        large[0].in_flight(large[1])


def test_errors_end_all_of_them() -> None:
    store = Counted()
    drivers = requests(store, 2)
    take_all(drivers)
    copy = Driver.restore(store, drivers[1].chat.id or b"", KEY)
    copy.chat.retransmit()
    copy.chat.close()
    list(copy)
    for driver in drivers:
        driver.chat.close()
    with pytest.raises(Superseded):
        take_all(drivers)

    def fail(driver: Driver, action: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        take_actions(requests(Counted(), 2), fail)


def test_a_message_in_flight_is_not_repeated() -> None:
    clock = Clock()
    first, second = configs("x25519")
    driver = Driver(Chat.request(first, clock=clock), MemoryStore(), timing={"retransmit_after": timedelta(seconds=5)})
    [request] = list(driver)
    assert isinstance(request, transmits.Request)
    bob = Invitation(request.public, second).accept(clock=clock)
    accept = bob.poll_output()
    assert isinstance(accept, transmits.Accept)
    driver.chat.on_accepted(accept.public, accept.fingerprint)
    list(driver)

    def repeated(seconds: int) -> list[int]:
        """Lets time pass, and returns the messages that come again."""
        clock.now += 1000 * seconds
        driver.chat.handle_timeout()
        return [action.id for action in driver if isinstance(action, transmits.Ciphertext)]

    driver.chat.send(Draft("large"))
    message = driver.next_action()
    assert isinstance(message, transmits.Ciphertext)
    driver.in_flight(message.id)
    assert driver.next_action() is None
    assert message.id not in repeated(60) + repeated(3600)
    driver.landed(message.id)
    assert message.id not in repeated(1)
    assert message.id in repeated(6)
    # Others are not in flight.
    for wrong in (message.id, 0, 99):
        with pytest.raises(ValueError, match="last action"):
            driver.in_flight(wrong)
    with pytest.raises(OverflowError):
        driver.in_flight(-1)
