"""How a call leaves for Slack: when it may, how long it may take, what can go wrong."""
