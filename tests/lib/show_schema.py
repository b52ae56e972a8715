#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what show prints with json against doc/show.schema.json, and that against doc/json.md.

usage: show_schema.py DOC-FOLDER [COMMAND FILE]...      exits 1 and says what differs

Knows the part of JSON Schema that the file is written in, and refuses any other, so that nothing in
it is passed over. The environment's WGRD_SRCDIR is for tests that import this.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
KNOWN = {"$ref", "$schema", "$defs", "title", "description", "type", "properties", "required",
         "additionalProperties", "items", "enum", "minimum", "anyOf"}


class Differs(Exception):
    pass


def is_of(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind != "integer" or not isinstance(value, bool))


class ShowSchema:
    def __init__(self, folder: Path) -> None:
        self.schema = json.loads((folder / "show.schema.json").read_text(encoding="utf-8"))
        self.words = set(re.findall(r"[a-z][a-z0-9-]*", (folder / "json.md").read_text(encoding="utf-8")))

    def check(self, command: str, answer: str) -> None:
        """Raises Differs. The longest name that the command begins with is its own."""
        names = [n for n in self.schema["properties"] if (command + " ").startswith(n + " ")]
        if not names:
            raise Differs(f"{command}: is not in the schema")
        try:
            value = json.loads(answer)
        except ValueError as error:
            raise Differs(f"{command}: {error}: {answer[:200]}") from error
        self.compare(value, self.schema["properties"][max(names, key=len)], command)

    def compare(self, value: Any, schema: dict[str, Any], at: str) -> None:
        unknown = schema.keys() - KNOWN
        if unknown:
            raise Differs(f"{at}: the schema says {unknown}, which is not understood here")
        if "$ref" in schema:
            self.compare(value, self.schema["$defs"][schema["$ref"].removeprefix("#/$defs/")], at)
        if "anyOf" in schema:
            self.compare_any(value, schema["anyOf"], at)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if kinds and not any(is_of(value, k) for k in kinds):
            raise Differs(f"{at}: expected {' or '.join(kinds)}, saw {value!r}")
        if "enum" in schema and value not in schema["enum"]:
            raise Differs(f"{at}: expected one of {schema['enum']}, saw {value!r}")
        if isinstance(value, int) and value < schema.get("minimum", value):
            raise Differs(f"{at}: {value} is less than {schema['minimum']}")
        if isinstance(value, dict) and "properties" in schema:
            self.compare_members(value, schema, at)
        if isinstance(value, list) and "items" in schema:
            for i, item in enumerate(value):
                self.compare(item, schema["items"], f"{at}[{i}]")

    def compare_any(self, value: Any, schemas: list[dict[str, Any]], at: str) -> None:
        why = []
        for schema in schemas:
            try:
                self.compare(value, schema, at)
                return
            except Differs as differs:
                why.append(str(differs))
        raise Differs("; ".join(why))

    def compare_members(self, value: dict[str, Any], schema: dict[str, Any], at: str) -> None:
        missing = set(schema["required"]) - value.keys()
        strange = value.keys() - schema["properties"].keys()
        if missing or strange:
            raise Differs(f"{at}: missing {sorted(missing)}, not in the schema {sorted(strange)}")
        for key, member in value.items():
            self.compare(member, schema["properties"][key], f"{at}.{key}")

    def undocumented(self) -> set[str]:
        """Keys and words of an enum that json.md does not have."""
        names: set[str] = set()
        for definition in self.schema["$defs"].values():
            names |= definition.get("properties", {}).keys()
            names |= {word for word in definition.get("enum", []) if word}
        return names - self.words


def main() -> int:
    schema = ShowSchema(Path(sys.argv[1]))
    undocumented = schema.undocumented()
    if undocumented:
        print(f"json.md does not have {sorted(undocumented)}", file=sys.stderr)
        return 1
    pairs = sys.argv[2:]
    for command, path in zip(pairs[::2], pairs[1::2], strict=True):
        try:
            schema.check(command, Path(path).read_text(encoding="utf-8"))
        except Differs as differs:
            print(differs, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
