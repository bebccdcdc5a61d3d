"""Maskers beside ours, in an environment of their own: reads texts, and those to be timed, writes spans and rates.

    python peer_masking.py SECONDS < texts.json

Presidio without an NLP engine: its stock recognisers that work by patterns, and its phone recogniser for VN. vipii as
it comes, without its optional model. Neither reaches the network: the list of top-level domains is the packed one.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from importlib import import_module

Spans = list[tuple[int, int]]
Finder = Callable[[str], Spans]


def _presidio() -> Finder:
    domains = import_module("tldextract")
    setattr(domains, "extract", domains.TLDExtract(suffix_list_urls=()))  # noqa: B010
    analyzer = import_module("presidio_analyzer")
    registry = analyzer.RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    stock = [r for r in registry.recognizers if isinstance(r, analyzer.PatternRecognizer)]
    stock.append(import_module("presidio_analyzer.predefined_recognizers").PhoneRecognizer(supported_regions=("VN",)))

    def find(text: str) -> Spans:
        found = (result for r in stock for result in r.analyze(text, r.supported_entities, None) or ())
        return [(result.start, result.end) for result in found]

    return find


def _vipii() -> Finder:
    detector = import_module("vipii").PIIDetector()
    return lambda text: [(found.start, found.end) for found in detector.detect(text)]


def main(seconds: float) -> None:
    logging.disable()
    texts, timed = json.load(sys.stdin)
    answer = {}
    for name, make in {"presidio": _presidio, "vipii": _vipii}.items():
        find = make()
        spans = [find(text) for text in texts]
        done, begun = 0, time.process_time()
        while time.process_time() < begun + seconds:
            find(timed[done % len(timed)])
            done += 1
        answer[name] = {"spans": spans, "rate": done / (time.process_time() - begun)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(float(sys.argv[1]))
