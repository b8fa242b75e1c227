"""What the plane is made of: which binaries and CRDs, in which versions, built from where, found where."""
