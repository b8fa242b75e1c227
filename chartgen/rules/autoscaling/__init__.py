"""Autoscaling: HorizontalPodAutoscalers, ScaledObjects and the replicas of the target."""
