"""What the tests share."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

import secretchat
from secretchat import Chat, Config, Invitation, Persist, transmits

REPOSITORY = Path(__file__).parents[3]
START = 1_700_000_000_000


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


def check_fields(value: Any) -> None:
    """Compares the fields that the native half filled in with those of the class."""
    names = [field.name for field in fields(value)]
    assert list(vars(value)) == names, type(value).__name__
    # A constructor of its own takes them all.
    assert type(value)(**vars(value)) == value


@dataclass
class End:
    """One end of a chat, whose outputs the test takes."""

    chat: Chat

    def outputs(self) -> tuple[list[Any], list[Any], list[Persist]]:
        """Returns the events, the transmissions and the batches."""
        told: list[Any] = []
        sent: list[Any] = []
        kept: list[Persist] = []
        for output in self.chat:
            if isinstance(output, Persist):
                kept.append(output)
                continue
            check_fields(output)
            (told if type(output).__module__ == "secretchat.events" else sent).append(output)
        return told, sent, kept


@dataclass
class Pair:
    """Two ends that a network without faults joins."""

    alice: End
    bob: End
    clock: Clock

    def carry(self) -> tuple[list[Any], list[Any]]:
        """Carries until both are at rest, and returns the events of both."""
        told: tuple[list[Any], list[Any]] = ([], [])
        ends = (self.alice, self.bob)
        while True:
            moved = False
            for at, end in enumerate(ends):
                happened, sent, _ = end.outputs()
                told[at].extend(happened)
                for transmit in sent:
                    moved = True
                    arrive(ends[1 - at].chat, transmit)
                    if not isinstance(transmit, transmits.Typing):
                        end.chat.on_carried(transmit.id)
            if not moved:
                return told


def arrive(chat: Chat, transmit: transmits.Transmit) -> str:
    """Gives an end what the other sent."""
    if isinstance(transmit, transmits.Accept):
        return chat.on_accepted(transmit.public, transmit.fingerprint)
    if isinstance(transmit, transmits.Ciphertext):
        file = None if transmit.file is None else secretchat.media.IncomingFile(transmit.file)
        return chat.on_ciphertext(transmit.bytes, file)
    if isinstance(transmit, transmits.Discard):
        return chat.on_discarded(transmit.history, transmit.proof)
    if isinstance(transmit, transmits.Read):
        return chat.on_read(transmit.max_date)
    if isinstance(transmit, transmits.Typing):
        return chat.on_typing()
    raise AssertionError(transmit)


def join(alice: Config, bob: Config, **options: Any) -> Pair:
    """Returns two ends that have met."""
    clock = Clock()
    first = End(Chat.request(alice, clock=clock, **options))
    _, [request], _ = first.outputs()
    second = End(Invitation(request.public, bob).accept(clock=clock, **options))
    pair = Pair(first, second, clock)
    pair.carry()
    assert (first.chat.state, second.chat.state) == ("ready", "ready")
    return pair


def configs(profile: str) -> tuple[Config, Config]:
    """Returns the configurations of both ends."""
    if profile == "telegram":
        config = Config.telegram(secretchat.DhGroup.published())
        return config, config
    made = Config.hybrid if profile == "hybrid" else Config.x25519
    return made("alice", "bob"), made("bob", "alice")


@pytest.fixture(params=["x25519", "hybrid", "telegram"])
def pair(request: pytest.FixtureRequest) -> Pair:
    """Two ends that have met, in each profile."""
    return join(*configs(request.param))


def of_type(told: list[Any], kind: type) -> list[Any]:
    """Returns the events of a class."""
    return [event for event in told if isinstance(event, kind)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run that must be whole and has skipped a test."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if "SECRETCHAT_WHOLE" in os.environ and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("a test was skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
