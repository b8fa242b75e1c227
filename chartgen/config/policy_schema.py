"""Read the JSON Schema that a policy names; its references are followed to other files only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from chartgen.config.document import yaml_of
from chartgen.errors import InputError, UsageError
from chartgen.inputs.boundary import boundary_around
from chartgen.inputs.files import read_beside, text_of
from chartgen.inputs.schema import BoundedSchema, refuse_patterns, without_dialects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.protocols import Validator
    from referencing import Resource
    from referencing.exceptions import Unresolvable

    from chartgen.inputs.boundary import Boundary

_HINT = "policy.schema is a JSON Schema in a file, with references to files only"


def read_policy_schema(path: Path, folder: Path | None = None) -> BoundedSchema:
    """The schema to validate Canaries with; UsageError if it isn't usable, because of a remote reference for example.

    `folder` is that of the configuration that names the file; nothing outside its repository is read.
    """
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        files = _Files(path, boundary_around(folder or path.parent))
        root = files.at(path)
        # attrs makes the field's argument, which mypy does not see.
        registry: Registry[Any] = Registry(retrieve=cache(files.retrieve))  # type: ignore[call-arg]
        registry = registry.with_resource(files.home, root)
        _follow({"$ref": files.home}, registry.resolver(), set())
        schema = BoundedSchema(files.draft, {"$ref": files.home}, registry)
        list(schema.iter_errors({}))
    except Unresolvable as error:
        raise _refusal(path, error) from error
    except InputError as error:
        raise UsageError(f"{path}: {error.message}", hint=_HINT) from error
    except RecursionError:
        raise UsageError(f"{path}: is nested too deep, or a $ref refers to itself", hint=_HINT) from None
    return schema


class _Files:
    """The files around a schema, by URI; URIs next to its `$id` map to the files in its own folder."""

    def __init__(self, path: Path, boundary: Boundary) -> None:
        self._path = path
        self._boundary = boundary
        document = self._document(path)
        self.home = path.resolve().as_uri()
        self.draft: type[Validator] = _draft(document)
        published = document.get("$id")
        self._published = published.rpartition("/")[0] + "/" if isinstance(published, str) else None

    def retrieve(self, uri: str) -> Resource[Any]:
        """The document for a URI of a file, or for one next to the schema's `$id`."""
        parts = urlsplit(uri)
        if parts.scheme == "file" and not parts.netloc:
            return self.at(Path(url2pathname(parts.path)))
        if not parts.scheme and not parts.netloc:
            return self.at(self._path.parent / unquote(parts.path))
        if self._published and uri.startswith(self._published):
            sibling = self._path.parent / unquote(uri.removeprefix(self._published))
            if sibling.is_file():
                return self.at(sibling)
        raise UsageError(f"{self._path}: $ref {uri} is remote; chartgen doesn't fetch remote schemas", hint=_HINT)

    def at(self, path: Path) -> Resource[Any]:
        """The document of a file, after a check that it is a JSON Schema whose patterns take linear time."""
        from jsonschema.exceptions import SchemaError
        from referencing.jsonschema import DRAFT202012, specification_with

        document = self._document(path)
        try:
            _draft(document).check_schema(document)
            refuse_patterns(document)
            specification = specification_with(document["$schema"]) if "$schema" in document else DRAFT202012
            return specification.create_resource(without_dialects(document))
        except SchemaError as error:
            at = "/".join(str(step) for step in error.absolute_path)
            raise UsageError(f"{path}: is not a valid JSON Schema: {at}: {error.message}", hint=_HINT) from error
        except LookupError:
            dialect = document.get("$schema")
            raise UsageError(f"{path}: $schema {dialect} is not a known version of JSON Schema", hint=_HINT) from None

    def _document(self, path: Path) -> dict[str, Any]:
        try:
            document = yaml_of(text_of(read_beside(path.parent, path.name, boundary=self._boundary), path))
        except InputError as error:
            raise UsageError(error.message, hint=_HINT) from error
        except ValueError as error:
            raise UsageError(f"{path}: cannot be read: {' '.join(str(error).split())}", hint=_HINT) from error
        if not isinstance(document, dict):
            raise UsageError(f"{path}: is not a JSON Schema but a {type(document).__name__}", hint=_HINT)
        return document


def _draft(document: Mapping[str, Any]) -> type[Validator]:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    draft: type[Validator] = validator_for(document, default=Draft202012Validator)
    return draft


def _follow(schema: Any, resolver: Any, followed: set[int]) -> None:
    """Resolve all references of a schema, and those in their targets, so that a broken one is found now."""
    from referencing import Resource
    from referencing.jsonschema import DRAFT202012

    if not isinstance(schema, dict) or id(schema) in followed:
        return
    followed.add(id(schema))
    if isinstance(schema.get("$ref"), str):
        target = resolver.lookup(schema["$ref"])
        _follow(target.contents, target.resolver, followed)
    for inner in Resource.from_contents(schema, default_specification=DRAFT202012).subresources():
        _follow(inner.contents, resolver.in_subresource(inner), followed)


def _refusal(path: Path, error: Unresolvable) -> UsageError:
    """The UsageError from following the reference, else one that says it can't be resolved."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UsageError):
            return cause
        cause = cause.__cause__
    reference = f"#{error.ref}" if error.ref.startswith("/") else error.ref
    return UsageError(f"{path}: $ref {reference} can't be resolved", hint=_HINT)
