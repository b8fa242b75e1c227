"""Renders a chart before and after a change and checks what the change may do."""
