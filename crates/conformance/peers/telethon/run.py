"""Tries each scenario with telethon-secret-chat, and compares the table of what works with `expected.md`.

    run.py SHIM                  compares, the recording in `test-vectors/telethon.json` too
    run.py SHIM --short          does so with some of the lines
    run.py SHIM --write          writes `expected.md`
    run.py SHIM --record FILE    records a chat in each role (`recording.py`)
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import io
import json
import logging
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from network import Network
from recording import record
from scenarios import SCENARIOS, Fails, count
from telethon_secret_chat.version import __version__

HERE = Path(__file__).parent
MODP, RECORDED = (HERE.parents[3] / "test-vectors" / name for name in ("modp.json", "telethon.json"))
POLICIES = ("strict", "default", "tolerant")
ROLES = {"they ask": True, "we ask": False}
CLIENTS = {"with the attribute": True, "as published": False}
# What is tried in every CI, under the default policy.
SHORT = {
    "with the attribute": [
        "texts, one at a time",
        "entities, to us",
        "entities, to them",
        "reply, to us",
        "photo of one part, to us",
        "photo of one part, to them",
        "timer of the chat, set by us",
        "deletion by us",
        "a text of ours comes twice",
        "new key, asked for by them",
        "we restart",
    ],
    "as published": ["texts, 40 each way in flight"],
}


async def outcome(command: str, group: bytes, name: str, attribute: bool, policy: str, they_ask: bool) -> str:
    """Returns in words how a scenario ended."""
    storage = sqlite3.connect(":memory:") if "SQLite" in name else None
    config: dict[str, object] = {"policy": policy}
    if "layer 101" in name:
        config["layer"] = 101
    if "we ask for no key" in name:
        config["rekey"] = {"after_messages": 1_000}
    net = Network(command, group, attribute, storage, **config)
    try:
        if they_ask:
            await net.manager.start_secret_chat(2)
        else:
            net.shim.tell("request")
        await net.carry()
        try:
            await SCENARIOS[name](net)
            words = ["works"]
        except Fails as fails:
            words = [f"**no**: {fails}"]
        except Exception as error:  # their own call raised it
            words = [f"**no**: their call raises {type(error).__name__}: {error}"]
        if net.raised:
            words.append(f"they raise {net.raised[0]}")
        if net.shim.errors:
            words.append(f"we say {net.shim.errors[0]}")
        if count(net, "closed") and "end the chat" not in name:
            words.append("the chat is closed")
        return "; ".join(words)
    finally:
        net.shim.end()


async def rows(command: str, attribute: bool, names: Iterable[str], policies: Iterable[str]) -> AsyncIterator[str]:
    """Yields a line for each scenario and policy, or one for each role where they differ."""
    for name in names:
        for policy in policies:
            ends = {role: await outcome(command, group(), name, attribute, policy, ask) for role, ask in ROLES.items()}
            if len(set(ends.values())) == 1:
                ends = {"both": ends["we ask"]}
            for role, end in ends.items():
                yield f"| {name} | {policy} | {role} | {end} |"


async def table(command: str) -> str:
    lines = [f"# telethon-secret-chat {__version__}", "", "Written by `run.py --write`; what it means is in `../README.md`."]
    for client, attribute in CLIENTS.items():
        lines += ["", heading(client), "", "| scenario | policy | role | outcome |", "|---|---|---|---|"]
        lines += [row async for row in rows(command, attribute, SCENARIOS, POLICIES)]
    return "\n".join(lines) + "\n"


def heading(client: str) -> str:
    return f"## {client.capitalize()}"


async def short(command: str, expected: str) -> list[tuple[str, bool]]:
    """Returns lines, each with whether it is expected."""
    found = []
    for client, attribute in CLIENTS.items():
        section = expected.split(heading(client))[1].split("\n## ")[0].splitlines()
        found += [(row, row in section) async for row in rows(command, attribute, SHORT[client], ["default"])]
    return found


def group() -> bytes:
    """Returns Telegram's prime."""
    return bytes.fromhex(next(p for p in primes(json.loads(MODP.read_text())) if p.startswith("c71caeb9")))


def primes(value: object) -> list[str]:
    """Returns every string that is called `p`."""
    if isinstance(value, list):
        return [found for item in value for found in primes(item)]
    if isinstance(value, dict):
        own = [item for name, item in value.items() if name == "p" and isinstance(item, str)]
        return own + [found for item in value.values() for found in primes(item)]
    return []


def main() -> None:
    logging.disable(logging.CRITICAL)
    command, *options = sys.argv[1:]
    expected = HERE / "expected.md"
    # Their storage prints what it removes.
    with contextlib.redirect_stdout(io.StringIO()):
        recorded = asyncio.run(record(command, group()))
        if options[:1] == ["--record"]:
            Path(options[1]).write_text(recorded)
            return
        lines = [("the recording", recorded == RECORDED.read_text())]
        if options == ["--short"]:
            lines += asyncio.run(short(command, expected.read_text()))
        else:
            found = asyncio.run(table(command))
            if options == ["--write"]:
                expected.write_text(found)
                return
            compared = difflib.ndiff(expected.read_text().splitlines(), found.splitlines())
            lines += [(line, line[0] == " ") for line in compared if line[0] != "?"]
    failed = [line for line, is_expected in lines if not is_expected]
    print("\n".join(failed) or f"{len(lines)} lines as expected")
    print(f"{len(lines) - len(failed)} passed, {len(failed)} failed")
    sys.exit(bool(failed))


main()
