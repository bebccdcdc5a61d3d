"""Sentences for the states of the Telegram channel, for the operator."""

from __future__ import annotations

from nhipcau.bot.channels.receive_loop import HOOK_FAILING, HOOK_REFUSED
from nhipcau.bot.channels.telegram.http import PollingConflict
from nhipcau.bot.messaging.channel import AnswerLost, AppDown, NotSent, Refused, TokenBad, TooMany

_NO_CONNECTION = "không kết nối được Telegram, đang thử lại"
SENTENCES = {
    "starting": "chưa kết nối Telegram",
    NotSent.reason: _NO_CONNECTION,
    AnswerLost.reason: _NO_CONNECTION,
    TokenBad.reason: "token sai (NHIPCAU_TELEGRAM_TOKEN)",
    PollingConflict.reason: "một chương trình khác đang nhận tin của bot này (409)",
    AppDown.reason: "Telegram đang trục trặc, đang thử lại",
    TooMany.reason: "Telegram yêu cầu chậm lại, đang chờ",
    "not_saved": "chưa lưu được tin vừa nhận, đang thử lại",
    "failed": "nhận tin Telegram gặp lỗi trong chương trình, đang thử lại",
    HOOK_REFUSED: "Telegram không nhận địa chỉ webhook (NHIPCAU_PUBLIC_URL phải là https và truy cập được từ ngoài)",
    HOOK_FAILING: "Telegram gửi tin tới webhook không được: kiểm tra NHIPCAU_PUBLIC_URL và máy chủ web phía trước",
    Refused.reason: "Telegram từ chối yêu cầu nhận tin, đang thử lại",
}
