"""Takes over canaries that were made by hand: old API versions become current ones, with the same meaning."""
