"""Read a configuration file."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from chartgen.config.config import Config, Exemption, errors_at
from chartgen.config.document import document_at
from chartgen.config.selection import rules_named
from chartgen.errors import UsageError
from chartgen.flagger.providers import PROVIDERS, is_known
from chartgen.planning.amounts import seconds_of
from chartgen.rules.cluster import Cluster
from chartgen.rules.organization_policy import Policy, policy_of, traffic_of
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read_config(path: Path, subject: Path | None = None, *, named: bool = False) -> Config:
    """The configuration in a file, for `subject`; UsageError lists the invalid settings.

    A file `named` by an option can be a link to anywhere. The files it names are only read inside its repository.
    """
    chart = (subject or path.parent).absolute()
    document = document_at(path, chart, named=named)
    ignored = document.get("ignore", ())
    everywhere = tuple(entry if isinstance(entry, str) else entry["rule"] for entry in ignored if _is_plain(entry))
    return Config(
        source=path,
        select=tuple(document.get("select", ())),
        ignore=everywhere,
        exemptions=tuple(_exemption(entry) for entry in ignored if not _is_plain(entry)),
        severity=_severities(document.get("severity", {})),
        fail_on=document.get("fail-on"),
        min_severity=document.get("min-severity"),
        namespaces=tuple(document.get("namespaces", ())),
        cluster=_cluster(path, document.get("cluster", {}))._replace(policy=_policy(path, document)),
        document=document,
        subject=chart,
    )


def _exemption(entry: Mapping[str, Any]) -> Exemption:
    return Exemption(frozenset(rules_named([entry["rule"]])), entry.get("path"), entry.get("object"))


def _is_plain(entry: Any) -> bool:
    return isinstance(entry, str) or not {"path", "object"} & set(entry)


def _severities(given: Mapping[str, str]) -> dict[str, Severity]:
    """Rule id → severity; a name for fewer rules overrides a name for more, such as a tag."""
    severities = [(rules_named([name]), Severity(severity)) for name, severity in given.items()]
    severities.sort(key=lambda pair: -len(pair[0]))
    return {rule: severity for rules, severity in severities for rule in rules}


def _policy(path: Path, document: Mapping[str, Any]) -> Policy | None:
    """The policy, with its traffic; None without both."""
    if "policy" not in document and "traffic" not in document:
        return None
    given, schema = document.get("policy", {}), None
    if "schema" in given:
        from chartgen.config.policy_schema import read_policy_schema

        with errors_at(path, "policy.schema"):
            schema = read_policy_schema(path.parent / given["schema"], path.parent)
    with errors_at(path, "traffic"):
        traffic = traffic_of(document.get("traffic", {}))
    with errors_at(path, "policy"):
        return policy_of(given, schema, traffic)


def _cluster(path: Path, given: dict[str, Any]) -> Cluster:
    cluster = Cluster()
    scrape = cluster.scrape_seconds
    if "scrape-interval" in given:
        scrape = seconds_of(given["scrape-interval"], f"{path}: cluster.scrape-interval")
    return cluster._replace(
        flagger=_flagger_release(path, given.get("flagger-version")),
        provider=_provider(path, given.get("provider", cluster.provider)),
        selector_labels=tuple(given.get("selector-labels", cluster.selector_labels)),
        metric_templates=tuple(given.get("metric-templates", ())),
        alert_providers=tuple(given.get("alert-providers", ())),
        gateways=tuple(given.get("gateways", ())),
        injected_namespaces=tuple(given.get("injected-namespaces", ())),
        registry_only=given.get("registry-only", False),
        service_entries=tuple(given.get("service-entries", ())),
        scrape_seconds=scrape,
        cross_namespace_refs=not given.get("no-cross-namespace-refs", False),
    )


def _provider(path: Path, name: str) -> str:
    """The provider; UsageError if Flagger doesn't know it, since it would run as Istio."""
    if is_known(name):
        return name
    aliases = {alias: provider.name for provider in PROVIDERS for alias in provider.aliases}
    names = [provider.name for provider in PROVIDERS]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    meant = aliases.get(name) or (near[0] if near else None)
    hint = f"did you mean {meant}?" if meant else f"choose one of {', '.join(names)}"
    raise UsageError(f"{path}: cluster.provider: {name!r} is not a provider of Flagger", hint=hint)


def _flagger_release(path: Path, version: str | None) -> str | None:
    """The Flagger release whose CRD applies, as for --flagger-version."""
    from chartgen.flagger.crd import nearest

    with errors_at(path, "cluster.flagger-version"):
        return nearest(version) if version else None
