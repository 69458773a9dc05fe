"""Text taken in: stored as typed and trimmed, or refused with a sentence that says why."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.errors import TextRefused
from billing_core.rules import texts

quick = settings(max_examples=200, deadline=None)

# shown as text, never as markup: these are somebody's words
TAKEN = [
    "Phase 2: Homepage designs — delivered March 15",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+1", "-1", "@SUM(A1)",
    "Robert'); DROP TABLE charges;--",
    "{{ 7 * 7 }} ${7*7} %s %n",
    "第二阶段：首页设计",
    "المرحلة الثانية — تصميم",
    "שלב שני",
    "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 e\u0301",
    "\u200eright\u200f and left",
    "non\u00a0breaking, soft\u00adhyphen",
    "x" * 200,
    "𝕏" * 200,
]  # fmt: skip
# the number of the character that cannot be seen, as the sentence names it
UNSEEN = [
    "0000", "0007", "001B", "007F", "0085", "000D", "2028", "2029", "202E", "202A", "2066", "2069",
    "D800", "DFFF",
]  # fmt: skip
ONLY_LINES = {"a\nb": "U+000A", "a\r\nBcc: x@y.zz": "U+000A", "a\tb": "U+0009"}
NOTHING = ["", " ", "\n\t ", "\u3000\u00a0", "\u200b", "\u200b \ufeff\u2060", "\u00ad", "\u200d"]


def check_both(text: object, **limits: bool) -> tuple[str, str]:
    """The same text as a line and as a block."""
    return texts.check_line(text, "It", **limits), texts.check_block(text, "It", **limits)


@pytest.mark.parametrize("text", TAKEN, ids=range(len(TAKEN)))
def test_words_of_any_script_are_kept_as_typed(text: str) -> None:
    assert check_both(text) == (text, text)
    assert check_both(f"\n  {text}\t ") == (text, text)


@pytest.mark.parametrize("number", UNSEEN)
def test_characters_nobody_can_see_are_refused_by_number(number: str) -> None:
    for check in (texts.check_line, texts.check_block):
        with pytest.raises(TextRefused) as refused:
            check(f"a{chr(int(number, 16))}b", "The description")
        assert f"(U+{number})" in refused.value.sentence
        assert refused.value.sentence.startswith("The description contains")
        refused.value.sentence.encode()  # it can be shown


@pytest.mark.parametrize("text", ONLY_LINES, ids=repr)
def test_a_line_has_no_breaks_and_a_block_may(text: str) -> None:
    with pytest.raises(TextRefused) as refused:
        texts.check_line(text, "The subject")
    assert ONLY_LINES[text] in refused.value.sentence
    assert texts.check_block(text, "The message") == text.replace("\r\n", "\n")


@pytest.mark.parametrize("text", [None, *NOTHING], ids=repr)
def test_nothing_is_missing_only_where_it_is_required(text: str | None) -> None:
    for check in (texts.check_line, texts.check_block):
        with pytest.raises(TextRefused, match=r"^The name is missing\.$"):
            check(text, "The name")
        assert check(text, "The name", required=False) == ""


@pytest.mark.parametrize("sent", [5, 0, True, b"text", ["text"], {"a": 1}, 1.5])
def test_only_text_is_text(sent: object) -> None:
    for check in (texts.check_line, texts.check_block):
        with pytest.raises(TextRefused, match="must be text"):
            check(sent, "The name", required=False)


def test_length_counts_after_trimming_and_says_both_numbers() -> None:
    assert texts.check_line("  " + "é" * 20 + "  ", "It", most=20) == "é" * 20
    with pytest.raises(TextRefused) as refused:
        texts.check_line("é" * 5000, "The description", most=500)
    said = "The description is too long: 5,000 characters, 500 are allowed."
    assert refused.value.sentence == said
    with pytest.raises(TextRefused, match="too long: 2,001"):
        texts.check_block("x" * 2001, "It")
    with pytest.raises(TextRefused, match="too long: 201"):
        texts.check_line("x" * 201, "It")


@quick
@given(st.text(st.characters(codec=None), max_size=40))
def test_any_text_is_kept_or_refused(text: str) -> None:
    for check, breaks in ((texts.check_line, ""), (texts.check_block, "\n\t")):
        try:
            kept = check(text, "It", required=False)
        except TextRefused:
            continue
        assert kept in (text.replace("\r\n", "\n").strip(), "")
        assert kept or all(c.isspace() or unicodedata.category(c) == "Cf" for c in text)
        assert check(kept, "It", required=False) == kept, "taking it twice changes nothing"
        kept.encode()
        unseen = {"Cc", "Cs", "Zl", "Zp"}
        assert not [c for c in kept if unicodedata.category(c) in unseen and c not in breaks]


@pytest.mark.parametrize(
    "address",
    ["dana@harborvine.example", "a@b.co", "Dana.O'Neil+bills@mail.harbor-vine.co.uk",
     "x_y-z@1and1.example", "1@2.33", f"{'a' * 64}@b.co"],
)  # fmt: skip
def test_plain_addresses_are_taken_as_typed(address: str) -> None:
    assert texts.check_email(f" {address} ", "The billing email") == address


@pytest.mark.parametrize(
    "address",
    ["", "dana", "dana@", "@harbor.example", "dana@harbor", "a b@c.dd", "a@b c.dd", "a@@b.co",
     "a@b.co, c@d.co", "a@b.co;c@d.co", "Dana <a@b.co>", "<a@b.co>", "a@b..co", "a..b@c.dd",
     "a@.co", "a@b.", "a@-b.co", "a@b.co-", "a@b.co\r\nBcc: x@y.zz", "a\n@b.co", "a@b.co\x00",
     "a\u200b@b.co", "\ufeffa@b.co", "a@b\u2024co.dd", "a@mañana.example", "a(b)@c.dd", '"a"@b.co',
     "a@[127.0.0.1]", f"{'a' * 65}@b.co", f"a@{'b' * 250}.co", "a@b.co\u202e", None, 5],
    ids=lambda address: repr(address)[:30],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(address: object) -> None:
    with pytest.raises(TextRefused) as refused:
        texts.check_email(address, "The billing email")
    assert refused.value.sentence.startswith("The billing email")
    assert refused.value.code == "TEXT_INVALID"
