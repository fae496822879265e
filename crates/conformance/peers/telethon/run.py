"""Tries each scenario with telethon-secret-chat, and compares the table of what works with `expected.md`.

    run.py SHIM            compares
    run.py SHIM --write    writes `expected.md`
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
from pathlib import Path

from network import Network
from scenarios import SCENARIOS, Fails, count
from telethon_secret_chat.version import __version__

HERE = Path(__file__).parent
VECTORS = HERE.parents[3] / "test-vectors/modp.json"
POLICIES = ("strict", "default", "tolerant")
ROLES = {"they ask": True, "we ask": False}
CLIENTS = {"with the attribute": True, "as published": False}


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


async def table(command: str) -> str:
    group = bytes.fromhex(next(p for p in primes(json.loads(VECTORS.read_text())) if p.startswith("c71caeb9")))
    lines = [f"# telethon-secret-chat {__version__}", "", "Written by `run.py --write`; what it means is in `../README.md`."]
    for client, attribute in CLIENTS.items():
        lines += ["", f"## {client.capitalize()}", "", "| scenario | policy | role | outcome |", "|---|---|---|---|"]
        for name in SCENARIOS:
            for policy in POLICIES:
                ends = {role: await outcome(command, group, name, attribute, policy, ask) for role, ask in ROLES.items()}
                if len(set(ends.values())) == 1:
                    ends = {"both": ends["we ask"]}
                lines += [f"| {name} | {policy} | {role} | {end} |" for role, end in ends.items()]
    return "\n".join(lines) + "\n"


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
    # Their storage prints what it removes.
    with contextlib.redirect_stdout(io.StringIO()):
        found = asyncio.run(table(sys.argv[1]))
    expected = HERE / "expected.md"
    if sys.argv[2:] == ["--write"]:
        expected.write_text(found)
        return
    lines = list(difflib.ndiff(expected.read_text().splitlines(), found.splitlines()))
    changed = [line for line in lines if line[0] in "-+"]
    print("\n".join(changed) or f"{len(lines)} lines as expected")
    print(f"{sum(line[0] == ' ' for line in lines)} passed, {len(changed)} failed")
    sys.exit(bool(changed))


main()
