"""A message as a mail: the same bytes for the same message, however often it is sent."""

from __future__ import annotations

import hashlib
import re
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, getaddresses
from typing import Any

from monitor.model.delivery import Message
from monitor.render.clean import header, visible

LONGEST_LINE = 78
LONGEST_ENCODED = 76  # of a line with an encoded word, which has 75 at most (RFC 2047, 2)


class MailPolicy(EmailPolicy):
    """Writes a subject as encoded words that hold its spaces, too (RFC 2047).

    Python's own policy leaves a space between two encoded words now and then (3.11 and 3.12), where
    no reader shows it: one in six long Russian subjects had two words run together.
    """

    def fold(self, name: str, value: Any) -> str:
        """Return a header as lines."""
        if name.lower() != "subject" or str(value).isascii():
            lines: str = super().fold(name, value)
            return lines
        words = Header(str(value), "utf-8", header_name=name, maxlinelen=LONGEST_ENCODED)
        return f"{name}: {words.encode(linesep=self.linesep)}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return a header as the lines that are sent."""
        if name.lower() != "subject" or str(value).isascii():
            return super().fold_binary(name, value)
        return self.fold(name, value).encode("ascii")


# 7-bit lines of at most 78 characters pass every server; no SMTPUTF8 is needed for the text.
POLICY = MailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=LONGEST_LINE)
NOT_IN_ADDRESS = re.compile(r"[\s<>,;:\"\\()\[\]]")
FALLBACK_DOMAIN = "stationwatch.invalid"  # RFC 2606: names nobody


def build_mail(
    message: Message, *, sender: str, to: str, neutral_subject: bool = False
) -> EmailMessage:
    """Return `message` as a mail to one address, text first, then HTML.

    Message-ID is made of the message's id and stays the same over every retry; References and
    In-Reply-To name the story, so that its mails stand in one thread.
    Whatever a page put into a title stays inside its own header (FAULTS D4).
    """
    domain = sender_domain(sender)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = one_address(sender)
    mail["To"] = one_address(to)
    mail["Subject"] = header(message.neutral_subject if neutral_subject else message.subject)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message_id(message.id, domain)
    if message.references:
        threads = [message_id(f"story-{story}", domain) for story in message.references]
        mail["In-Reply-To"] = threads[-1]
        mail["References"] = " ".join(threads)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    if message.unsubscribe_url and message.unsubscribe_url.startswith("https://"):
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    mail.set_content(without_surrogates(message.text))
    if message.html is not None:
        mail.add_alternative(without_surrogates(message.html), subtype="html")
        mail.set_boundary(f"=_{hashlib.sha256(message.id.encode()).hexdigest()[:32]}")
    return mail


def message_id(key: str, domain: str) -> str:
    """Return `<key@domain>`; a key that does not fit a Message-ID is replaced by its hash."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,100}", key):
        key = hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
    return f"<{key}@{domain}>"


def sender_domain(sender: str) -> str:
    """Return the domain after which messages are named; a host name of ours is never used."""
    domain = one_address(sender).domain.lower()
    return domain if re.fullmatch(r"[a-z0-9.-]+", domain) else FALLBACK_DOMAIN


def one_address(text: str) -> Address:
    """Return the one address in `text`, its domain in ASCII.

    Raises ValueError when there is none or more than one, or a line break.
    """
    found = addresses(text)
    if len(found) != 1:
        raise ValueError(f"while reading a mail address: {text!r} is not one address")
    return found[0]


def addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses in a list separated by commas, in order, each once.

    Raises ValueError for one that is none.
    """
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", text):
        raise ValueError(f"while reading mail addresses: {text!r} holds a control character")
    found: dict[str, Address] = {}
    for name, spec in getaddresses([text]):
        local, at, domain = spec.rpartition("@")
        # A local part beyond ASCII needs SMTPUTF8 at every server on the way, which few offer.
        if not (at and local.isascii() and local and domain) or NOT_IN_ADDRESS.search(spec):
            raise ValueError(
                f"while reading mail addresses: {text!r} holds {spec!r}, which is none"
            )
        try:
            ascii_domain = domain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"while reading mail addresses: {domain!r} is no domain") from error
        key = f"{local}@{ascii_domain.lower()}"
        found.setdefault(
            key, Address(display_name=visible(name), username=local, domain=ascii_domain)
        )
    if not found:
        raise ValueError("while reading mail addresses: there is none")
    return tuple(found.values())


def without_surrogates(text: str) -> str:
    """Return `text` with lone surrogates replaced, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
