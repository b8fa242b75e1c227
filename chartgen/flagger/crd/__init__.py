"""What the Kubernetes API server says of a Canary, a MetricTemplate or an AlertProvider, per Flagger release.

The server reads a custom resource in this order (k8s.io/apiextensions-apiserver, 1.36):

    decode       apiVersion, kind and metadata must fit their types            objectmeta
    prune        fields the CRD does not know are dropped                      pruning
    drop nulls   a null where none is allowed is as good as absent             pruning
    default      absent fields take the CRD's defaults                         pruning
    drop status  creating cannot set it                                        admission
    validate     metadata, then the schema, then the CEL rules                 objectmeta, validation

What each release's CRD says is data: `schemas/flagger-fields.json`, read by `fields`.
"""

from __future__ import annotations

from chartgen.flagger.crd.admission import Refusal, Verdict, admit
from chartgen.flagger.crd.fields import field_span, known_fields
from chartgen.flagger.crd.releases import NEWEST, known_versions, nearest, served_versions

__all__ = [
    "NEWEST",
    "Refusal",
    "Verdict",
    "admit",
    "field_span",
    "known_fields",
    "known_versions",
    "nearest",
    "served_versions",
]
