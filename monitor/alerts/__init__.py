"""Who hears of what and when, and handing it over: one file a channel."""
