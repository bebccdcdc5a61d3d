"""The place of a report below its area: a thôn, bản or khối of it, or the reporter's own words.

Only coordinators of that area read it (storage/reports.py). Which cell the reporter belongs to plays no part in it, not
even in the order in which cells are offered.
"""

from __future__ import annotations

from nhipcau.bot.forms.answer_matching import InvalidAnswer
from nhipcau.bot.forms.draft import SUMMARY, Draft, SearchResult
from nhipcau.bot.forms.model import Option
from nhipcau.bot.language.vietnamese import fold, nfc
from nhipcau.bot.units.tree import Tree, Unit

PLACE = "place"
#: The key of a place in the reporter's own words, which are kept beside the answers.
_OWN = "own"
_NO_PLACE = frozenset(
    {"gui", "xong", "sua", "co", "khong", "khong ro", "khong biet", "chua ro", "ko biet", "k biet", "khong co", "vang"}
)
#: Characters of a place, as many as the database holds.
_LONGEST = 100


def options(tree: Tree, draft: Draft) -> list[Option]:
    """The cells of the chosen area, by code, and the words typed for this place."""
    words = draft.extra.get(PLACE)
    own = [Option(_OWN, str(words))] if words else []
    return [*own, *(Option(cell.code, cell.name) for cell in tree.cells(_area(tree, draft)))]


def find(tree: Tree, draft: Draft, text: str, masked: str) -> SearchResult:
    """The cells of the area that typed words mean; where none is meant, the words themselves. `masked`: the words
    without personal data. Raises InvalidAnswer for what is no place."""
    found = tree.cells_named(_area(tree, draft), text)
    if found:
        return SearchResult(tuple(Option(cell.code, cell.name) for cell in found))
    words = " ".join(nfc(masked).split())
    if not any(c.isalpha() for c in words) or _is_no_place(words):
        raise InvalidAnswer("choice")
    if len(words) > _LONGEST:
        raise InvalidAnswer("long", length=len(words), most=_LONGEST)
    draft.extra[PLACE] = words
    return SearchResult((Option(_OWN, words),))


def _is_no_place(words: str) -> bool:
    """Whether the words answer something else: a label of the summary, or that they don't know."""
    folded = fold(words).strip(" .!?…")
    return folded in _NO_PLACE or folded.startswith(("sua ", "them "))


def _area(tree: Tree, draft: Draft) -> Unit:
    return tree.by_code[str(draft.answers["area"])]


def words_of(tree: Tree, draft: Draft) -> str:
    """The place as the database keeps it; "" for none."""
    chosen = draft.answers.get(PLACE)
    if chosen == _OWN:
        return str(draft.extra.get(PLACE) or "")
    return tree.by_code[str(chosen)].name if chosen else ""


def answer_of(tree: Tree, area: Unit, words: str) -> tuple[str, dict[str, str]]:
    """The answer that a place kept by the database was, and what the draft holds beside it."""
    cell = next((cell for cell in tree.cells(area) if cell.name == words), None)
    return (cell.code, {}) if cell else (_OWN, {PLACE: words})


def cell_of(tree: Tree, draft: Draft) -> Unit | None:
    """The cell chosen as the place; None for none, or for words."""
    return tree.by_code.get(str(draft.answers.get(PLACE) or ""))


def is_in_words(draft: Draft) -> bool:
    return draft.answers.get(PLACE) == _OWN


def follow_area(draft: Draft) -> None:
    """A place belongs to the area it was chosen for: with another area it is dropped, and may be asked again."""
    area = draft.answers.get("area")
    if draft.extra.get("place_of") not in {None, area}:
        draft.answers.pop(PLACE, None)
        draft.extra.pop(PLACE, None)
        draft.extra.pop("place_asked", None)
    draft.extra["place_of"] = area


def ask_when_urgent(tree: Tree, draft: Draft) -> bool:
    """Ask for the place before the summary of an urgent report, once, where the area's cells are known: then it is one
    tap. Returns whether it is asked now."""
    if draft.at != SUMMARY or draft.listed or draft.answers.get("urgency") != "khan":
        return False
    if draft.answers.get(PLACE) or draft.extra.get("place_asked") or not tree.cells(_area(tree, draft)):
        return False
    draft.extra["place_asked"] = True
    draft.at, draft.mending, draft.tries, draft.page = PLACE, [PLACE], 0, 0
    draft.found, draft.found_as = [], {}
    draft.step += 1
    return True
