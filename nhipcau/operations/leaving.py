"""The receipt for somebody who left or withdrew consent, with what a search in the same transaction found."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts, texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.model.changes import ConfirmLeaving
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import contacts, outbox
from nhipcau.storage.leaving import SelfCheck, look_for

#: The office's own line of its roster, which stays where consent was withdrawn.
_STAYS_AFTER_WITHDRAWAL = ("people",)


async def confirm_leaving(context: OperationContext, act: ConfirmLeaving) -> None:
    """Search for what is left, and say so; contacts other than the one that asked are deleted at once, that one when
    the receipt was delivered."""
    others = [id for id in act.contact_ids if id != act.contact_id]
    await contacts.delete_strangers(context.connection, others)
    stays = () if act.is_deleted else _STAYS_AFTER_WITHDRAWAL
    check = await look_for(context.connection, context.sealer, act.person_id, act.contact_ids, stays=stays)
    receipt = Message(_receipt(context, act, check, texts(act.language)))
    expires = context.now + outbox.REPLY_LIFETIME
    delivery = outbox.NewDelivery(act.contact_id, receipt, outbox.REPLY, context.now, expires)
    await outbox.put(context.connection, context.sealer, context.today, [delivery])


def _receipt(context: OperationContext, act: ConfirmLeaving, check: SelfCheck, t: Texts) -> str:
    kind = "deleted" if act.is_deleted else "withdrawn"
    day = f"{context.now.astimezone(context.office.zone):%d/%m/%Y %H:%M}"
    lines = [t(f"rights.{kind}", code=act.code, day=day)]
    if check.left:
        places = ", ".join(t(f"stored.{name}") if t.has(f"stored.{name}") else name for name in check.left)
        lines.append(t("rights.left_over", n=check.places, places=places))
    else:
        lines.append(t(f"rights.checked_{kind}", n=check.places))
    lines.append(t("rights.back_again"))
    return "\n".join(lines)
