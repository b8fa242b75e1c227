"""Jenkins X: what its packs and pipelines expect of a chart."""
