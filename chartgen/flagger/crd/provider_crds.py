"""What the API server checks of the routes that Flagger generates: the CRDs of the providers.

`schemas/provider-crds.json` holds the schemas of `spec` and names their source; `tools/provider_crds.py` writes it.
HTTPRoute is that of the experimental channel, which allows more than the standard one. The CRDs of SMI, Kuma and App
Mesh v1beta1 check nothing that Flagger could get wrong, or are no longer published.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.pruning import set_defaults
from chartgen.flagger.crd.quick import is_surely_valid
from chartgen.resources import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.protocols import Validator

    from chartgen.manifests.manifest import Route

# Contour's enum of conditions is longer than a reader's patience.
_LONGEST_MESSAGE = 160
Refusals = tuple[tuple["Route", str], ...]


def refusals_of(api_version: str, kind: str, spec: Mapping[str, Any]) -> Refusals:
    """Why the API server refuses an object with this `spec`: route in the object, and message; () if it accepts it.

    It accepts every object of a group, kind or version whose CRD isn't known. `spec` doesn't change.
    """
    group, _, version = api_version.rpartition("/")
    known = _data().get(kind, {})
    if group != known.get("group") or version not in known["versions"]:
        return ()
    return _refusals(kind, version, json.dumps(spec, sort_keys=True, default=str))


# A rollout writes one route with many weights, and plays it many times.
@lru_cache(maxsize=4096)
def _refusals(kind: str, version: str, spec: str) -> Refusals:
    from chartgen.flagger.crd.validation import EXTENSIONS, violations

    document, structure = json.loads(spec), _data()[kind]["versions"][version]
    set_defaults(document, structure)
    if is_surely_valid(structure, document, EXTENSIONS):
        return ()
    found = violations(_validator(kind, version), document)
    return tuple((("spec", *route), shorten(message, _LONGEST_MESSAGE, placeholder=" …")) for route, message in found)


@cache
def _validator(kind: str, version: str) -> Validator:
    from chartgen.flagger.crd.validation import validator_of

    return validator_of(_data()[kind]["versions"][version])


def _data() -> Mapping[str, Any]:
    document: Mapping[str, Any] = schema("provider-crds.json")
    return document
