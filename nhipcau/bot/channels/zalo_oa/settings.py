"""Settings of the Zalo Official Account channel."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, field_validator, model_validator

from nhipcau.bot.channels.http.file_hosts import ZALO_FILES, FileHosts
from nhipcau.bot.channels.traits import HttpAddress, expected
from nhipcau.bot.channels.zalo_oa.platform_limits import API, AUTH

#: All of these are needed: some without the others are an error.
CREDENTIAL = ("zalo_oa_app_id", "zalo_oa_app_secret", "zalo_oa_oa_secret")


class ZaloOASettings(BaseModel):
    """Fields with `repr=False` are secret: their values are never shown."""

    zalo_oa_id: str = ""
    zalo_oa_app_id: str = ""
    zalo_oa_app_secret: str = Field("", repr=False)
    zalo_oa_oa_secret: str = Field("", repr=False)
    zalo_oa_refresh_token: str = Field("", repr=False)
    zalo_oa_api: HttpAddress = API
    zalo_oa_auth: HttpAddress = AUTH
    #: Domains from which files people send are fetched.
    zalo_oa_files: FileHosts = ZALO_FILES

    @field_validator("zalo_oa_id", "zalo_oa_app_id")
    @classmethod
    def _number(cls, value: str) -> str:
        if not re.fullmatch(r"\d*", value):
            raise expected("cli.setting.zalo_oa_number")
        return value

    @field_validator("zalo_oa_app_secret", "zalo_oa_oa_secret", "zalo_oa_refresh_token")
    @classmethod
    def _one_word(cls, value: str) -> str:
        if re.search(r"[^!-~]", value):
            raise expected("cli.setting.zalo_oa_word")
        return value

    @model_validator(mode="after")
    def _whole(self) -> ZaloOASettings:
        missing = [name for name in CREDENTIAL if not getattr(self, name)]
        given = [name for name in (*CREDENTIAL, "zalo_oa_refresh_token") if getattr(self, name)]
        if missing and given:
            lacking, present = f"NHIPCAU_{missing[0].upper()}", f"NHIPCAU_{given[0].upper()}"
            raise expected("cli.setting.needs_both", lacking=lacking, present=present)
        return self
