"""The Helm engines: the embedded one in a worker, or a helm program."""
