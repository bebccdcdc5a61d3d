""" "Luồng ý kiến" of an issue: list, write, change and delete its strands of opinion; mark it as latent."""

from __future__ import annotations

from nhipcau.actions import strands as actions
from nhipcau.actions.decision import Refusal
from nhipcau.actions.permissions import may_change_issue, why_unchangeable
from nhipcau.bot.forms.builtin import builtin_form
from nhipcau.bot.forms.draft import SUMMARY, Draft, FormContext, FormEnd, Input
from nhipcau.bot.forms.engine import answer, begin
from nhipcau.bot.forms.question_screen import show
from nhipcau.bot.messaging.messages import Choice, Message
from nhipcau.handlers.buttons import ManageIssue, ManageStrands, StrandAct, choice, pack_answer
from nhipcau.handlers.reports.report_form import caution_about, screen_text
from nhipcau.handlers.reports.report_screens import issue_screen, strand_lines, strand_text
from nhipcau.handlers.screens import closing, menu, short_title, unfinished
from nhipcau.handlers.situation import Decision, DecisionResult, Situation, load, reply
from nhipcau.model.changes import Change
from nhipcau.model.conversation import DraftKind, DraftName
from nhipcau.model.issues import Issue, Strand, StrandKind
from nhipcau.model.queries import IssueIn


def manage_strands(situation: Situation, pressed: ManageStrands) -> Decision[DecisionResult]:
    """Display the strands of an issue or one of them, or do what was pressed."""
    issue = yield from load(IssueIn(situation.scope, pressed.issue))
    if issue is None:
        return reply(menu(situation, situation.texts("issue.gone")))
    match pressed.act:
        case StrandAct.ADD:
            return _add(situation, issue)
        case StrandAct.SHOW | StrandAct.EDIT | StrandAct.DELETE:
            return _of_one(situation, issue, pressed)
        case StrandAct.DELETE_SURE:
            return _delete(situation, issue, pressed)
        case StrandAct.LATENT | StrandAct.NOT_LATENT:
            return _mark(situation, issue, pressed.act is StrandAct.LATENT)
        case StrandAct.LIST:
            return reply(_list(situation, issue))


# ------------------------------------------------------------------ screens


def _list(situation: Situation, issue: Issue, preface: str = "") -> Message:
    """The strands with a choice for each; for whom the issue is not theirs to change, the issue itself."""
    t = situation.texts
    if not may_change_issue(situation.me, issue):
        return issue_screen(situation, issue, preface or why_unchangeable(issue).words(t))
    lines = [preface] if preface else []
    lines.append(t("strand.of", statement=issue.statement, code=issue.code))
    lines += strand_lines(issue, t) or [t("strand.none")]
    lines += [t("strand.latent")] if issue.latent else []
    choices = [choice(short_title(strand.words, 60), _about(strand, StrandAct.SHOW)) for strand in issue.strands]
    if len(issue.strands) < actions.MAX_STRANDS:
        choices.append(choice(t("strand.add"), ManageStrands(issue.code, StrandAct.ADD)))
    act = StrandAct.NOT_LATENT if issue.latent else StrandAct.LATENT
    choices.append(choice(t(f"strand.mark.{act}"), ManageStrands(issue.code, act)))
    choices.append(choice(t("form.back"), ManageIssue(issue.code), way=True))
    return Message("\n".join(lines), tuple(choices))


def _of_one(situation: Situation, issue: Issue, pressed: ManageStrands) -> DecisionResult:
    """Display one strand, begin to change it, or ask whether it is to be deleted."""
    t = situation.texts
    refused = actions.refuse_changing(situation.actor, issue, pressed.strand)
    strand = actions.strand_of(issue, pressed.strand)
    if refused or strand is None:
        return reply(_list(situation, issue, refused.words(t) if refused else ""))
    displayed = strand_text(strand.kind, strand.words, t)
    if pressed.act is StrandAct.EDIT:
        return reply(_begin(situation, issue, strand))
    if pressed.act is StrandAct.DELETE:
        yes = choice(t("strand.delete"), _about(strand, StrandAct.DELETE_SURE))
        back = choice(t("mine.keep"), _about(strand, StrandAct.SHOW))
        return reply(Message(t("strand.sure", strand=displayed), (yes, back)))
    choices = (
        choice(t("strand.edit"), _about(strand, StrandAct.EDIT)),
        choice(t("strand.delete"), _about(strand, StrandAct.DELETE), beside=True),
        choice(t("form.back"), ManageStrands(issue.code), way=True),
    )
    return reply(Message(displayed, choices))


def _about(strand: Strand, act: StrandAct) -> ManageStrands:
    return ManageStrands(strand.issue, act, strand.id, strand.digest if act is StrandAct.DELETE_SURE else "")


def _next(situation: Situation, issue: Issue) -> tuple[Choice, ...]:
    """Next steps below a receipt."""
    t = situation.texts
    return (
        choice(t("strand.list"), ManageStrands(issue.code)),
        choice(t("issue.see"), ManageIssue(issue.code), beside=True),
    )


