"""The sample company's GitHub: a small GitHub on loopback."""
