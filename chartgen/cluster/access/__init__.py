"""Where facts about a cluster come from: its API server, or a folder of dumps. Neither is ever written to."""
