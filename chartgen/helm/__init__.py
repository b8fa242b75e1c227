"""The engine seam: Helm in process or on PATH, asked to render a chart."""
