"""Examples of the commands, for `--help` and the man page; a test parses each of them."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "add-canary": (
        "chartgen add-canary charts/myapp --host myapp.example.com --diff",
        "chartgen add-canary charts/myapp --provider nginx --namespace staging --namespace prod",
        "chartgen add-canary charts/myapp --step-weight 20",
    ),
    "remove-canary": (
        "chartgen remove-canary charts/myapp --diff",
        "chartgen remove-canary charts/myapp",
    ),
    "migrate": (
        "chartgen migrate charts/myapp --diff",
        "chartgen migrate charts/myapp",
        "chartgen migrate charts/myapp --adopt --diff",
    ),
    "emit": (
        "chartgen emit charts/myapp --namespace prod -f values-prod.yaml",
        "chartgen emit charts/myapp --set canary.enable=true --format json -o canary.json",
    ),
    "ignore-differences": (
        "chartgen ignore-differences argocd charts/myapp --release-name myapp",
        "chartgen ignore-differences flux charts/myapp --release-name myapp -f values-prod.yaml",
    ),
    "lint": (
        "chartgen lint charts",
        "chartgen lint charts --min-severity warning --report sarif=chartgen.sarif",
        "chartgen lint charts/myapp -n prod -f values-prod.yaml --select metrics",
        "chartgen lint charts/myapp --fix",
    ),
    "plan": (
        "chartgen plan charts/myapp --scenario success --scenario fail@10",
        "chartgen plan charts/myapp --rps 10 --detect 2%:95% --max-duration 30m",
        "chartgen plan charts/myapp --rps 10 --detect 2%:95% --suggest --diff",
        "chartgen plan charts/myapp --format svg -o plan.svg",
    ),
    "preflight": (
        "chartgen preflight charts/myapp --release-name myapp --context staging",
        "chartgen preflight charts/myapp --from dumps",
    ),
    "watch": ("chartgen watch myapp -n prod --timeout 30m",),
    "drift": (
        "chartgen drift -n prod",
        "chartgen drift -n prod --git . --revert --branch revert-myapp",
    ),
    "dashboard": (
        "chartgen dashboard charts/myapp --release-name myapp -o dashboard.json",
        "chartgen dashboard --into charts/myapp",
    ),
    "recover": ("chartgen recover --check", "chartgen recover charts/myapp"),
    "rules": ("chartgen rules --format markdown",),
    "explain": ("chartgen explain step-weight-above-max",),
    "schema": (
        "chartgen schema config -o chartgen-config.schema.json",
        "chartgen schema values",
    ),
}
