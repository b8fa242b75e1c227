"""Changes to your files: byte-exact edits, diffs, all or nothing on disk."""
