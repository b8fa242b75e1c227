//go:build tools

// Package tools pins what the optional parts of the plane are built from.
package tools

import (
	_ "github.com/fluxcd/helm-controller"
	_ "github.com/fluxcd/kustomize-controller"
)
