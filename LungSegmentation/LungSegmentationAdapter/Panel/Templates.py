"""The engine's English sentences matched against templates, so that they are shown in the user's language.

The engine's texts, also those that a scene keeps, are English. A template is such a text with braces where it differs from case to case:

- ``{name}``, ``{reason}`` and the others of :data:`_FREE` hold any text, which stays as it is;
- ``{places}``, ``{whose}`` and the others of :data:`_IN_PHRASES` hold phrases, alone or as a list, which are translated too;
- all others hold a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from .ErrorTexts import ERRORS
from .FindingTexts import FINDINGS
from .PhraseTexts import PHRASES
from .WarningTexts import WARNINGS

Translate = Callable[[str, str], str]

_FREE = {
    "card", "card_sum", "error", "fallback", "file", "files", "folder", "folders", "found_sum", "index", "known", "method", "name",
    "other", "packages", "provider", "reason", "representation", "segments", "spacing",
}  # fmt: skip
_IN_PHRASES = {
    "advice", "back", "counts", "doubt", "end", "ends", "faults", "found", "head", "kind", "places", "shown", "start", "values",
    "where", "whose",
}  # fmt: skip
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|nan|inf"
_SEPARATORS = ("; and ", "; ", " and ", ", ")
_BRACES = re.compile(r"\{(\w+)\}")


def asSentence(text: str) -> str:
    """Begin with a capital and end with a full stop, as the engine's messages do not."""
    text = text.strip()
    ending = "" if text.endswith((".", "!", "?")) or "\n" in text else "."
    return text[:1].upper() + text[1:] + ending


def translated(text: str, translate: Translate) -> str:
    """Translate a text of the engine, sentence by sentence.

    Parameters
    ----------
    text : str
        English.
    translate : callable
        ``translate(context, text)``, as ``slicer.i18n.translate``.

    Returns
    -------
    str
        Sentences from the first one on that no template matches stay as they are. A text of which nothing is translated is given
        back unchanged; any other begins with a capital and ends with a full stop.
    """
    english = asSentence(text)
    found = _sentences(english, translate)
    return text if found == english else found


@dataclass(frozen=True)
class _Template:
    """A text with braces, and how it is found in others."""

    context: str
    source: str
    pattern: re.Pattern[str]

    def filled(self, found: re.Match[str], translate: Translate) -> str | None:
        """Translate it with what was found in its braces; None where a phrase is not known."""
        values = {}
        for name in _BRACES.findall(self.source):
            value = _phrase(found[name], translate) if name in _IN_PHRASES else found[name]
            if value is None:
                return None
            values[name] = value
        return _BRACES.sub(lambda braces: values.get(braces[1], braces[0]), translate(self.context, self.source))


def _sentences(text: str, translate: Translate) -> str:
    for template in _templates():
        found = template.pattern.fullmatch(text)
        first = found and template.filled(found, translate)
        if found and first is not None:
            rest = found["rest"]
            return f"{first} {_sentences(rest, translate)}" if rest else first
    return text


def _phrase(text: str, translate: Translate) -> str | None:
    """Translate a part of a sentence, or a list of such parts; None where one is not known."""
    if re.fullmatch(_NUMBER, text):
        return text
    for template in _phraseTemplates():
        found = template.pattern.fullmatch(text)
        whole = found and template.filled(found, translate)
        if whole is not None:
            return whole
    for separator in _SEPARATORS:
        if separator in text:
            parts = [_phrase(part, translate) for part in text.split(separator)]
            known = [part for part in parts if part is not None]
            if len(known) == len(parts):
                return translate("LungSegmentation.Phrases", separator).join(known)
    return None


@cache
def _templates() -> tuple[_Template, ...]:
    return _compiled((*FINDINGS, *WARNINGS, *ERRORS), "(?: (?P<rest>.+))?")


@cache
def _phraseTemplates() -> tuple[_Template, ...]:
    return _compiled(PHRASES, "")


def _compiled(texts: Sequence[tuple[str, str]], ending: str) -> tuple[_Template, ...]:
    """Compile texts; those with the most words outside braces come first, as they say the most about what they match."""
    texts = sorted(texts, key=lambda text: -len(_BRACES.sub("", text[1])))
    return tuple(_Template(context, source, re.compile(_pattern(source) + ending)) for context, source in texts)


def _pattern(source: str) -> str:
    parts = re.split(r"(\{\w+\})", source)
    return "".join(_group(part[1:-1]) if _BRACES.fullmatch(part) else re.escape(part) for part in parts)


def _group(name: str) -> str:
    return f"(?P<{name}>{'.+?' if name in _FREE | _IN_PHRASES else _NUMBER})"
