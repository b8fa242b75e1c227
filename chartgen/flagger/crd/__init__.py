"""How the Kubernetes API server validates a Canary, MetricTemplate or AlertProvider, per Flagger release.

The server reads a custom resource in this order (k8s.io/apiextensions-apiserver, 1.36):

    decode       apiVersion, kind and metadata must fit their types            objectmeta
    prune        drop fields that the CRD does not define                      pruning
    drop nulls   remove nulls that the schema does not allow                   pruning
    default      absent fields take the CRD's defaults                         pruning
    drop status  a create request can't set it                                 admission
    validate     metadata, then the schema, then the CEL rules                 objectmeta, validation

The CRD of each release is data: `schemas/flagger-fields.json`, which `fields` reads.
"""

from __future__ import annotations

from chartgen.flagger.crd.admission import Refusal, Verdict, admit
from chartgen.flagger.crd.fields import field_span, known_fields
from chartgen.flagger.crd.releases import NEWEST, known_versions, nearest, newer_note, served_versions

__all__ = [
    "NEWEST",
    "Refusal",
    "Verdict",
    "admit",
    "field_span",
    "known_fields",
    "known_versions",
    "nearest",
    "newer_note",
    "served_versions",
]
