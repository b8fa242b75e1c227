"""Flagger itself: its CRDs, the controller, and the flags that decide whether it sees this Canary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import ALERT_PROVIDERS, CANARIES, CRDS, DEPLOYMENTS, METRIC_TEMPLATES
from chartgen.cluster.access.source import served_versions
from chartgen.cluster.preflight.context import Context, blocker, ok, skipped, warning
from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.crd import NEWEST, admit, nearest
from chartgen.flagger.crd.identify import CrdReleases, dropped_fields, releases_of
from chartgen.flagger.crd.releases import position, version_key
from chartgen.flagger.names import chosen_label
from chartgen.flagger.providers import is_known
from chartgen.manifests.manifest import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.access.source import Source
    from chartgen.cluster.preflight.check import Check
    from chartgen.cluster.preflight.installation import Installation

_CRD_URL = "https://raw.githubusercontent.com/fluxcd/flagger/v{}/artifacts/flagger/crd.yaml"
CHART = "oci://ghcr.io/fluxcd/charts/flagger"
_LINT = "chartgen lint CHART"
_CRD_SUBJECT = f"CustomResourceDefinition {CANARIES.full_name}"


def crd_release(source: Source) -> CrdReleases | None:
    """The releases that the installed CRD of Canaries belongs to; None if there is no CRD."""
    schema = _installed_schema(source)
    return releases_of(CANARIES.kind, schema) if schema else None


def _installed_schema(source: Source) -> Mapping[str, Any] | None:
    versions = as_list(value_at(source.get(CRDS, "", CANARIES.full_name), ("spec", "versions")))
    own = (each for each in map(as_mapping, versions) if each.get("name") == CANARIES.version)
    return next((as_mapping(value_at(each, ("schema", "openAPIV3Schema"))) for each in own), None)


def check_crds(context: Context) -> Iterator[Check]:
    """The three CRDs, the release they belong to, and what they do to this Canary."""
    version = context.flagger.version if context.flagger and context.flagger.version else NEWEST
    mend = context.command("apply", "-f", _CRD_URL.format(version), namespace="")
    for resource in (CANARIES, METRIC_TEMPLATES, ALERT_PROVIDERS):
        crd = context.source.get(CRDS, "", resource.full_name)
        served = served_versions(crd)
        if resource.version not in served:
            reason = f"serves {', '.join(served)}, not {resource.version}" if crd else "isn't installed"
            subject = f"CustomResourceDefinition {resource.full_name}"
            yield blocker("flagger-crd", subject, f"{reason}: Flagger doesn't start without it", mend)
    releases = crd_release(context.source)
    if releases is not None:
        yield from _crd_fits(context, releases, mend)
    elif CANARIES.version in served_versions(context.source.get(CRDS, "", CANARIES.full_name)):
        yield skipped("flagger-crd", _CRD_SUBJECT, "has no schema, so its release is unknown")


def _crd_fits(context: Context, releases: CrdReleases, mend: str) -> Iterator[Check]:
    edited = f", with {releases.different} fields of its own" if releases.different else ""
    installed = context.flagger.version if context.flagger else ""
    belongs = f"belongs to Flagger {releases.text}{edited}"
    if installed and not _within(nearest(installed), releases):
        older = version_key(releases.last) < version_key(installed)
        effect = "drops or rejects newer fields" if older else "is newer than the controller"
        yield warning("flagger-crd", _CRD_SUBJECT, f"{belongs}, the controller is {installed}: the CRD {effect}", mend)
    else:
        yield ok("flagger-crd", _CRD_SUBJECT, belongs)
    verdict = admit(context.canary.manifest, releases.last)
    subject = f"Canary {context.canary.names.namespace}/{context.canary.names.canary}"
    rejected_anyway = admit(context.canary.manifest).refusals
    for refusal in verdict.refusals:
        field = ".".join(map(str, refusal.at))
        yield blocker(
            "canary-rejected",
            subject,
            f"the API server rejects {field}: {refusal.message}",
            _LINT if rejected_anyway else mend,
        )
    spec = as_mapping(value_at(_installed_schema(context.source), ("properties", "spec")))
    for route in dropped_fields(context.canary.spec, spec, ("spec",)):
        field = ".".join(map(str, route))
        yield blocker("canary-pruned", subject, f"the installed CRD drops {field}: Flagger never sees it", mend)


def _within(release: str, releases: CrdReleases) -> bool:
    return position(releases.first) <= position(release) <= position(releases.last)


def check_controller(context: Context) -> Iterator[Check]:
    """Whether a controller runs."""
    flagger = context.flagger
    if flagger is None:
        # It is unknown, not missing, if Deployments can't be read: this raises UnreadableError.
        context.source.items(DEPLOYMENTS)
        install = context.helm(
            "upgrade", "--install", "flagger", CHART, "--namespace", "flagger-system", "--create-namespace",
            "--set", f"meshProvider={context.canary.provider}",
        )  # fmt: skip
        message = "no Deployment runs Flagger: nobody acts on the Canary"
        yield blocker("flagger-controller", "Deployment flagger", message, install)
        return
    subject, version = _subject(flagger), flagger.version or "of an unknown release"
    if flagger.desired == 0:
        command = context.command("scale", f"deployment/{flagger.name}", "--replicas=1", namespace=flagger.namespace)
        yield blocker("flagger-controller", subject, "is scaled to 0: nobody acts on the Canary", command)
    elif flagger.available == 0:
        command = context.command("describe", f"deployment/{flagger.name}", namespace=flagger.namespace)
        yield blocker("flagger-controller", subject, "has no available pod: nobody acts on the Canary", command)
    else:
        flags = " ".join(f"-{name}={value}" for name, value in flagger.flags.items()) or "no flags"
        yield ok("flagger-controller", subject, f"Flagger {version} runs with {flags}")


def check_flags(context: Context) -> Iterator[Check]:
    """The flags that exclude this Canary: -namespace, -selector-labels; and an unknown -mesh-provider."""
    flagger = context.flagger
    if flagger is None:
        return
    yield from _namespace_flag(context, flagger)
    yield from _selector_flag(context, flagger)
    if not is_known(flagger.provider):
        message = f"-mesh-provider={flagger.provider} is no provider of Flagger's, which uses istio instead"
        yield warning(
            "flagger-provider", _subject(flagger), message, with_flag(context, flagger, "mesh-provider", "istio")
        )
    if not is_known(context.canary.provider):
        subject = f"Canary {context.namespace}/{context.canary.names.canary}"
        yield warning(
            "flagger-provider", subject, f"provider {context.canary.provider} isn't known: Flagger uses istio instead"
        )


def _namespace_flag(context: Context, flagger: Installation) -> Iterator[Check]:
    watched = flagger.flags.get("namespace", "")
    if watched not in {"", context.namespace}:
        message = f"-namespace={watched}: Flagger doesn't see Canaries in {context.namespace}"
        helm = f"; Helm release {flagger.helm} sets the flag, so change its values, too" if flagger.helm else ""
        command = with_flag(context, flagger, "namespace", "")
        yield blocker("flagger-namespace", _subject(flagger), message + helm, command)
    else:
        scope = f"namespace {watched}" if watched else "all namespaces"
        yield ok("flagger-namespace", _subject(flagger), f"watches {scope}")


def _selector_flag(context: Context, flagger: Installation) -> Iterator[Check]:
    labels = as_mapping(value_at(context.target(), ("spec", "selector", "matchLabels")))
    if not labels:
        return
    target = f"{context.canary.target_kind} {context.namespace}/{context.canary.names.target}"
    known = ", ".join(flagger.selector_labels)
    if chosen_label(labels, flagger.selector_labels) is None:
        usual = chosen_label(labels)
        wanted = ",".join([*flagger.selector_labels, usual[0] if usual else next(iter(labels))])
        message = f"its selector has none of Flagger's -selector-labels ({known}): every tick fails"
        command = with_flag(context, flagger, "selector-labels", wanted)
        yield blocker("flagger-selector-labels", target, message, command)
    else:
        yield ok("flagger-selector-labels", target, f"is selected by one of {known}")


def with_flag(context: Context, flagger: Installation, flag: str, value: str) -> str:
    """The command that sets a flag of the controller, or removes it if `value` is empty."""
    path = f"/spec/template/spec/containers/{flagger.container}"
    changed = flagger.with_flag(flag, value)
    patch = [{"op": "add", "path": f"{path}/{field}", "value": words} for field, words in changed.items()]
    words = ["patch", f"deployment/{flagger.name}", "--type=json", "--patch", json.dumps(patch)]
    return context.command(*words, namespace=flagger.namespace)


def _subject(flagger: Installation) -> str:
    return f"Deployment {flagger.namespace}/{flagger.name}"
