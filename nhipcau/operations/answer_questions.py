"""Delivers a question about an official answer to those who gave it, and what they add to whoever asked."""

from __future__ import annotations

from nhipcau.bot.language.catalogue import Texts
from nhipcau.bot.messaging.messages import Message
from nhipcau.handlers.buttons import ManageAnswer, ReplyAboutAnswer, choice
from nhipcau.model.request_changes import AskBack, TellAddition
from nhipcau.operations.notify import FEEDBACK, push
from nhipcau.operations.operation_context import OperationContext
from nhipcau.storage import people
from nhipcau.storage.answer_notes import who_answered
from nhipcau.storage.requests import read_requests


async def ask_back(context: OperationContext, act: AskBack) -> None:
    request = (await read_requests(context.connection, context.tree, [act.request_id]))[act.request_id]
    recipients = await who_answered(context.connection, context.sealer, context.tree, request.id, act.unit)

    def question(t: Texts) -> Message:
        who = f"{act.asking.name} ({act.name})" if act.name else act.asking.name
        text = t("askback.push", who=who, title=request.title, unit=act.unit.name, words=act.words)
        return Message(text, (choice(t("feedback.reply"), ReplyAboutAnswer(act.answer_id)),))

    await push(context, recipients, question, FEEDBACK, about=request)


async def tell_addition(context: OperationContext, act: TellAddition) -> None:
    request = (await read_requests(context.connection, context.tree, [act.request_id]))[act.request_id]
    recipients = await people.coordinators(context.connection, context.sealer, context.tree, act.asking)

    def addition(t: Texts) -> Message:
        text = t("askback.told", unit=act.unit.name, title=request.title, words=act.words)
        return Message(text, (choice(t("askback.open"), ManageAnswer(act.answer_id)),))

    await push(context, recipients, addition, FEEDBACK, about=request)
