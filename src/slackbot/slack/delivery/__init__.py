"""How a reply reaches its thread: progress, the final text, its mark, what is tidied."""