# ------------------------------------------------------------------ acts


def _add(situation: Situation, issue: Issue) -> DecisionResult:
    if refused := actions.refuse_adding(situation.actor, issue):
        return reply(_list(situation, issue, refused.words(situation.texts)))
    return reply(_begin(situation, issue))


def _delete(situation: Situation, issue: Issue, pressed: ManageStrands) -> DecisionResult:
    decided = actions.delete(situation.actor, issue, pressed.strand, pressed.seen)
    return _done(situation, issue, decided, "strand.deleted")


def _mark(situation: Situation, issue: Issue, latent: bool) -> DecisionResult:
    decided = actions.mark_latent(situation.actor, issue, latent)
    return _done(situation, issue, decided, "strand.marked" if latent else "strand.unmarked")


def _done(situation: Situation, issue: Issue, decided: list[Change] | Refusal, key: str) -> DecisionResult:
    """A receipt, or the strands below the sentence why not."""
    t = situation.texts
    if isinstance(decided, Refusal):
        return reply(_list(situation, issue, decided.words(t)))
    return reply(closing(situation, t(key, code=issue.code), *_next(situation, issue)), changes=decided)


# ------------------------------------------------------------------ writing


def _begin(situation: Situation, issue: Issue, strand: Strand | None = None) -> Message:
    """Ask for kind and words, or display those of a strand to be changed. A draft about this strand continues; one
    about another comes first."""
    conversation, id = situation.conversation, strand.id if strand else ""
    existing = conversation.find(DraftKind.STRAND)
    if existing is not None:
        is_this = (existing.extra["code"], existing.extra["strand"]) == (issue.code, id)
        if is_this or existing.answers.get("words"):
            conversation.focus = existing.form
            return show(context(situation, existing), existing) if is_this else unfinished(situation, existing)
    extra = {"code": issue.code, "statement": issue.statement, "strand": id}
    name, nonce = DraftName(DraftKind.STRAND), situation.new_id("nonce")
    if strand is None:
        draft = conversation.begin(name, nonce, extra=extra)
        return begin(context(situation, draft), draft)
    answers = {"kind": strand.kind.value, "words": strand.words}
    extra["seen"] = strand.digest
    draft = conversation.begin(name, nonce, extra=extra, answers=answers, trail=list(answers), at=SUMMARY, step=1)
    return show(context(situation, draft), draft)


def context(situation: Situation, draft: Draft) -> FormContext:
    t = situation.texts

    def summary(draft: Draft) -> str:
        of_issue = t("strand.of", statement=draft.extra["statement"], code=draft.extra["code"])
        return "\n".join((of_issue, f"• {strand_text(draft.answers['kind'], draft.answers['words'], t)}"))

    return FormContext(
        form=builtin_form(DraftKind.STRAND, t.tag),
        texts=t,
        pack=pack_answer,
        screen=lambda text: screen_text(situation, text),
        caution=lambda text: caution_about(situation, text),
        summary=summary,
        send_label=t("strand.save"),
        today=situation.today,
    )


def step_strand(situation: Situation, draft: Draft, user_input: Input) -> Decision[DecisionResult]:
    t, extra = situation.texts, draft.extra
    done = answer(context(situation, draft), draft, user_input)
    if done.end not in {FormEnd.CANCELLED, FormEnd.SENT}:
        return reply(done.message)
    if done.end is FormEnd.CANCELLED:
        situation.conversation.drop(draft)
        return reply(menu(situation, t("form.cancelled")))
    issue = yield from load(IssueIn(situation.scope, extra["code"]))
    if issue is None or not may_change_issue(situation.me, issue):
        situation.conversation.drop(draft)
        return reply(closing(situation, t("issue.gone")))
    actor, today = situation.actor, situation.today
    kind, words = StrandKind(draft.answers["kind"]), str(draft.answers["words"])
    if extra["strand"]:
        decided = actions.change(actor, issue, extra["strand"], extra["seen"], kind, words, today)
    else:
        decided = actions.add(actor, issue, kind, words, today, situation.new_id)
    if isinstance(decided, Refusal):
        return reply(_again(situation, issue, draft, decided))
    situation.conversation.drop(draft)
    return _done(situation, issue, decided, "strand.changed" if extra["strand"] else "strand.added")


def _again(situation: Situation, issue: Issue, draft: Draft, refused: Refusal) -> Message:
    """What was written stays, below the sentence why it can't be saved. Saved again it replaces what somebody else has
    made of the strand, which is displayed; a strand that was deleted meanwhile is added anew."""
    t, lines = situation.texts, [refused.words(situation.texts)]
    if draft.extra["strand"]:
        now = actions.strand_of(issue, draft.extra["strand"])
        if now is None:
            draft.extra["strand"] = ""
        else:
            draft.extra["seen"] = now.digest
            lines.append(f"• {strand_text(now.kind, now.words, t)}")
    return show(context(situation, draft), draft, "\n".join(lines))
