#!/usr/bin/env python3
"""Makes a ProVerif file of each job from the template, runs ProVerif on it, and compares every answer with the expected one.

A job whose name begins with one of the given prefixes is run; without a prefix all are, but for those that begin with
"whole-", which do not end within minutes. The files and ProVerif's output are in build/. The exit code is 1 if any answer
differs.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

from jobs import JOBS
from queries import QUERIES, SHORT, VARIABLES

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE / "build"
PROVERIF = os.environ.get("PROVERIF", "proverif")


def main():
    options = arguments()
    BUILD.mkdir(exist_ok=True)
    jobs = [job for job in JOBS if is_chosen(job[0], options)]
    if not jobs:
        sys.exit("no job has such a name")
    for job in jobs:
        source_of(job).write_text(render(job))
    if options.generate:
        return
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda job: run(job, options.timeout), jobs))
    differing = results.count(False)
    asked = sum(len(job[2].split()) for job in jobs)
    print(f"{len(jobs)} files, {asked} queries, {differing} files with other answers than expected")
    sys.exit(1 if differing else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, epilog="The variable PROVERIF names the program.")
    parser.add_argument("prefix", nargs="*", help="which jobs, see jobs.py")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="how many run at once (2)")
    parser.add_argument("-t", "--timeout", type=int, default=600, help="seconds that a job may take (600)")
    parser.add_argument("-g", "--generate", action="store_true", help="only make the files")
    return parser.parse_args()


def is_chosen(name, options):
    if options.prefix:
        return name.startswith(tuple(options.prefix))
    return options.generate or not name.startswith("whole-")


def source_of(job):
    return BUILD / f"{job[0]}.pv"


def run(job, timeout):
    """Returns whether every answer is the expected one."""
    name, _, queries = job
    started = time.monotonic()
    log = BUILD / f"{name}.log"
    with log.open("w") as output:
        try:
            command = [PROVERIF, "-set", "color", "false", source_of(job)]
            subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            pass
    answers = answers_in(log.read_text())
    expected = [expected for _, expected in expectations(queries)]
    lines = [f"{'ok' if answers == expected else 'DIFFERS':8}{name}, {time.monotonic() - started:.1f} s"]
    for index, (query, wanted) in enumerate(expectations(queries)):
        answer = answers[index] if index < len(answers) else "none"
        remark = "" if answer == wanted else f"(expected {wanted}) "
        lines.append(f"        {answer:6} {remark}{query}: {QUERIES[query][0]}")
    print("\n".join(lines), flush=True)
    return answers == expected


def expectations(queries):
    """Returns the name of each query of a job, and the answer that it must give."""
    answers = {"!": "false", "?": "?"}
    return [(query.lstrip("!?"), answers.get(query[0], "true")) for query in queries.split()]


def answers_in(output):
    answers = []
    for line in output.splitlines():
        # "RESULT (even ...": a remark on a query of injective agreement that is false.
        if not line.startswith("RESULT") or line.startswith("RESULT ("):
            continue
        if "cannot be proved" in line:
            answers.append("?")
        elif " is true." in line:
            answers.append("true")
        elif " is false." in line:
            answers.append("false")
    return answers


def render(job):
    """Returns the text of a job: the template with the branches of its flags, and its queries."""
    name, flags, queries = job
    flags = set(flags.split())
    # The handshake of X25519 alone is there in its own profile, and where users run both.
    if "HYBRID" not in flags or "CROSS" in flags:
        flags.add("CLASSIC")
    queries = "\n".join(query_text(query) for query, _ in expectations(queries))
    chosen = branches(repeated((HERE / "model.pvt").read_text().splitlines()), flags)
    lines = (queries if line.strip() == "//#include QUERIES" else line for line in chosen)
    return f"(* {name}, made by run.py from model.pvt; flags: {' '.join(sorted(flags))} *)\n" + "\n".join(lines) + "\n"


def query_text(query):
    label, text = QUERIES[query]
    for short, whole in SHORT.items():
        text = text.replace(short, whole)
    return f"(* {query}: {label} *)\nquery {VARIABLES};\n  {text}."


def repeated(lines):
    """Writes out each block between `//#repeat A B` and `//#endrepeat` once for each letter.

    The letter takes the place of `@`, and a line that begins with `//@A ` is there for A alone.
    """
    block, letters = None, []
    for line in lines:
        text = line.strip()
        if text.startswith("//#repeat "):
            block, letters = [], text.split()[1:]
        elif text == "//#endrepeat":
            for letter in letters:
                for inner in block:
                    only = re.fullmatch(r"(\s*)//@(\w) (.*)", inner)
                    if only is None:
                        yield inner.replace("@", letter)
                    elif only[2] == letter:
                        yield only[1] + only[3]
            block = None
        elif block is None:
            yield line
        else:
            block.append(line)


def branches(lines, flags):
    """Takes the lines that the flags choose by `//#if`, `//#elif`, `//#else` and `//#endif`."""
    # Of each open branch: whether one was taken already, and whether this one is.
    open_branches = []
    for line in lines:
        text = line.strip()
        if text.startswith("//#if "):
            taken = text.removeprefix("//#if ") in flags
            open_branches.append((taken, taken))
        elif text.startswith("//#elif "):
            before, _ = open_branches.pop()
            taken = text.removeprefix("//#elif ") in flags and not before
            open_branches.append((before or taken, taken))
        elif text == "//#else":
            before, _ = open_branches.pop()
            open_branches.append((True, not before))
        elif text == "//#endif":
            open_branches.pop()
        elif all(taken for _, taken in open_branches):
            yield line
    assert not open_branches


main()
