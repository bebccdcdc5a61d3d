"""A browser at the console of a test's office: follows redirects, keeps cookies, fills in forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
from lxml import html
from starlette.applications import Starlette

from nhipcau.console import pages
from nhipcau.console.all_pages import ALL_PAGES
from nhipcau.console.routes import Page, console_routes
from nhipcau.console.visit import Console
from tests.support.world import Phone, World

_ADDRESS = "http://127.0.0.1:8080"


class Browser:
    def __init__(self, world: World, *more: Page, **templates: str) -> None:
        """`more`: pages of a test, whose templates are `test_NAME.html`."""
        self.world = world
        pages.add_templates({f"test_{name}.html": source for name, source in templates.items()})
        self.console = console = Console(world.parts, world.committer, world.parts.channels, now=lambda: world.now)
        app = Starlette(routes=console_routes(console, [*more, *ALL_PAGES]))
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=_ADDRESS, follow_redirects=True
        )
        self.answer: httpx.Response

    # -------------------------------------------------- going and reading

    async def open(self, path: str) -> Browser:
        self.answer = await self._client.get(path)
        return self

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def path(self) -> str:
        return self.answer.url.path

    @property
    def page(self) -> Any:
        return html.document_fromstring(self.answer.text)

    @property
    def text(self) -> str:
        """What stands on the page, one space between words."""
        return " ".join(self.page.find("body").text_content().split())

    @property
    def heading(self) -> str:
        return " ".join(self.page.find(".//h1").text_content().split())

    @property
    def notice(self) -> str:
        return " ".join(" ".join(each.text_content() for each in self.page.find_class("notice")).split())

    def links(self) -> Mapping[str, str]:
        return {" ".join(a.text_content().split()): a.get("href") for a in self.page.iter("a")}

    async def follow(self, label: str) -> Browser:
        """Follow the first link that begins with this label."""
        found = [href for text, href in self.links().items() if text.startswith(label)]
        assert found, (label, list(self.links()))
        return await self.open(found[0])

    def buttons(self) -> list[str]:
        return [" ".join(each.text_content().split()) for each in self.page.iter("button")]

    # -------------------------------------------------- filling in

    def form_of(self, button: str) -> tuple[Any, Any]:
        """The form with a button of this label, and the button."""
        for each in self.page.iter("button"):
            if " ".join(each.text_content().split()) == button:
                wanted = each.get("form")
                form = self.page.get_element_by_id(wanted) if wanted else next(each.iterancestors("form"))
                return form, each
        raise AssertionError(f"no button {button!r} in {self.buttons()}")

    def filled(self, button: str, values: Mapping[str, str | Sequence[str]]) -> tuple[str, str, list[tuple[str, str]]]:
        """Method, address and fields of the form as this button sends it, with these values put in."""
        form, pressed = self.form_of(button)
        names = {each.get("name") for each in form.inputs if each.get("name")}
        assert values.keys() <= names, (values.keys() - names, names)
        data = [(name, value) for name, value in form.form_values() if name not in values]
        for name, value in values.items():
            data += [(name, value)] if isinstance(value, str) else [(name, each) for each in value]
        if pressed.get("name"):
            data.append((pressed.get("name"), pressed.get("value", "")))
        address = pressed.get("formaction") or form.get("action") or str(self.answer.url)
        return form.get("method", "get").upper(), address, data

    async def press(self, button: str, **values: str | Sequence[str]) -> Browser:
        """Fill in the form of this button and press it."""
        method, address, data = self.filled(button, values)
        return await self.send(method, address, data)

    async def send(self, method: str, address: str, data: list[tuple[str, str]], **headers: str) -> Browser:
        where = httpx.URL(str(self.answer.url)).join(address)
        if method == "GET":
            self.answer = await self._client.get(where, params=httpx.QueryParams(urlencode(data)), headers=headers)
        else:
            body = urlencode(data)
            headers = {"content-type": "application/x-www-form-urlencoded", **headers}
            self.answer = await self._client.post(where, content=body, headers=headers)
        return self

    async def upload(self, button: str, field: str, name: str, content: bytes, **values: str) -> Browser:
        """Press a button of a form with a file."""
        _, address, data = self.filled(button, values)
        where = httpx.URL(str(self.answer.url)).join(address)
        fields = {each: value for each, value in data if each != field}
        self.answer = await self._client.post(where, data=fields, files={field: (name, content)})
        return self

    def cookies(self) -> dict[str, str]:
        return dict(self._client.cookies)

    def take_cookies(self, cookies: Mapping[str, str]) -> None:
        """Have only these."""
        self.forget()
        for name, value in cookies.items():
            self._client.cookies.set(name, value, domain="127.0.0.1", path="/console")

    def forget(self) -> None:
        """Lose the cookies, as a browser that was closed."""
        self._client.cookies.clear()


async def signed_in(world: World, phone: Phone, *more: Page, **templates: str) -> Browser:
    """The console of whoever holds this phone, signed in by the link in the chat."""
    await phone.say("đăng nhập")
    link = next(word for word in phone.last.text.split() if "/console/enter/" in word)
    browser = Browser(world, *more, **templates)
    await browser.open(link[link.index("/console") :])
    await browser.press("Vào trang làm việc")
    assert browser.status == 200, browser.text
    return browser
