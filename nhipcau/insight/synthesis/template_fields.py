"""Fills a template, the office's or ours, with the fields of a synthesis, and says what is wrong with it.

A template is a small language: fields, loops over fields, conditions, four filters. Anything else Jinja knows (calls,
attributes of Python, loops within loops over all rows) is refused by name, so a file from outside can neither run
anything nor grow without end.
"""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nhipcau.bot.language.faults import Fault, Faults
from nhipcau.insight.synthesis.fields import FIELDS, Shape
from nhipcau.privacy.document_check import MAX_BYTES, NotADocument, TooBig, recognise
from nhipcau.privacy.document_dangers import Reason

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

#: Bytes of the words of a template, and how many tags stand in it: beyond that reading it takes too long.
_MAX_WORDS, _MAX_TAGS = 3_000_000, 2_000
_MAX_FAULTS = 20
_SNIPPET = 60
_FILTERS = ("upper", "lower", "capitalize", "trim", "length")
_LOOP: Mapping[str, Shape] = dict.fromkeys(("index", "index0", "first", "last", "length"))
#: Tags of docxtpl that put raw XML in, which no field holds.
_RAW = re.compile(r"\{\{\s*(?:r|p|tr|tc)\s+\w")
_TAG, _OPENED = re.compile(r"<[^>]*>"), re.compile(r"\{[{%#]")
_DANGERS = {Reason.MACROS: "macros", Reason.REMOTE: "remote", Reason.PROGRAM: "program", Reason.UNFOLDS: "unfolds"}
_DANGERS[Reason.SECRET] = "secret"


