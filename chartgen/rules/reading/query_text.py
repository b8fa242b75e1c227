"""A query's template as Flagger renders it, for what nearly all queries are made of: its functions, texts and pipes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each character can be read in one way only: a query from a chart must not make this backtrack.
_ACTION = lazy_pattern(
    r"(?<!\s)(?P<before>\s*)\{\{(?P<left>-\s)?"
    r"(?P<body>(?:\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|[^\"`}]|\}(?!\}))*?)(?P<right>\s-)?\}\}(?P<after>\s*)",
    re.DOTALL,
)
_WORD = lazy_pattern(
    r"\s*(?:(?P<text>\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`)|variables\.(?P<variable>\w+)|(?P<name>[A-Za-z]\w*))(?=\s|$)"
)
_VERB = lazy_pattern(r"%(?:[sv%]|(?P<other>.))")


class _UnknownActionError(Exception):
    """An action that isn't understood here: a condition, a loop, a variable."""


def render_query(query: str, model: Mapping[str, str], variables: Mapping[str, Any]) -> str | None:
    """The query's text; None if an action isn't understood, or reads a variable that nothing sets.

    `model` has the results of Flagger's functions: name, namespace, target, service, ingress, route, interval.
    """
    if "{{" in _ACTION.sub("", query):
        return None
    try:
        return _ACTION.sub(lambda match: _replaced(match, model, variables), query)
    except _UnknownActionError:
        return None


def _replaced(match: re.Match[str], model: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    before = "" if match["left"] else match["before"]
    after = "" if match["right"] else match["after"]
    body = match["body"].strip()
    if body.startswith("/*") and body.endswith("*/"):
        return before + after
    value: str | None = None
    for command in _commands(body):
        value = _call(command, value, model, variables)
    return f"{before}{value}{after}"


def _commands(body: str) -> list[list[re.Match[str]]]:
    """The commands of a pipe, each as its words."""
    commands: list[list[re.Match[str]]] = [[]]
    at = 0
    while body[at:].strip():
        pipe = re.match(r"\s*\|", body[at:])
        if pipe:
            commands.append([])
            at += pipe.end()
            continue
        word = _WORD.match(body, at)
        if word is None:
            raise _UnknownActionError
        commands[-1].append(word)
        at = word.end()
    if not all(commands):
        raise _UnknownActionError
    return commands


def _call(words: list[re.Match[str]], piped: str | None, model: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    name = words[0]["name"]
    arguments = [_word(each, model, variables) for each in (words[1:] if name in {"printf", "index"} else words)]
    if piped is not None:
        arguments.append(piped)
    if name == "printf" and arguments:
        return _printed(arguments[0], arguments[1:])
    if len(arguments) == 1 and name != "index":
        return arguments[0]
    raise _UnknownActionError


def _word(word: re.Match[str], model: Mapping[str, str], variables: Mapping[str, Any]) -> str:
    if word["text"]:
        text = word["text"]
        try:
            return text[1:-1] if text.startswith("`") else str(json.loads(text))
        except ValueError as error:
            raise _UnknownActionError from error
    if word["variable"]:
        value = variables.get(word["variable"])
        if not isinstance(value, str):
            raise _UnknownActionError
        return value
    if word["name"] not in model:
        raise _UnknownActionError
    return model[word["name"]]


def _printed(layout: str, arguments: list[str]) -> str:
    left = iter(arguments)

    def verb(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = next(left, None)
        if match["other"] or value is None:
            raise _UnknownActionError
        return value

    text = _VERB.sub(verb, layout)
    if next(left, None) is not None:
        raise _UnknownActionError
    return text
