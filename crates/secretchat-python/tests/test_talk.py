"""The example `talk`: two processes over TCP, killed and restarted at any moment."""

from __future__ import annotations

import os
import queue
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import REPOSITORY

TALK = Path(__file__).parents[1] / "examples/talk.py"
CAT = REPOSITORY / "examples/photos/chelsea.png"


PYTHON = [sys.executable, str(TALK)]


class Program:
    """One running `talk`."""

    def __init__(self, folder: Path, how: str, port: int, program: Sequence[str] = PYTHON) -> None:
        self.process = subprocess.Popen(
            [*program, str(folder), how, f"127.0.0.1:{port}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.seen: list[str] = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait_for(self, start: str) -> str:
        """Returns the next line that starts like this."""
        deadline = time.monotonic() + 30
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {start!r} in {self.seen}") from None
            self.seen.append(line)
            if line.startswith(start):
                return line

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def messages(folder: Path) -> list[str]:
    """Returns the texts in a program's table."""
    return [text for (text,) in sqlite3.connect(folder / "chat.db").execute("SELECT text FROM messages ORDER BY rowid")]


def test_texts_photo_timer_and_kills(tmp_path: Path) -> None:
    alice, bob = tmp_path / "alice", tmp_path / "bob"
    listener = Program(bob, "listen", 0)
    port = int(listener.wait_for("listening:").split()[1])
    caller = Program(alice, "connect", port)
    programs = [listener, caller]
    try:
        assert caller.wait_for("compare:") == listener.wait_for("compare:")
        caller.type("hello")
        listener.wait_for("> hello")
        # Bob dies, and Alice writes on.
        listener.kill()
        caller.type("are you there?")
        caller.type(f"/photo {CAT}")
        caller.type("this is my cat")
        time.sleep(0.3)
        # Alice dies, too.
        caller.kill()
        listener = Program(bob, "listen", port)
        programs.append(listener)
        listener.wait_for("listening:")
        caller = Program(alice, "connect", port)
        programs.append(caller)
        file = Path(listener.wait_for("file:").removeprefix("file: "))
        assert file.read_bytes() == CAT.read_bytes()
        listener.wait_for("> this is my cat")
        deadline = time.monotonic() + 30
        # It is shown before it is durable.
        while sorted(messages(bob)) != ["are you there?", "chelsea.png", "hello", "this is my cat"]:
            assert time.monotonic() < deadline, messages(bob)
            time.sleep(0.02)
        listener.type("/ttl 1")
        listener.type("soon gone")
        caller.wait_for("> soon gone")
        caller.wait_for("gone:")
        caller.type("/close")
        listener.wait_for("closed:")
        assert caller.process.wait(timeout=30) == 0
        assert listener.process.wait(timeout=30) == 0
        assert messages(alice) == []
    finally:
        for program in programs:
            program.kill()


@pytest.mark.skipif("SECRETCHAT_TALK" not in os.environ, reason="no talk of Rust was built")
def test_python_talks_with_rust(tmp_path: Path) -> None:
    """The `examples/talk` of the repository connects: it has the same ids, and the same frames."""
    listener = Program(tmp_path / "python", "listen", 0)
    port = int(listener.wait_for("listening:").split()[1])
    caller = Program(tmp_path / "rust", "connect", port, [os.environ["SECRETCHAT_TALK"]])
    try:
        listener.wait_for("compare:")
        caller.wait_for("compare this")
        caller.type("from Rust")
        listener.wait_for("> from Rust")
        listener.type("from Python")
        caller.wait_for("> from Python")
        listener.type(f"/photo {CAT}")
        name = caller.wait_for(f"> {CAT.stat().st_size} bytes: ").split(": ")[1]
        assert Path(name).read_bytes() == CAT.read_bytes()
        caller.type(f"/photo {CAT}")
        # That program takes out what a photo tells of its place: the pixels stay.
        received = Path(listener.wait_for("file:").removeprefix("file: ")).read_bytes()
        assert received[:8] == CAT.read_bytes()[:8] and len(received) > CAT.stat().st_size // 2
        caller.type("/rekey")
        caller.wait_for("new key: 1")
        caller.type("/close")
        listener.wait_for("closed:")
        assert listener.process.wait(timeout=30) == 0
    finally:
        for program in (listener, caller):
            program.kill()
