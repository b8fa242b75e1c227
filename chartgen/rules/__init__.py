"""The rules of chartgen lint: one module and one page per mistake."""
