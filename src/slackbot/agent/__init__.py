"""The agent: a model, its tools, and a budget."""
