"""The ways out of settings.toml: `direct`, `tor`, and the proxies a person names."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from monitor.config.channels import ChannelBuilder
from monitor.config.reader import suggestion_cure
from monitor.config.secrets import SecretMissing, SecretPlaces
from monitor.config.settings_form import EgressForm, SettingsForm
from monitor.model import DIRECT, TOR, Egress


def build_ways(
    form: SettingsForm, builder: ChannelBuilder, places: SecretPlaces
) -> tuple[Egress, ...]:
    """Return every way out there is; what is wrong with one is told to `builder`.

    `tor` is where Tor listens on this machine, unless a section of that name says otherwise.
    """
    ways = {DIRECT.name: DIRECT, TOR.name: TOR}
    for name, each in form.egress.items():
        if name == DIRECT.name:
            builder.tell(
                ("egress", name), "'direct' is the way without a proxy", "give it another name"
            )
            continue
        ways[name] = Egress(name=name, proxy=_add_login(name, each, builder, places))
    if form.network.egress not in ways:
        builder.tell(
            ("network", "egress"),
            f"there is no way out called {form.network.egress!r}",
            suggestion_cure(form.network.egress, ways),
        )
    return tuple(ways.values())


def _add_login(
    name: str, form: EgressForm, builder: ChannelBuilder, places: SecretPlaces
) -> str | None:
    """Return the proxy's address with its login, or None when the login cannot be had."""
    where = ("egress", name)
    named = [
        (key, read, place)
        for key, read, place in (
            ("password_file", places.read_file, form.password_file),
            ("password_env", places.read_variable, form.password_env),
        )
        if place is not None
    ]
    if form.username is None:
        if named:
            builder.tell(where, "a password without a 'username'", "add the user name")
        return form.proxy
    if not named:
        builder.tell(
            (*where, "username"),
            "a 'username' without a password",
            'write password_file = "proxy-password"',
        )
        return form.proxy
    key, read, place = named[0]
    try:
        password = read(place)
    except SecretMissing as missing:
        builder.tell((*where, key), missing.problem, missing.cure)
        return form.proxy
    parts = urlsplit(form.proxy)
    login = f"{quote(form.username, safe='')}:{quote(password, safe='')}"
    return f"{parts.scheme}://{login}@{parts.netloc}"
