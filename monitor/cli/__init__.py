"""The commands: parse arguments, call one job, print."""

from monitor.cli.app import main

__all__ = ["main"]
