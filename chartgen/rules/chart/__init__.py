"""Chart: whether the chart renders its Canary when and where it should."""
