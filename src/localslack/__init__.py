"""A Slack workspace on loopback: Web API, Socket Mode and streaming, for bots to run against."""
