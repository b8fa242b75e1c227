"""Gateway API: gatewayRefs, HTTPRoutes and match conditions."""
