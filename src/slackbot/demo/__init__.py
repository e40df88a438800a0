"""A sample company to try the bot on."""
