#!/usr/bin/env python3
"""Encodings of every constructor, and what SPEC TL-3 refuses, made without any code of the crate.

    tl.py            writes tl.json
    tl.py --check    compares it with what this program computes

The schema is read by a parser of its own; the values are drawn from SHA-256 of a running number.

Forms:  all    every optional field, short strings
        none   no optional field, empty strings and vectors, undefined flag bits set
        edges  strings of the lengths where the encoding changes, every optional field
Some cases list what is encoded: a long is a decimal string, bytes are hex, a double is the hex of its 64 bits.
"""

import hashlib
import pathlib
import re
import struct
import sys

from vector_file import cases, publish

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "schema" / "secret.tl"
EDGES = [0, 1, 2, 3, 4, 252, 253, 254, 255, 256, 257, 1024]
# (constructor, layer) whose case `all` lists its fields.
LISTED = {
    ("decryptedMessageLayer", 17),
    ("decryptedMessage", 73),
    ("decryptedMessageMediaPhoto", 45),
    ("decryptedMessageMediaDocument", 143),
    ("decryptedMessageMediaGeoPoint", 8),
    ("decryptedMessageActionAcceptKey", 20),
    ("decryptedMessageActionDeleteMessages", 8),
    ("documentAttributeAudio", 46),
}
LINE = re.compile(r"(\w+)#([0-9a-f]{8})((?: \w+:\S+)*) = (\w+);")
FIELD = re.compile(r"(\w+):(?:flags\.(\d+)\?)?(\S+)")


def schema():
    layer = None
    for line in SCHEMA.read_text().splitlines():
        if mark := re.fullmatch(r"// layer (\d+)", line):
            layer = int(mark[1])
        elif found := LINE.fullmatch(line):
            name, id_, fields, type_ = found.groups()
            fields = [FIELD.fullmatch(field).groups() for field in fields.split()]
            yield {"name": name, "layer": layer, "id": int(id_, 16), "fields": fields, "type": type_}
        elif line and not (layer is None and line.startswith("//")):
            sys.exit(f"not understood: {line}")


class Source:
    """Deterministic noise."""

    def __init__(self, label):
        self.label, self.count = label, 0

    def take(self, length):
        out = b""
        while len(out) < length:
            out += hashlib.sha256(f"{self.label} {self.count}".encode()).digest()
            self.count += 1
        return out[:length]

    def below(self, bound):
        return int.from_bytes(self.take(8), "big") % bound


class Encoder:
    def __init__(self, constructors, case, label):
        self.constructors, self.case, self.source = constructors, case, Source(label)
        self.edge = self.source.below(len(EDGES))

    def string(self):
        if self.case == "none":
            return b""
        if self.case == "all":
            return self.source.take(1 + self.source.below(40))
        self.edge += 1
        return self.source.take(EDGES[self.edge % len(EDGES)])

    def value(self, type_):
        """The encoding of a value, and what to list."""
        if type_ == "int":
            raw = self.source.take(4)
            return raw, struct.unpack("<i", raw)[0]
        if type_ == "long":
            raw = self.source.take(8)
            return raw, str(struct.unpack("<q", raw)[0])
        if type_ == "double":
            raw = self.source.take(8)
            return raw, raw[::-1].hex()
        if type_ in ("string", "bytes"):
            data = self.string()
            if len(data) < 254:
                out = bytes([len(data)]) + data
            else:
                out = b"\xfe" + len(data).to_bytes(3, "little") + data
            return out + bytes(-len(out) % 4), data.hex()
        if item := re.fullmatch(r"Vector<(\w+)>", type_):
            count = 0 if self.case == "none" else 1 + self.source.below(3)
            items = [self.value(item[1]) for _ in range(count)]
            out = struct.pack("<Ii", 0x1CB5C415, count) + b"".join(raw for raw, _ in items)
            return out, [listed for _, listed in items]
        choice = [c for c in self.constructors if c["type"] == type_]
        return self.constructor(choice[self.source.below(len(choice))])

    def constructor(self, constructor):
        out, listed = struct.pack("<I", constructor["id"]), {"_": constructor["name"]}
        present = self.case != "none"
        for name, bit, type_ in constructor["fields"]:
            if type_ == "#":
                defined = sum(1 << int(bit) for _, bit, _ in constructor["fields"] if bit)
                flags = defined if present else 0x8000_0000 & ~defined
                raw, value = struct.pack("<I", flags), flags
            elif type_ == "true":
                raw, value = b"", present
            elif bit and not present:
                raw, value = b"", None
            else:
                raw, value = self.value(type_)
            out += raw
            listed[name] = value
        return out, listed


