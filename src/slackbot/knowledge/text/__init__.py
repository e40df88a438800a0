"""What sources write, made readable: storage format to Markdown, sections, keywords."""
