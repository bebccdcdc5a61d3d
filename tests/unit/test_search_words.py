"""Where words that are looked for stand in a text, and what is shown of it."""

from __future__ import annotations

from nhipcau.bot.language.search_words import excerpt_of, keys_in, spans_of


def test_what_is_found_is_marked_in_the_text_as_it_stands() -> None:
    text = "Thiếu NƯỚC sạch; hai xóm  nuoc\nsach đục"
    spans = spans_of((keys_in("nước sạch"), keys_in("xom")), text)
    assert [text[start:end] for start, end in spans] == ["NƯỚC sạch", "xóm  nuoc\nsach"]


def test_an_excerpt_holds_what_was_found() -> None:
    text = "bà con ở đầu bản đi lại rất khó khăn, " * 5 + "cầu treo hỏng ván, " + "mong trên xem xét. " * 5
    for length in (20, 60):
        pieces = excerpt_of((keys_in("cau treo"),), text, length)
        assert [piece for piece, is_found in pieces if is_found] == ["cầu treo"]
        whole = "".join(piece for piece, _ in pieces)
        assert whole.startswith("…")
        assert whole.endswith("…")
        assert whole.strip("…") in text
        assert len(whole) < length + 40


def test_an_excerpt_of_a_short_text_is_the_text() -> None:
    assert excerpt_of((), "Cầu hỏng.", 60) == [("Cầu hỏng", False)]
    assert excerpt_of((keys_in("hong"),), "Cầu hỏng", 60) == [("Cầu ", False), ("hỏng", True)]
    assert excerpt_of((keys_in("hong"),), "", 60) == []
