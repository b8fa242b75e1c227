"""The Gateways of the chart and its Canary in another run: those of the former provider go, `--gateway` replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary import provider_settings
from chartgen.canary.builtin_metrics import changed_provider
from chartgen.canary.gateways import API_GATEWAYS, ISTIO_GATEWAYS, as_written, key_of, place_of
from chartgen.edits.yaml_text import entry_text
from chartgen.errors import ConflictError
from chartgen.flagger.canary import as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.canary.options import AddCanaryOptions


def unread(block: Mapping[str, Any], options: AddCanaryOptions) -> list[str]:
    """The keys of the block with Gateways that the given provider doesn't read."""
    if "--provider" not in options.given:
        return []
    return [
        key for key in (ISTIO_GATEWAYS, API_GATEWAYS) if as_mapping(block.get(key)) and key != key_of(options.provider)
    ]


def problems(data: bytes, block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[str]:
    """A line for each of the unread Gateways that the team edited, or commented."""
    key = options.slot.key
    for name in unread(block, options):
        try:
            _, _, below = entry_text(data, (key, name)).partition(f"{name}:")
        except ConflictError as conflict:
            yield from (f"--provider: {problem}" for problem in conflict.conflicts)
            continue
        for gateway, each in as_mapping(block[name]).items():
            if "#" in below or not as_written(name, each):
                yield (
                    f"--provider: {key}.{name}.{gateway} has settings of your own, and provider"
                    f" {options.provider} doesn't read it. Remove it, and run again"
                )


def notes(block: Mapping[str, Any], options: AddCanaryOptions) -> Iterator[str]:
    """That Gateways of the chart are removed, or no longer named by the Canary."""
    key = options.slot.key
    for name in unread(block, options):
        gateways = " and ".join(map(str, as_mapping(block[name])))
        yield (
            f"{key}.{name} was removed, which provider {options.provider} doesn't read: the next deployment deletes"
            f" Gateway {gateways}, for others who use it, too"
        )
    if "--gateway" not in options.given:
        return
    named = {place_of(each)[1] for each in options.gateways}
    for gateway in options.own_gateways:
        name = place_of(gateway)[1]
        if name not in named:
            place = f"{key}.{key_of(options.provider)}.{name}"
            yield f"the chart still renders Gateway {name}: if nothing uses it, remove {place}"


def cause_of_default(block: Mapping[str, Any], options: AddCanaryOptions) -> str | None:
    """The option that gives the Canary the gateways of a first run, which it lacks; None if it gets none.

    Without any, Istio serves no host outside the mesh.
    """
    lacks = options.hosts and not as_mapping(block.get("service")).get("gateways")
    if options.provider != "istio" or not lacks or "--gateway" in options.given:
        return None
    asked = options.given & {"--host", "--with-gateway"}
    return min(asked) if asked else ("--provider" if changed_provider(block, options) else None)


def reference_changes(block: Mapping[str, Any], wanted: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[int]]:
    """The items that `gatewayRefs` lacks, and the positions of those to remove, the last one first."""
    existing = [
        provider_settings.reference_text(each) for each in as_list(as_mapping(block.get("service")).get("gatewayRefs"))
    ]
    names = [provider_settings.reference_text(each) for each in wanted]
    missing = [each for each, name in zip(wanted, names, strict=True) if name not in existing]
    return missing, [number for number, name in reversed(list(enumerate(existing))) if name not in names]
