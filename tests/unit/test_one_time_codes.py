"""Codes of an authenticator app, recovery codes, and what a browser may answer about a passkey."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nhipcau.console import passkeys
from nhipcau.model.second_factor import SecondFactor
from nhipcau.privacy.identifiers import ALPHABET
from nhipcau.privacy.one_time_codes import in_halves, is_secret, matching_step, new_secret, plain, recovery_codes

#: Of RFC 6238, appendix B: "12345678901234567890", six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(("second", "code"), [(1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")])
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    for late, step in ((0, 0), (30, 0), (-30, 0), (61, None), (-61, None)):
        found = matching_step(SECRET, code, datetime.fromtimestamp(second + late, UTC))
        assert found == (None if step is None else second // 30), late


def test_secrets_and_recovery_codes_can_be_read_and_typed() -> None:
    assert is_secret(new_secret())
    assert new_secret() != new_secret()
    codes = recovery_codes(b"x" * 16)
    assert codes == recovery_codes(b"x" * 16)
    assert len({*codes, *recovery_codes(b"y" * 16)}) == 20
    assert all(set(code) <= set(ALPHABET) and plain(in_halves(code).lower()) == code for code in codes)


@pytest.mark.parametrize("answer", ["", "x", "[]", "{}", '{"id": 5}', '{"id": "é"}', '{"id": "AAAA"}', "{" * 30_000])
def test_what_a_browser_answers_wrongly_is_refused(answer: str) -> None:
    site = passkeys.site_of("https://nhipcau.example.vn/")
    assert site == passkeys.Site("nhipcau.example.vn", "https://nhipcau.example.vn")
    assert passkeys.read_made(site, answer, b"c" * 32) is None
    assert passkeys.chosen(SecondFactor(), answer) is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://[::1]:8080", "https://10.1.2.3"])
def test_an_address_of_numbers_has_no_passkeys(url: str) -> None:
    assert passkeys.site_of(url) is None
