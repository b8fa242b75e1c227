"""Gateway API: HTTPRoutes, gatewayRefs and match conditions."""
