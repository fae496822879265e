#!/usr/bin/env python3
"""Runs the story of `two_phones` in a terminal and draws what it prints.

    cargo build --example two_phones
    docs/two_phones.py target/debug/examples/two_phones            writes two_phones.svg
    docs/two_phones.py target/debug/examples/two_phones --check    compares it with what would be written

Needs a Unix system and the standard library. The program draws real randomness, so that the value which both users compare
is another one in each run. It is replaced with the first value of ../test-vectors/verification.json; nothing else is changed.
"""

import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
ARGUMENTS = ["--profile", "hybrid", "--view-once", "--out", "received"]
COMMAND = f"$ cargo run --release --example two_phones -- {' '.join(ARGUMENTS)}"
# A cell of the terminal in pixels, and how many columns it has.
WIDTH, HEIGHT, COLUMNS = 8, 18, 104
MARGIN, BAR = 16, 32
# The background, the frame around it, and text. The frame shows where the background of the page is as dark.
DARK, FRAME, TEXT, BRIGHT, GREEN, QUIET = "#0d1117", "#57606a", "#c9d1d9", "#ffffff", "#7ee787", "#8b949e"

CELL = re.compile(r"\x1b\[48;2;(\d+);(\d+);(\d+)m( *)(?:\x1b\[0?m)?")
HEX_LINE = re.compile(r"   (?:[0-9a-f]{2} ){7}[0-9a-f]{2} +(?:[0-9a-f]{2} ){7}[0-9a-f]{2}$")


def recorded(program: Path) -> list[str]:
    """What the program prints where its standard output is a terminal."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = pty.openpty()
        command = [program, *ARGUMENTS]
        with subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL) as run:
            os.close(theirs)
            printed = b""
            try:
                while chunk := os.read(ours, 65536):
                    printed += chunk
            except OSError:
                pass  # The other end of the terminal was closed.
            os.close(ours)
        assert run.returncode == 0, printed.decode()
        # The folder is another one in each run, and on each machine.
        text = printed.decode().replace("\r\n", "\n").replace(f"{Path(folder).resolve()}/", "").replace(f"{folder}/", "")
    return text.rstrip("\n").split("\n")


def with_a_known_value(lines: list[str]) -> list[str]:
    """The verification value is that of the vectors; both phones had shown the same one."""
    file = json.loads((HERE.parent / "test-vectors/verification.json").read_text())
    (value,) = (case for case in file["cases"] if case["id"] == "value-0")
    colours = [[int(colour[at : at + 2], 16) for at in (0, 2, 4)] for colour in file["colours"]]
    rows, hex_lines, shown = iter(value["cells"]), iter(value["hex_lines"]), []
    for line in lines:
        cells = CELL.findall(line)
        if cells:
            half = len(cells) // 2
            assert half == 12 and cells[:half] == cells[half:]
            row = next(rows)
            cell = "".join("\x1b[48;2;{};{};{}m  ".format(*colours[int(digit)]) for digit in row) + "\x1b[0m"
            line = f"   {cell}      {cell}"
        elif HEX_LINE.match(line):
            assert line[3:26] == line[-23:]
            digits = next(hex_lines)
            line = f"   {digits:24}      {digits}"
        shown.append(line)
    assert next(rows, None) is None and next(hex_lines, None) is None
    return shown


def columns(letter: str) -> int:
    return 2 if ord(letter) >= 0x1F300 else 1


def wrapped(line: str) -> list[str]:
    """Rows of at most so many columns, parted behind a space. Each begins as far to the right as the line does."""
    indent = line[: len(line) - len(line.lstrip(" "))]
    rows, used = [indent], len(indent)
    for word in re.findall(r"[^ ]+ *| +", line[len(indent) :]):
        width = sum(map(columns, word.rstrip(" ")))
        if used + width > COLUMNS and used > len(indent):
            rows.append(indent)
            used = len(indent)
        rows[-1] += word
        used += sum(map(columns, word))
    return rows


def style(line: str) -> str:
    if line.startswith("$ "):
        return "command"
    if line.startswith("ok: "):
        return "ok"
    return "line" if line.startswith(" ") else "heading"


def drawn(line: str, top: int) -> tuple[list[str], int]:
    """The elements of a line, and how many rows it takes. `top` is where it begins."""
    cells, parts, at = [*CELL.finditer(line)], [], 0
    if cells:
        column, end = 0, 0
        for cell in cells:
            column += len(line[end : cell.start()])
            colour = "#{:02x}{:02x}{:02x}".format(*(int(cell[n]) for n in (1, 2, 3)))
            place = f'x="{MARGIN + column * WIDTH}" y="{top}" width="{2 * WIDTH}" height="{HEIGHT}"'
            parts.append(f'<rect {place} fill="{colour}"/>')
            column, end = column + len(cell[4]), cell.end()
        return parts, 1
    rows = wrapped(line)
    for number, row in enumerate(rows):
        start = len(row) - len(row.lstrip(" "))
        bare = row.strip(" ")
        if not bare:
            continue
        # The length holds the columns in place whatever font there is.
        length = sum(map(columns, bare)) * WIDTH
        place = f'x="{MARGIN + start * WIDTH}" y="{top + number * HEIGHT + 13}" textLength="{length}"'
        parts.append(f"<tspan {place}>{escape(bare)}</tspan>")
    return [f'<text class="{style(line)}">{" ".join(parts)}</text>'] if parts else [], len(rows)


def picture(lines: list[str]) -> str:
    elements, rows = [], 0
    for line in [COMMAND, *lines]:
        drawing, taken = drawn(line, MARGIN + BAR + rows * HEIGHT)
        elements += drawing
        rows += taken
    width, height = 2 * MARGIN + COLUMNS * WIDTH, 2 * MARGIN + BAR + rows * HEIGHT
    buttons = "".join(f'<circle cx="{MARGIN + 6 + 20 * n}" cy="18" r="6" fill="{FRAME}"/>' for n in range(3))
    fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" xml:space="preserve">',
        "<title>What two_phones prints</title>",
        "<style>",
        f"text {{ font: 13px {fonts}; white-space: pre; fill: {TEXT}; }}",
        f".command {{ fill: {QUIET}; }} .heading {{ fill: {BRIGHT}; font-weight: bold; }} .ok {{ fill: {GREEN}; font-weight: bold; }}",
        "</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" fill="{DARK}" stroke="{FRAME}"/>',
        buttons,
        *elements,
        "</svg>",
        "",
    ])  # fmt: skip


def main() -> None:
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    made = picture(with_a_known_value(recorded(Path(sys.argv[1]).resolve())))
    path = HERE / "two_phones.svg"
    if sys.argv[2:]:
        assert path.read_text() == made, f"{path.name} is stale"
        print(f"{path.name} is current")
    else:
        path.write_text(made)


if __name__ == "__main__":
    main()
