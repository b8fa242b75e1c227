"""The JSON Schema that a policy names: read from a file, its references followed to other files and nowhere else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from chartgen.config.document import yaml_of
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Resource
    from referencing.exceptions import Unresolvable

_HINT = "policy.schema is a JSON Schema in a file, with references to files only"


def read_policy_schema(path: Path) -> Validator:
    """What holds a Canary against the schema. UsageError says what is in the way, a remote reference for example."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    files = _Files(path)
    root = files.at(path)
    # attrs makes the field's argument, which mypy does not see.
    registry: Registry[Any] = Registry(retrieve=cache(files.retrieve))  # type: ignore[call-arg]
    registry = registry.with_resource(files.home, root)
    try:
        _follow({"$ref": files.home}, registry.resolver(), set())
        validator = validator_for(root.contents, default=Draft202012Validator)({"$ref": files.home}, registry=registry)
        list(validator.iter_errors({}))
    except Unresolvable as error:
        raise _refusal(path, error) from error
    except RecursionError:
        raise UsageError(f"{path}: a $ref refers to itself", hint=_HINT) from None
    return validator


class _Files:
    """The files around a schema, by URI. Where its `$id` says it is published, stands what is beside it here."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.home = path.resolve().as_uri()
        published = _document(path).get("$id")
        self._published = published.rpartition("/")[0] + "/" if isinstance(published, str) else None

    def retrieve(self, uri: str) -> Resource[Any]:
        """The document behind a URI that is a file's, or one beside where the schema is published."""
        parts = urlsplit(uri)
        if parts.scheme == "file" and not parts.netloc:
            return self.at(Path(url2pathname(parts.path)))
        if not parts.scheme and not parts.netloc:
            return self.at(self._path.parent / unquote(parts.path))
        if self._published and uri.startswith(self._published):
            beside = self._path.parent / unquote(uri.removeprefix(self._published))
            if beside.is_file():
                return self.at(beside)
        raise UsageError(f"{self._path}: $ref {uri} is remote; chartgen doesn't fetch remote schemas", hint=_HINT)

    @staticmethod
    def at(path: Path) -> Resource[Any]:
        """The document of a file, known to be a JSON Schema."""
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for
        from referencing import Resource
        from referencing.jsonschema import DRAFT202012

        document = _document(path)
        try:
            validator_for(document, default=Draft202012Validator).check_schema(document)
            return Resource.from_contents(document, default_specification=DRAFT202012)
        except SchemaError as error:
            at = "/".join(str(step) for step in error.absolute_path)
            raise UsageError(f"{path}: is not a valid JSON Schema: {at}: {error.message}", hint=_HINT) from error
        except LookupError:
            told = document.get("$schema")
            raise UsageError(f"{path}: $schema {told} is not a known version of JSON Schema", hint=_HINT) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml_of(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=_HINT) from error
    except ValueError as error:
        raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}", hint=_HINT) from error
    if not isinstance(document, dict):
        raise UsageError(f"{path}: is not a JSON Schema but a {type(document).__name__}", hint=_HINT)
    return document


def _follow(schema: Any, resolver: Any, seen: set[int]) -> None:
    """Look up all references of a schema and of what they lead to, so that none is left for later."""
    from referencing import Resource
    from referencing.jsonschema import DRAFT202012

    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    if isinstance(schema.get("$ref"), str):
        found = resolver.lookup(schema["$ref"])
        _follow(found.contents, found.resolver, seen)
    for inner in Resource.from_contents(schema, default_specification=DRAFT202012).subresources():
        _follow(inner.contents, resolver.in_subresource(inner), seen)


def _refusal(path: Path, error: Unresolvable) -> UsageError:
    """What was said where the reference was followed; else, that there is nothing."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UsageError):
            return cause
        cause = cause.__cause__
    told = f"#{error.ref}" if error.ref.startswith("/") else error.ref
    return UsageError(f"{path}: $ref {told} can't be resolved", hint=_HINT)