class UnusableTemplate(Exception):
    """Why a template can't be used; `fault` says all of it, a line each."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.fault = Faults(faults[:_MAX_FAULTS])


def check_template(data: bytes, known: Mapping[str, Shape] = FIELDS) -> None:
    """`known`: the fields of the document it is for. Raises UnusableTemplate."""
    filled_template(data, {name: _sample(shape) for name, shape in known.items()}, known)


def filled_template(
    data: bytes, fields: Mapping[str, Any], known: Mapping[str, Shape] = FIELDS, *, is_ours: bool = False
) -> Any:
    """The document, with placeholders where figures stand. `is_ours`: it came with the program. Raises
    UnusableTemplate."""
    from docx.oxml.parser import parse_xml
    from docxtpl import DocxTemplate
    from jinja2 import TemplateError

    class Template(DocxTemplate):  # type: ignore[misc]
        def fix_tables(self, xml: str) -> Any:
            # docxtpl mends what is not well-formed, and loses words by it
            parse_xml(xml)
            return super().fix_tables(xml)

    if not is_ours:
        _check_file(data)
    env = _environment()
    try:
        template = Template(io.BytesIO(data))
        template.init_docx()
        _forget_outside(template.docx)
        if not is_ours and (faults := list(_faults_of(template, env, known))):
            raise UnusableTemplate(*faults)
        template.render(dict(fields), env, autoescape=True)
    except (TemplateError, SyntaxError, KeyError, ValueError, AttributeError, IndexError):
        raise UnusableTemplate(Fault("synthesis.template.broken")) from None
    return template.docx


def _check_file(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise UnusableTemplate(Fault("synthesis.template.too_big"))
    try:
        kind = recognise(data)
    except TooBig:
        raise UnusableTemplate(Fault("synthesis.template.too_big")) from None
    except NotADocument as wrong:
        key = _DANGERS.get(wrong.reason, "no_docx")
        raise UnusableTemplate(Fault(f"synthesis.template.{key}")) from None
    if kind != "docx":
        raise UnusableTemplate(Fault("synthesis.template.no_docx"))


def _forget_outside(page: Any) -> None:
    """Take out the path of the template it was made from, which names a computer, and words of its properties."""
    settings = page.settings.element
    for element in [each for each in settings if each.tag.endswith("}attachedTemplate")]:
        settings.remove(element)
    for part in page.part.package.iter_parts():
        for key, relation in list(part.rels.items()):
            if relation.reltype.endswith("/attachedTemplate"):
                del part.rels[key]
    for name in ("author", "comments", "identifier", "language", "subject", "title"):
        setattr(page.core_properties, name, "")


def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.runtime import LoopContext
    from jinja2.sandbox import SandboxedEnvironment

    class Fields(SandboxedEnvironment):
        """Knows the fields given and nothing of Python."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Mapping) and attribute in obj:
                return obj[attribute]
            if isinstance(obj, LoopContext) and attribute in _LOOP:
                return super().getattr(obj, attribute)
            return self.undefined(obj=obj, name=attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined(obj=obj)

    env = Fields(undefined=StrictUndefined, autoescape=True)
    env.globals.clear()
    env.tests.clear()
    env.filters = {name: env.filters[name] for name in _FILTERS}
    return env


# ------------------------------------------------------------------ what is written in it


def _faults_of(template: Any, env: SandboxedEnvironment, known: Mapping[str, Shape]) -> Iterator[Fault]:
    from jinja2 import TemplateSyntaxError

    seen = set()
    for source in _sources(template):
        words = _TAG.sub("", source)
        if len(source) > _MAX_WORDS or len(_OPENED.findall(words)) > _MAX_TAGS:
            raise UnusableTemplate(Fault("synthesis.template.too_long"))
        if raw := _RAW.search(words):
            yield Fault("synthesis.template.raw", tag=f"{raw[0]}…")
        # a line a paragraph, as docxtpl has it when it renders
        patched = re.sub(r"<w:p([ >])", r"\n<w:p\1", template.patch_xml(source))
        try:
            parsed = env.parse(patched)
        except TemplateSyntaxError as wrong:
            line = _TAG.sub("", patched.split("\n")[wrong.lineno - 1]).strip()[:_SNIPPET]
            yield Fault("synthesis.template.syntax", words=line)
            continue
        reader = _Reader()
        reader.read(parsed, known, is_inside=False)
        for fault in reader.faults:
            if (said := str(fault)) not in seen:
                seen.add(said)
                yield fault


def _sources(template: Any) -> Iterator[str]:
    """The XML of all parts that docxtpl fills."""
    yield template.get_xml()
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(uri):
            yield template.get_part_xml(part)
    for part in template.docx.part.package.iter_parts():
        if part.content_type.endswith(".footnotes+xml"):
            yield part.blob.decode("utf-8")


class _Reader:
    """Walks the tags of a template beside the fields there are."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, node: nodes.Node, known: Mapping[str, Shape], *, is_inside: bool) -> None:
        """A node that says what is done, not what a value is."""
        from jinja2 import nodes as n

        match node:
            case n.For():
                self._read_loop(node, known, is_inside=is_inside)
            case n.If():
                self._value(node.test, known)
                for child in (*node.body, *node.elif_, *node.else_):
                    self.read(child, known, is_inside=is_inside)
            case n.Template():
                for child in node.body:
                    self.read(child, known, is_inside=is_inside)
            case n.Output():
                for value in node.nodes:
                    if isinstance(value, n.TemplateData):
                        continue
                    if (shape := self._value(value, known)) is not None and shape is not _UNKNOWN:
                        self.faults.append(Fault("synthesis.template.no_text", field=_named(value)))
            case _:
                self._refuse(node)

    def _read_loop(self, node: nodes.For, known: Mapping[str, Shape], *, is_inside: bool) -> None:
        from jinja2 import nodes as n

        rows = self._value(node.iter, known)
        if is_inside and isinstance(node.iter, n.Name):
            # rows times rows times rows: the document would have no end
            self.faults.append(Fault("synthesis.template.nested", field=node.iter.name))
            return
        if not isinstance(rows, list) or not isinstance(node.target, n.Name) or node.recursive or node.test:
            if rows is not _UNKNOWN:
                self.faults.append(Fault("synthesis.template.no_rows", field=_named(node.iter)))
            return
        inner = {**known, node.target.name: rows[0], "loop": _LOOP}
        for child in (*node.body, *node.else_):
            self.read(child, inner, is_inside=True)

    def _value(self, node: nodes.Node, known: Mapping[str, Shape]) -> Shape:
        from jinja2 import nodes as n

        match node:
            case n.Const():
                return None
            case n.Name():
                if node.name in known:
                    return known[node.name]
                return self._unknown(node, known)
            case n.Getattr() | n.Getitem():
                return self._attribute(node, known)
            case n.Compare() | n.And() | n.Or() | n.Not() | n.Operand():
                for child in node.iter_child_nodes():
                    self._value(child, known)
                return None
            case n.Filter() if node.name in _FILTERS and not (node.args or node.kwargs) and node.node is not None:
                self._value(node.node, known)
                return None
        self._refuse(node)
        return _UNKNOWN

    def _attribute(self, node: nodes.Getattr | nodes.Getitem, known: Mapping[str, Shape]) -> Shape:
        from jinja2 import nodes as n

        of = self._value(node.node, known)
        name = node.attr if isinstance(node, n.Getattr) else getattr(node.arg, "value", None)
        if of is _UNKNOWN:
            return _UNKNOWN
        if isinstance(of, Mapping) and isinstance(name, str) and name in of:
            return _shape(of[name])
        return self._unknown(node, of if isinstance(of, Mapping) else {})

    def _unknown(self, node: nodes.Node, known: Mapping[str, Any]) -> Shape:
        name = _named(node)
        near = difflib.get_close_matches(name.rpartition(".")[2], list(known), 1)
        key = "synthesis.template.unknown_near" if near else "synthesis.template.unknown"
        self.faults.append(Fault(key, field=name, near=near[0] if near else ""))
        return _UNKNOWN

    def _refuse(self, node: nodes.Node) -> None:
        self.faults.append(Fault("synthesis.template.refused", what=_named(node)))


#: The shape of what is not known, told once and not again for what hangs on it.
_UNKNOWN: Shape = {"?": None}


def _shape(value: Any) -> Shape:
    shape: Shape = value
    return shape


def _named(node: nodes.Node) -> str:
    """A field as it is written: `dong.chu`; for anything else what kind of tag it is."""
    from jinja2 import nodes as n

    match node:
        case n.Name():
            return node.name
        case n.Getattr():
            return f"{_named(node.node)}.{node.attr}"
        case n.Getitem():
            return f"{_named(node.node)}.{getattr(node.arg, 'value', '?')}"
        case n.Filter():
            return f"| {node.name}"
        case n.Call():
            return f"{_named(node.node)}()"
    return type(node).__name__.lower()


def _sample(shape: Shape) -> Any:
    if isinstance(shape, Mapping):
        return {name: _sample(inner) for name, inner in shape.items()}
    # two rows: with one, a loop that breaks its table looks whole
    return [_sample(inner) for inner in shape * 2] if isinstance(shape, list) else "x"
