"""A second verifier of evidence packs, written from the format lines of document 4 alone.

It shares no code with the product and never may: standard library only, and the second verifier of
chains beside it. ``wrong_with`` is the first thing wrong with a pack, or "".
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from tests.evidence.second_verifier import Opening, Row, Wrong, _fields, _none, check_chain

LISTED = ["charge", "files", "head", "through_seq", "v"]


def wrong_with(pack: bytes) -> str:
    """The first thing wrong, or ""."""
    try:
        _check(pack)
    except Wrong as wrong:
        return str(wrong) or "wrong"
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile, NotImplementedError, EOFError,
            OSError, RecursionError, AttributeError) as error:  # fmt: skip
        return f"unreadable: {error!r}"
    return ""


def _check(pack: bytes) -> None:
    files = _unzipped(pack)
    manifest = _json(files.pop("manifest.json"))
    if sorted(manifest) != LISTED or manifest["v"] != 1 or manifest["v"] is True:
        raise Wrong("the manifest has other fields")
    told = [
        {"bytes": len(data), "path": path, "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(files.items())
    ]
    if manifest["files"] != told:
        raise Wrong("the manifest lists other files")
    stream, events = manifest["charge"], files["events.jsonl"].split(b"\n")
    if events.pop():
        raise Wrong("the last event's line does not end")
    rows = [
        Row(number, line, hashlib.sha256(line).hexdigest().encode())
        for number, line in enumerate(events, start=1)
    ]
    openings = [_opening(entry) for entry in _json(files["openings.json"])]
    openings += [_erased(entry) for entry in _json(files.get("erasures.json", b"[]"))]
    check_chain(stream, rows, manifest["through_seq"], str(manifest["head"]).encode(), openings)
    _check_papers(files, [json.loads(line) for line in events])


def _check_papers(files: dict[str, bytes], events: list[dict[str, Any]]) -> None:
    invoice = hashlib.sha256(files["invoice.json"]).hexdigest()
    paper = hashlib.sha256(files["invoice.pdf"]).hexdigest()
    wanted = {
        "charge.fired": {"amount_minor": _json(files["invoice.json"])["total_minor"]},
        "invoice.frozen": {"document_sha256": invoice},
        "invoice.rendered": {"document_sha256": invoice, "pdf_sha256": paper},
        "charge.approved": {"document_sha256": invoice, "pdf_sha256": paper},
    }
    for event in events:
        for name, value in wanted.get(event["kind"], {}).items():
            if event["payload"][name] != value:
                raise Wrong(f"event {event['seq']}: another {name}")


def _unzipped(pack: bytes) -> dict[str, bytes]:
    """The files of a zip that is exactly what the format says, by writing it once more."""
    again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(pack)) as read:
        names = read.namelist()
        if names != sorted(set(names)):
            raise Wrong("entries out of order, or twice")
        files = {name: read.read(name) for name in names}
    with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as write:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 0, 0
            write.writestr(entry, data)
            entry.external_attr = 0
    if again.getvalue() != pack:
        raise Wrong("not the zip that these files make")
    return files


def _erased(entry: dict[str, Any]) -> Opening:
    if sorted(entry) != ["erased_at", "path", "seq", "why"]:
        raise Wrong("an erasure with other fields")
    return Opening(entry["seq"], entry["path"].encode(), None, None, True)


def _opening(entry: dict[str, Any]) -> Opening:
    if sorted(entry) != ["path", "salt", "seq", "value"]:
        raise Wrong("an opening with other fields")
    texts = [str(entry[name]).encode() for name in ("path", "salt", "value")]
    return Opening(entry["seq"], *texts, is_erased=False)


def _json(data: bytes) -> Any:
    return json.loads(data, object_pairs_hook=_fields, parse_float=_none, parse_constant=_none)
