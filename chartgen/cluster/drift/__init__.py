"""Whether Git, Helm and GitOps objects say the version that runs, and the edit that makes them say it."""
