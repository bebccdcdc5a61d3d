"""Every kind of act the audit knows, noun.verb; each has its words in the catalogue, `cli.audit.kind.`."""

from __future__ import annotations

from nhipcau.model.kept_syntheses import SynthesisAct
from nhipcau.model.reports import ReportState

_STATES = {ReportState.RECEIVED, ReportState.VERIFYING, ReportState.IN_PROGRESS, ReportState.DONE}
_STATES |= {ReportState.NOT_POSSIBLE, ReportState.PASSED_ON}

#: Of somebody outside the office, whom the audit never tells apart: nobody's handle.
OUTSIDE = ""

AUDIT_KINDS = frozenset(
    {
        *(f"report.{what}" for what in (*_STATES, "answer", "question", "read", "assign", "topic", "undo")),
        *("report.on_behalf", "report.import"),
        *(f"issue.{what}" for what in (*_STATES, "answer", "open", "merge", "split", "latent", "not_latent", "undo")),
        *(f"issue.regroup_{what}" for what in ("merge", "split", "undo")),
        *(f"strand.{what}" for what in ("add", "change", "delete")),
        *(f"section.{what}" for what in ("add", "rename", "close", "open")),
        *(f"reply.{what}" for what in ("add", "change", "delete")),
        *("answer.question", "answer.on_behalf"),
        *(f"request.{what}" for what in ("create", "remind", "prolong", "close", "stop", "decide", "bury")),
        *("question.keep", "question.drop"),
        *("notice.correct", "rule.make", "rule.pass", "rule.end", "news.tell"),
        *("signal.tell", "signal.seen", "signal.explain", "signal.follow", "signal.unfollow"),
        "topic.reset",
        *(f"synthesis.{act}" for act in SynthesisAct),
        *("invite.make", "invite.revoke", "invite.roster"),
        *("person.move", "person.disable", "person.remove", "person.replace", "person.relink"),
        *("roster.import", "sample.draw", "unit.add", "unit.cluster", "zalo.connect"),
        *("key.destroy", "key.save", "key.load", "key.accept"),
        *(
            f"export.{what}"
            for what in ("reports", "answers", "requests", "people", "duties", "issues", "review", "tally")
        ),
        *("export.synthesis", "export.publication", "export.training"),
        *("backup.make", "backup.restore", "data.purge"),
        *("rights.enter", "rights.done", "law.dossier", "law.breach"),
        *("console.link", "console.enter", "console.leave", "console.end"),
        *(f"factor.{what}" for what in ("set", "remove", "codes", "recovery", "forget", "require", "release")),
        *("refused.code", "refused.right"),
    }
)
