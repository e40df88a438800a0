"""The sample company's Confluence: a small Confluence Cloud on loopback."""
