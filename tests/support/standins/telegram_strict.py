"""A second, independent reader of everything said to and by the Telegram stand-in: aiogram's types."""

from __future__ import annotations

from typing import Any

import aiogram.methods
from aiogram.types import InlineKeyboardMarkup, Update
from pydantic import ValidationError


def unreadable_call(method: str, parameters: dict[str, Any]) -> str:
    """Why aiogram can't read this call, or "": an unknown method or parameter, a wrong type, a missing value."""
    model = getattr(aiogram.methods, method[:1].upper() + method[1:], None)
    if model is None:
        return f"{method}: no such method"
    unknown = sorted(set(parameters) - set(model.model_fields))
    if unknown:
        return f"{method}: unknown {', '.join(unknown)}"
    readable = {name: "an upload" if isinstance(value, bytes) else value for name, value in parameters.items()}
    try:
        model.model_validate(readable)
        if readable.get("reply_markup"):
            InlineKeyboardMarkup.model_validate(readable["reply_markup"])
    except ValidationError as error:
        return f"{method}: {_where(error)}"
    return ""


def unreadable_update(update: dict[str, Any]) -> str:
    """Why aiogram can't read this update, or ""."""
    try:
        Update.model_validate(update)
    except ValidationError as error:
        return f"update: {_where(error)}"
    return ""


def _where(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()[:3])