def encodings(constructors):
    made = []
    for constructor in constructors:
        name, layer = constructor["name"], constructor["layer"]
        for form in ("all", "none", "edges"):
            raw, listed = Encoder(constructors, form, f"{name} {layer} {form}").constructor(constructor)
            given = {"constructor": name, "layer": layer, "type": constructor["type"], "form": form, "hex": raw.hex()}
            if form == "all" and (name, layer) in LISTED:
                given["fields"] = listed
            if all(given["hex"] != other["hex"] for other in made):
                made.append({"what": f"{name}, layer {layer}, {form}"} | given)
    return made


def word(number):
    return struct.pack("<I", number)


def hostile(constructors):
    """What TL-3 refuses, each for one reason only."""
    ids = {(c["name"], c["layer"]): word(c["id"]) for c in constructors}
    typing, noop = ids["decryptedMessageActionTyping", 17], ids["decryptedMessageActionNoop", 20]
    delete = ids["decryptedMessageActionDeleteMessages", 8]
    name, url = ids["documentAttributeFilename", 23], ids["decryptedMessageMediaWebPage", 45]
    vector = word(0x1CB5C415)
    action, attribute, media = "DecryptedMessageAction", "DocumentAttribute", "DecryptedMessageMedia"
    given = [
        ("no bytes", "UnexpectedEnd", action, b""),
        ("three bytes of an id", "UnexpectedEnd", action, noop[:3]),
        ("an id of zeros", "UnknownConstructor", action, bytes(4)),
        ("an id of the type that should hold it", "UnknownConstructor", action, word(0x1CB5C415)),
        ("a constructor of another type", "UnknownConstructor", action, url + b"\0\0\0\0"),
        ("a constructor with its id byte-swapped", "UnknownConstructor", action, noop[::-1]),
        ("nothing behind the id", "UnexpectedEnd", action, typing),
        ("an unknown constructor inside", "UnknownConstructor", action, typing + word(0xDEADBEEF)),
        ("a byte behind the value", "TrailingBytes", action, noop + b"\0"),
        ("a word behind the value", "TrailingBytes", action, noop + bytes(4)),
        ("the value twice", "TrailingBytes", action, noop + noop),
        ("a string without bytes", "UnexpectedEnd", attribute, name),
        ("a string cut in its bytes", "UnexpectedEnd", attribute, name + b"\x07abc"),
        ("a string cut in its padding", "UnexpectedEnd", attribute, name + b"\x04abcd\0\0"),
        ("a string without its padding", "UnexpectedEnd", attribute, name + b"\x02ab"),
        ("a string of 253 without its last byte", "UnexpectedEnd", attribute, name + b"\xfd" + bytes(252)),
        ("padding of one byte 1", "NonZeroPadding", attribute, name + b"\x02ab\1"),
        ("padding of ff", "NonZeroPadding", attribute, name + b"\x01a\xff\xff"),
        ("the last byte of padding not zero", "NonZeroPadding", attribute, name + b"\0\0\0\1"),
        ("padding of a long string", "NonZeroPadding", attribute, name + b"\xfe\xfd\x01\0" + bytes(509) + b"\0\0\1"),
        ("the long form of no bytes", "NonCanonicalLength", attribute, name + b"\xfe\0\0\0"),
        ("the long form of 3 bytes", "NonCanonicalLength", attribute, name + b"\xfe\x03\0\0abc\0"),
        ("the long form of 253 bytes", "NonCanonicalLength", attribute, name + b"\xfe\xfd\0\0" + bytes(256)),
        ("a first byte of ff", "NonCanonicalLength", attribute, name + b"\xff" + bytes(7)),
        ("a first byte of ff and eight bytes of length", "NonCanonicalLength", attribute, name + b"\xff\3" + bytes(10)),
        ("a long form cut in its length", "UnexpectedEnd", attribute, name + b"\xfe\0\1"),
        ("a long form of the largest length", "UnexpectedEnd", attribute, name + b"\xfe\xff\xff\xff" + bytes(64)),
        ("a long form without its last byte", "UnexpectedEnd", attribute, name + b"\xfe\0\1\0" + bytes(255)),
        ("a vector with another id", "NotAVector", action, delete + word(0x1CB5C416) + bytes(4)),
        ("a vector without its id", "NotAVector", action, delete + word(1) + bytes(8)),
        ("a vector without its count", "UnexpectedEnd", action, delete + vector),
        ("a count of -1", "BadCount", action, delete + vector + word(2**32 - 1)),
        ("the least count", "BadCount", action, delete + vector + word(2**31)),
        ("the largest count", "BadCount", action, delete + vector + word(2**31 - 1) + bytes(64)),
        ("a count of one more than a quarter of the rest", "BadCount", action, delete + vector + word(5) + bytes(16)),
        ("a count that the rest does not hold", "UnexpectedEnd", action, delete + vector + word(3) + bytes(16)),
        ("a count smaller than the items", "TrailingBytes", action, delete + vector + word(1) + bytes(16)),
        ("an item cut", "UnexpectedEnd", action, delete + vector + word(2) + bytes(12)),
    ]
    return [
        {"what": what, "type": type_, "hex": raw.hex(), "error": error}
        for what, error, type_, raw in given
    ] + truncations(constructors)


