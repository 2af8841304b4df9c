"""A small press on loopback, with a mail server and a webhook receiver, to show the whole chain."""

from monitor.demo.hook import ReceivedHook
from monitor.demo.mailbox import ReceivedMail
from monitor.demo.texts import Expected
from monitor.demo.world import DemoWorld

__all__ = ["DemoWorld", "Expected", "ReceivedHook", "ReceivedMail"]
