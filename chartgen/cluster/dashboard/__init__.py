"""A Grafana dashboard for a canary: its panels as plain data, and Grafana's JSON made of them."""
