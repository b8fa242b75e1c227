"""The engine seam: Helm in a worker or on PATH, asked to render a chart."""
