#!/usr/bin/env python3
"""Writes tl.json: encodings of every constructor, made without any code of the crate.

    python3 test-vectors/tl.py > test-vectors/tl.json

The schema is read by a parser of its own; the values are drawn from SHA-256 of a running number.

Cases:  all    every optional field, short strings
        none   no optional field, empty strings and vectors, undefined flag bits set
        edges  strings of the lengths where the encoding changes, every optional field
Some cases list what is encoded: a long is a decimal string, bytes are hex, a double is the hex of its 64 bits.
"""

import hashlib
import json
import pathlib
import re
import struct
import sys

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


def main():
    constructors = list(schema())
    vectors = []
    for constructor in constructors:
        name, layer = constructor["name"], constructor["layer"]
        for case in ("all", "none", "edges"):
            raw, listed = Encoder(constructors, case, f"{name} {layer} {case}").constructor(constructor)
            vector = {"constructor": name, "layer": layer, "type": constructor["type"], "case": case, "hex": raw.hex()}
            if case == "all" and (name, layer) in LISTED:
                vector["fields"] = listed
            if all(vector["hex"] != other["hex"] for other in vectors):
                vectors.append(vector)
    json.dump({"about": "See tl.py.", "vectors": vectors}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
