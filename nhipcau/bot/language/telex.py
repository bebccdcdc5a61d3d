"""Reads Vietnamese typed without an input method: "dduwowngf", "khoong", "d9uong72".

Telex writes diacritics with letters (aa, ow, dd; s f r x j), VNI with digits (1–5 tones, 6 ^, 7 horn, 8 breve, 9 đ),
anywhere in the word after its vowel. A word that does not become a Vietnamese syllable is left unchanged.
"""

from __future__ import annotations

import re
import unicodedata

_CIRCUMFLEX, _HORN, _BREVE = "\u0302", "\u031b", "\u0306"
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE_DIGITS = dict(zip("12345", "sfrxj", strict=True))
#: The diacritic that a VNI digit writes, and on which vowels.
_MARK_DIGITS = {"6": (_CIRCUMFLEX, "aeo"), "7": (_HORN, "uo"), "8": (_BREVE, "a")}
_VOWELS = "aeiouy"
_SYLLABLE = re.compile(
    r"(?P<onset>ngh|ng|nh|gh|gi(?=[aeiouy])|kh|ph|th|tr|ch|qu|[bcdghklmnpqrstvx])?(?P<nucleus>[aeiouy]{1,3})"
    r"(?P<coda>ng|nh|ch|[cmnpt])?"
)
#: Keys of the longest word: nine for "dduwowngf", and a few for a tone typed again.
_LONGEST = 12
#: Words that an English spelling correction has made of Telex keys.
_CORRECTED = {"yes": "ys"}


def untelex(text: str) -> str:
    """`text` with every word in Telex or VNI keys converted; other words unchanged."""
    words = text.split(" ")
    meant = [_word(word) for word in words]
    if any(a != b for a, b in zip(words, meant, strict=True)):
        meant = [_word(_CORRECTED.get(word.lower(), word)) for word in words]
    return " ".join(meant)


def _word(word: str) -> str:
    keys = word.lower()
    if len(keys) > _LONGEST or not keys.isascii() or not keys.isalnum() or not keys[0].isalpha():
        return word
    letters: list[list[str]] = []
    tone = ""
    for key in keys:
        key = _TONE_DIGITS.get(key, key)
        if key in _TONES and any(base in _VOWELS for base, *_ in letters):
            tone = _TONES[key]
        elif not _marks(letters, key):
            letters.append(["u", _HORN] if key == "w" else [key])
    plain = "".join(base for base, *_ in letters)
    syllable = _SYLLABLE.fullmatch(plain)
    if syllable is None or (plain == keys and not tone):
        return word
    if tone:
        letters[_place_of_tone(letters, syllable)].append(tone)
    return unicodedata.normalize("NFC", "".join("".join(letter) for letter in letters)).replace("d\u0335", "đ")


def _marks(letters: list[list[str]], key: str) -> bool:
    """Put this key's diacritic on an earlier letter; False where it has none."""
    if key == "w":
        return _put(letters, _HORN, "uo") or _put(letters, _BREVE, "a")
    if key in _MARK_DIGITS:
        return _put(letters, *_MARK_DIGITS[key])
    if key in "aeo":
        # "oo", or at the word's end: "tieengs", "tiengs" + "e"
        doubled = bool(letters) and letters[-1] == [key]
        after_coda = bool(letters) and letters[-1][0] not in _VOWELS and any(letter == [key] for letter in letters)
        return (doubled or after_coda) and _put(letters, _CIRCUMFLEX, key)
    if key in "d9" and letters and letters[0] == ["d"] and (key == "9" or len(letters) == 1 or letters[-1][0] != "d"):
        letters[0].append("\u0335")
        return True
    return False


def _put(letters: list[list[str]], mark: str, vowels: str) -> bool:
    """Put the diacritic on the last of these vowels that has none; a horn on both letters of "uo"."""
    for n in range(len(letters) - 1, -1, -1):
        if len(letters[n]) == 1 and letters[n][0] in vowels:
            letters[n].append(mark)
            if mark == _HORN and letters[n][0] == "o" and n and letters[n - 1] == ["u"] and letters[0][0] != "q":
                letters[n - 1].append(mark)
            return True
    return False


def _place_of_tone(letters: list[list[str]], syllable: re.Match[str]) -> int:
    """Where the tone goes: on the vowel with a diacritic; else the last before a final consonant, the first of two, the
    middle of three."""
    first, last = syllable.span("nucleus")
    marked = [n for n in range(first, last) if len(letters[n]) > 1]
    if marked:
        return marked[-1]
    if syllable["coda"]:
        return last - 1
    return first + (last - first - 1) // 2 if last - first != 2 else first
