"""What people write down, read strictly: keywords.yaml, sources.yaml, settings.toml."""