def truncations(constructors):
    """Each constructor without its last word, or without a byte of its id if it is nothing else."""
    made = []
    for constructor in constructors:
        name, layer = constructor["name"], constructor["layer"]
        raw, _ = Encoder(constructors, "all", f"{name} {layer} all").constructor(constructor)
        cut = raw[:-4] if len(raw) > 4 else raw[:-1]
        given = {"type": constructor["type"], "hex": cut.hex(), "error": "UnexpectedEnd"}
        made.append({"what": f"{name}, layer {layer}, cut"} | given)
    return made


def lenient(constructors):
    """What TL-4 accepts."""
    ids = {(c["name"], c["layer"]): word(c["id"]) for c in constructors}
    name, delete = ids["documentAttributeFilename", 23], ids["decryptedMessageActionDeleteMessages", 8]
    given = [
        ("not UTF-8", "DocumentAttribute", "documentAttributeFilename", name + b"\3\xff\xc0\x80"),
        ("a zero in a string", "DocumentAttribute", "documentAttributeFilename", name + b"\3a\0b"),
        ("no items", "DecryptedMessageAction", "decryptedMessageActionDeleteMessages", delete + word(0x1CB5C415) + word(0)),
    ]
    for number in (0, -1, 2**31 - 1, -(2**31)):
        raw = ids["decryptedMessageActionSetMessageTTL", 8] + struct.pack("<i", number)
        given.append((f"an int of {number}", "DecryptedMessageAction", "decryptedMessageActionSetMessageTTL", raw))
    return [{"what": what, "type": type_, "constructor": made, "hex": raw.hex()} for what, type_, made, raw in given]


def main():
    constructors = list(schema())
    file = {
        "format": "tl-1",
        "clause": "TL-1 TL-2 TL-3 TL-4",
        "comment": "Values of every constructor. A case that names no layer tests how a value is read, not which.",
        "cases": cases("encoding", encodings(constructors))
        + cases("lenient", lenient(constructors))
        + cases("hostile", hostile(constructors)),
    }
    publish(__file__, __doc__, {"tl.json": file})


if __name__ == "__main__":
    main()
