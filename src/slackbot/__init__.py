"""A self-hosted AI assistant for Slack."""
