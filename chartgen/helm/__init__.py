"""The Helm engines: embedded in a worker process, or the `helm` program on PATH."""
