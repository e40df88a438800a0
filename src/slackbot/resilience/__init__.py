"""Calls over the network that fail well."""
