"""Runs: their turns and what happened to each."""
