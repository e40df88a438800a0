"""The sample company's Jira: a small Jira Cloud on loopback."""
