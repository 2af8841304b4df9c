"""Mail over SMTP, verified TLS only, the whole conversation within one deadline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.alerts.mime import addresses, build_mail, one_address
from monitor.alerts.reached import Reached
from monitor.alerts.smtp import Said, converse
from monitor.errors import DeliveryFailed
from monitor.log import get_logger
from monitor.model.delivery import EmailChannel, Message, Receipt

log = get_logger("email")


class EmailSender:
    """Send messages over SMTP; `data` holds who has been reached already, for several addresses.

    A mail server is named by the person who runs the program and may stand in a private network;
    it is told by its certificate, not by its address.
    """

    def __init__(self, channel: EmailChannel, *, data: Path) -> None:
        self._channel = channel
        self._data = data

    def send(self, message: Message, *, deadline: float) -> Receipt:
        """Send to each address that has not taken `message` yet; each gets a mail of its own.

        A 4xx or a lost connection is tried again for that address only; a 5xx about it is final.
        Raises DeliveryFailed, permanent when nobody is left who could still take it.
        """
        try:
            named = {address.addr_spec: address for address in addresses(self._channel.to)}
            sender = one_address(self._channel.sender).addr_spec
        except ValueError as error:
            raise DeliveryFailed(str(error), needs_person=True) from error
        everyone = list(named)
        reached = Reached(self._data, message.id)
        known = reached.read(everyone) if len(everyone) > 1 else {}
        mails = {
            address: build_mail(
                message,
                sender=self._channel.sender,
                to=str(named[address]),
                neutral_subject=self._channel.neutral_subject,
            ).as_bytes()
            for address in everyone
            if address not in known
        }
        said = (
            converse(self._channel, sender, mails, deadline=min(deadline, self._channel.timeout))
            if mails
            else {}
        )
        self._keep(reached, {**known, **_final(said)}, everyone)
        return _sum_up(everyone, known, said)

    def _keep(self, reached: Reached, final: Mapping[str, str], everyone: list[str]) -> None:
        if len(everyone) == 1:
            return
        try:
            if len(final) == len(everyone):
                reached.forget()
            else:
                reached.write(final)
        except OSError as error:
            # The mails are out; the worst that follows is a copy with the same Message-ID.
            log.warning("who was reached could not be kept", error=str(error))


def _final(said: Mapping[str, Said]) -> dict[str, str]:
    return {
        address: "taken" if answer.accepted else str(answer)
        for address, answer in said.items()
        if answer.accepted or answer.refused
    }


def _sum_up(everyone: list[str], known: Mapping[str, str], said: Mapping[str, Said]) -> Receipt:
    """Return the receipt when everybody has it; else raise what became of the others."""
    final = {**known, **_final(said)}
    refused = {address: answer for address, answer in final.items() if answer != "taken"}
    waiting = [address for address in everyone if address not in final]
    if not refused and not waiting:
        return Receipt(response=str(list(said.values())[-1]) if said else "taken before")
    alone = len(everyone) == 1
    problems = [answer if alone else f"{address}: {answer}" for address, answer in refused.items()]
    for address in waiting:
        answer = str(said.get(address, "the conversation ended before"))
        problems.append(answer if alone else f"{address}: {answer}")
    taken = len(everyone) - len(refused) - len(waiting)
    counts = "" if alone else f"{taken} of {len(everyone)} have it; "
    raise DeliveryFailed(
        f"the mail server did not take it: {counts}{'; '.join(problems)}", permanent=not waiting
    )
