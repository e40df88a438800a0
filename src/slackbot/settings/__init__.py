"""The settings, in groups: their types, and the rules among those of one group."""
