"""Words and pictures sent outside of any form: kept masked, offered as a report, and how a report begins with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nhipcau.bot.forms.answer_matching import LONGEST, InvalidAnswer, check_words
from nhipcau.bot.forms.draft import Draft
from nhipcau.bot.forms.engine import begin
from nhipcau.bot.forms.next_question import advance
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.language.vietnamese import nfc
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import KeptAct, OfferKept, choice
from nhipcau.handlers.reports import place_name
from nhipcau.handlers.reports.report_form import MAX_PHOTOS, caution_about, context, new_draft, screen_text
from nhipcau.handlers.screens import menu
from nhipcau.handlers.situation import DecisionResult, Situation, reply
from nhipcau.model.conversation import KeptWords


def keep(situation: Situation, text: str, photo: str) -> tuple[KeptWords | None, str, str]:
    """Add text or a picture, masked, to the kept words, until the person says whether they are a report.

    Returns the kept words (None: refused), the reason for a refusal (or ""), and a sentence about what was masked.
    """
    t, kept_words = situation.texts, situation.conversation.kept or KeptWords("", (), "")
    masked, notice = "", ""
    if text:
        try:
            masked, notice = screen_text(situation, nfc(text))
            check_words("\n".join(part for part in (kept_words.text, masked) if part))
        except InvalidAnswer as wrong:
            return None, t(f"wrong.{wrong.why}", **wrong.facts), ""
    photos = (*kept_words.photos, photo) if photo else kept_words.photos
    if len(photos) > MAX_PHOTOS:
        notice = "\n".join(line for line in (notice, t("form.photos_full")) if line)
    words = "\n".join(part for part in (kept_words.text, masked) if part)
    situation.conversation.kept = KeptWords(words, photos[:MAX_PHOTOS], situation.new_id("nonce"))
    return situation.conversation.kept, "", notice


def keep_apart(situation: Situation, text: str, photo: str) -> tuple[KeptWords | None, str, str]:
    """As `keep`, but words sent after other words are a matter of their own, never joined to them unasked.
    A picture belongs to the words next to it."""
    earlier = situation.conversation.kept
    if earlier is None or not (text and earlier.text) or photo:
        kept_words, why, notice = keep(situation, text, photo)
        if kept_words is not None and earlier is not None:
            kept_words = replace(kept_words, before=earlier.before, before_photos=earlier.before_photos)
    else:
        situation.conversation.kept = None
        kept_words, why, notice = keep(situation, text, photo)
        if kept_words is None:
            situation.conversation.kept = earlier
        elif kept_words.text != earlier.text:
            kept_words = replace(kept_words, before=earlier.text, before_photos=earlier.photos)
    if kept_words is not None:
        situation.conversation.kept = kept_words
    return kept_words, why, notice


def offer(situation: Situation, kept_words: KeptWords, notice: str = "") -> Message:
    """Ask whether the kept words shall become a report; of two messages, the last one or both."""
    t = situation.texts
    lines = [t("report.offer_before", text=kept_words.before)] if kept_words.before else []
    lines.append(notice or (f'"{kept_words.text}"' if kept_words.text else t("report.photo_in")))
    lines.append(t("report.offer" if kept_words.text else "report.offer_photo"))
    fits = len(kept_words.before) + len(kept_words.text) < LONGEST
    acts = [KeptAct.YES, *([KeptAct.BOTH] if kept_words.before and fits else []), KeptAct.NO]
    return Message(
        "\n".join(lines), tuple(choice(t(f"report.offer_{act}"), OfferKept(act, kept_words.nonce)) for act in acts)
    )


def answer_offer(situation: Situation, kept_words: KeptWords, act: KeptAct) -> DecisionResult:
    """Begin a report with the last words or with both, or drop them. Words sent before the last are still kept then."""
    situation.conversation.kept = None
    if act is KeptAct.BOTH:
        photos = (*kept_words.before_photos, *kept_words.photos)[:MAX_PHOTOS]
        both = KeptWords(f"{kept_words.before}\n{kept_words.text}", photos, kept_words.nonce)
        return reply(start_with(situation, both))
    if act is not KeptAct.YES:
        return reply(menu(situation, situation.texts("report.not_offered")))
    situation.conversation.kept = kept_words.earlier(situation.new_id("nonce"))
    return reply(start_with(situation, kept_words))


def start_with(situation: Situation, kept_words: KeptWords, **answers: Any) -> Message:
    """Begin a report with these words, and with other answers that the person gave by a tap."""
    held = kept_words.text if caution_about(situation, kept_words.text) else ""
    if kept_words.text and not held:
        answers["content"] = kept_words.text
    if kept_words.photos:
        answers["photos"] = list(kept_words.photos[-MAX_PHOTOS:])
    draft = new_draft(situation, answers)
    if held:
        draft.at, draft.held = "content", held
    if "content" in answers:
        draft.trail = ["content"]
    message = begin(context(situation), draft)
    return place_name.with_choice(situation, draft, message) or message


def add_to_draft(situation: Situation, draft: Draft, kept_words: KeptWords, **answers: Any) -> Message:
    """Add words and pictures to a report that is being written, and go on with it."""
    content = "\n".join(part for part in (draft.answers.get("content"), kept_words.text) if part)
    photos = [*(draft.answers.get("photos") or []), *kept_words.photos][:MAX_PHOTOS]
    draft.answers.update(answers, content=content, **({"photos": photos} if photos else {}))
    situation.conversation.focus = draft.form
    form = context(situation, draft)
    if draft.at == "content" or draft.at in answers:
        advance(form, draft)
    return show(form, draft, situation.texts("danger.added"))
