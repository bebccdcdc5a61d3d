"""What people read about a document that is not taken."""

from __future__ import annotations

from nhipcau.privacy.document_dangers import Reason


def sentence_of(reason: Reason) -> str:
    """The key of its sentence."""
    return "wrong.not_document" if reason is Reason.OTHER else f"wrong.file_{reason}"
