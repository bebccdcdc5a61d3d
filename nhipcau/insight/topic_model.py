"""Suggests topics as coordinators set them: an online model of Vowpal Wabbit over the words of reports.

What it is given of each topic is how far the phrases (`topic_guess`) speak for it, and the report's single words beside
that topic's code. So it learns by few examples how far phrases are right, and by more of them what this office
calls what. It holds weights of hashed words, in memory alone (docs/decisions/0081).
"""

from __future__ import annotations

from typing import Any

from nhipcau.bot.language.topic_guess import TOPICS, scores, words_of

#: Below this probability nothing is suggested: measured in docs/insight.md.
SURE = 0.9
#: Cost-sensitive one against all, with what speaks for each topic; the rate was chosen on our own sentences.
_OPTIONS = "--csoaa_ldf mc --loss_function logistic --probabilities -b 18 -l 2 --quiet"
#: Letters and words of a report that are read.
_MAX_CHARS, _MAX_WORDS = 2000, 200
#: Scores of phrases run up to some tens; this many count as one.
_SCORE_UNIT = 10.0


class TopicModel:
    """Knows nothing at first, and then is sure of nothing. For one thread at a time."""

    def __init__(self) -> None:
        # here, so that nobody loads it who has nothing to learn
        from vowpalwabbit import Workspace

        self._learner: Any = Workspace(_OPTIONS)

    def learn(self, text: str, topic: str) -> None:
        """That a report of these words is about this topic (one of TOPICS)."""
        self._learner.learn(_lines(text, topic))

    def suggest(self, text: str) -> str:
        """The topic it is sure of; "": of none."""
        found: list[float] = self._learner.predict(_lines(text))
        best = max(range(len(TOPICS)), key=found.__getitem__)
        return TOPICS[best] if found[best] >= SURE else ""


def _lines(text: str, topic: str = "") -> list[str]:
    """A line for each topic, in the library's format; `topic`: the right one, where it is known."""
    text = text[:_MAX_CHARS]
    words, said = words_of(text)[:_MAX_WORDS], scores(text)
    order = sorted(TOPICS, key=lambda code: -said[code])
    lines = []
    for number, code in enumerate(TOPICS, 1):
        rank = order.index(code)
        ahead = said[code] - said[order[1 if rank == 0 else 0]]
        label = f"{number}:{int(code != topic)}" if topic else f"{number}"
        ranked = f" rank{rank}" if rank < 2 else ""
        beside = " ".join(f"{word}_{code}" for word in words)
        lines.append(f"{label} |phrases ahead:{ahead / _SCORE_UNIT:.3f}{ranked} |words {beside} {code}")
    return lines
