"""Bad input, one table for every way in: /v1, fire.php, the command line, the dialog, the Pay Now
form. Each row says what it is; each way in says how it must answer. Nothing is called here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from billing_core.rules import money

CAP_MINOR = 2_500_000


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount nobody may be charged. ``text`` is what a person or a form would type, ``raw`` the
    JSON it would be sent as; None where one way cannot carry it."""

    name: str
    text: str | None
    raw: str | None = None

    @property
    def json(self) -> str | None:
        """The JSON value: ``raw``, else the text as a JSON string."""
        return self.raw if self.raw is not None or self.text is None else json.dumps(self.text)


#: For an item in USD with a cap of 25,000.00. None of them may ever become a charge.
AMOUNTS = (
    Amount("negative", "-1.00"),
    Amount("negative number", None, "-1"),
    Amount("zero", "0"),
    Amount("zero with decimals", "0.00"),
    Amount("zero number", None, "0"),
    Amount("minus zero", "-0"),
    Amount("less than the smallest unit", "0.001"),
    Amount("too many decimals", "4500.001"),
    Amount("too many decimals, a number", None, "4500.001"),
    Amount("not a number", "NaN"),
    Amount("infinity", "Infinity"),
    Amount("minus infinity", "-inf"),
    Amount("beyond a double", "1e309"),
    Amount("beyond a double, a number", None, "1e309"),
    Amount("an exponent that would fill the memory", None, "1e999999999"),
    Amount("an exponent beyond Decimal", None, "1e9999999999999999999"),
    Amount("exponent", "4.5e3"),
    Amount("thousands without decimals", "4,500"),
    Amount("thousands in the wrong place", "45,00.00"),
    Amount("decimal comma", "4500,00"),
    Amount("two points", "4.500.00"),
    Amount("point at the end", "4500."),
    Amount("point at the start", ".50"),
    Amount("plus sign", "+4500.00"),
    Amount("currency sign", "$4500.00"),
    Amount("currency code", "4500.00 USD"),
    Amount("inner space", "4 500.00"),
    Amount("underscore", "4_500.00"),
    Amount("hexadecimal", "0x1194"),
    Amount("fraction", "9000/2"),
    Amount("formula", "=4500*1"),
    Amount("words", "four thousand"),
    Amount("blank", "   "),
    Amount("full-width digits", "\uff14\uff15\uff10\uff10"),
    Amount("arabic digits", "\u0664\u0665\u0660\u0660"),
    Amount("superscript", "45\u00b2"),
    Amount("NUL inside", "45\x0000.00"),
    Amount("line break inside", "45\n00.00"),
    Amount("bidi override", "\u202e00.0054"),
    Amount("a thousand digits", "9" * 1000),
    Amount("above the cap", money.to_text(CAP_MINOR + 1, "USD")),
    Amount("above every limit", "999999999999999.00"),
    Amount("true", None, "true"),
    Amount("false", None, "false"),
    Amount("list", None, "[4500]"),
    Amount("object", None, '{"amount": "4500.00"}'),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A text from outside. ``refused``: no line of ours may hold it; else it is kept as it is."""

    name: str
    value: str
    refused: bool = False


#: For one line of up to 500 characters, such as a description.
TEXTS = (
    Text("5,000 characters", "x" * 5000, refused=True),
    Text("501 characters", "x" * 501, refused=True),
    Text("NUL", "Phase\x002", refused=True),
    Text("bell", "Phase\x072", refused=True),
    Text("escape sequence", "\x1b[31mPhase 2", refused=True),
    Text("delete", "Phase\x7f2", refused=True),
    Text("C1 control", "Phase\x852", refused=True),
    Text("line feed", "Phase\n2", refused=True),
    Text("mail header", "Phase 2\r\nBcc: everyone@example.com", refused=True),
    Text("line separator", "Phase\u20282", refused=True),
    Text("right-to-left override", "Phase \u202e2 esahP", refused=True),
    Text("bidi isolate", "Phase \u20662\u2069", refused=True),
    Text("500 characters", "x" * 500),
    Text("HTML", "<b onmouseover=alert(1)>Phase</b> <script>alert(2)</script>"),
    Text("an end of a style", "</style><script>alert(3)</script>"),
    Text("attribute breaker", '" autofocus onfocus="alert(4)'),
    Text("template", "{{ 7*7 }} {% raw %} ${7*7} #{7*7}"),
    Text("formula", '=cmd|"/c calc"!A0'),
    Text("formula with plus", "+1+1"),
    Text("formula with at", "@SUM(A1)"),
    Text("SQL", "'; DROP TABLE charges; --"),
    Text("LIKE wildcards", "100% _done_"),
    Text("path", "../../etc/passwd"),
    Text("dollar and typst", "$ #set page(width: 1pt) $ \\"),
    Text("markdown", "**Phase** [2](javascript:alert(5)) `x`"),
    Text("Chinese", "第二阶段：首页设计"),
    Text("Arabic", "المرحلة الثانية"),
    Text("Hebrew with Latin", "שלב 2 of 3"),
    Text("emoji with joiners", "Phase 2 👩‍💻🏳️‍🌈"),
    Text("combining marks", "P\u0301h\u0300a\u0302se 2"),
    Text("non-breaking space", "Phase\u00a02"),
    Text("astral plane", "𝒫hase 𝟚"),
)

#: What cannot name anything: unknown ids, ids of other kinds, and what is no id at all.
IDS = (
    "bi_00000000000000000000000000", "bc_00000000000000000000000000",
    "sc_00000000000000000000000000", "ts_00000000000000000000000000",
    "bi_nobody", "none", "0", "-1", "null", "undefined", "[object Object]", "*", "%", "'", "\"",
    "' OR '1'='1", "../sc_1", "sc_1/../sc_2", "bi\x00", "\x00", "\n", " ", "x" * 41, "x" * 5000,
    "BI_00000000000000000000000000", "bi_é", "第", "\u202ebi", "👩‍💻",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """A request body that is none. ``status`` is what /v1 answers to it."""

    name: str
    status: int
    content: bytes
    content_type: str | None = "application/json"


_FORM = "application/x-www-form-urlencoded"
_DEEP = b'{"customer": ' + b'{"a": ' * 100 + b"1" + b"}" * 101
BODIES = (
    Body("over 64 KiB", 413, b'{"customer": "' + b"x" * 65_536 + b'"}'),
    Body("nested 100 deep", 400, _DEEP),
    Body("nested until the parser gives up", 400, b"[" * 60_000),
    Body("a list", 400, b"[]"),
    Body("a string", 400, b'"fire"'),
    Body("a number", 400, b"4500"),
    Body("null", 400, b"null"),
    Body("not JSON", 400, b"customer=bc_1"),
    Body("half of it", 400, b'{"customer": "bc_1", "am'),
    Body("single quotes", 400, b"{'customer': 'bc_1'}"),
    Body("a trailing comma", 400, b'{"customer": "bc_1",}'),
    Body("a field twice", 400, b'{"amount": "1.00", "amount": "4500.00"}'),
    Body("NaN", 400, b'{"amount": NaN}'),
    Body("Infinity", 400, b'{"amount": -Infinity}'),
    Body("an integer of 5,000 digits", 400, b'{"amount_minor": ' + b"9" * 5000 + b"}"),
    Body("bad UTF-8", 400, b'{"description": "\xff\xfe"}'),
    Body("cut UTF-8", 400, b'{"description": "\xe2\x82"}'),
    Body("overlong UTF-8", 400, b'{"description": "\xc0\xaf"}'),
    Body("UTF-16", 400, '{"customer": "bc_1"}'.encode("utf-16")),
    Body("a byte order mark", 400, b'\xef\xbb\xbf{"customer": "bc_1"}'),
    Body("an unpaired surrogate", 400, b'{"description": "\\ud800"}'),
    Body("NUL bytes", 400, b"\x00\x00\x00\x00"),
    Body("a raw control character", 400, b'{"description": "a\x01b"}'),
    Body("nothing at all", 415, b"", "text/plain"),
    Body("plain text", 415, b'{"customer": "bc_1"}', "text/plain"),
    Body("no content type", 415, b'{"customer": "bc_1"}', None),
    Body("XML", 415, b"<fire/>", "application/xml"),
    Body("a form", 415, b"customer=bc_1", _FORM),
    Body("multipart", 415, b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    Body("another character set", 415, b"{}", "application/json; charset=utf-16"),
    Body("an unknown field", 422, b'{"customer": "bc_1", "item": "bi_1", "amuont": "1.00"}'),
    Body("an empty object", 422, b"{}"),
)

#: Idempotency keys that protect nothing, as header bytes.
KEYS = (b"", b" ", b"x" * 256, b"a\x85b", b"\xa0")
#: API keys that are none.
SECRETS = ("csk_", "csk_wrong", "x" * 5000, "null", "' OR 1=1 --", "csk_ wrong", "csk_\u00e9")
