"""Users who can read the configuration if a web server starts the program."""

import os
import re
import subprocess

import pytest

import process
import servers
import stack
from test_servers import settings  # noqa: F401

pytestmark = pytest.mark.plain_build

README = os.path.join(stack.TOP, "README.md")


def unreadable(kind):
    """Its configuration is root's, as one finds /etc/sessgate at first."""
    class Unreadable(kind):
        def open(self):
            super().open()
            etc = os.path.join(self.folder, "etc")
            if not os.path.exists(etc):
                os.mkdir(etc, 0o700)
                os.rename(self.config, etc + "/sessgate.conf")
                os.chmod(etc + "/sessgate.conf", 0o640)
                os.chown(etc + "/sessgate.conf", 0, 0)
                self.config = etc + "/sessgate.conf"
                self.prepare(etc)

        def prepare(self, etc):
            """Before the server starts."""
    return Unreadable


def paste_the_rights(etc):
    """The lines of README's mod_fcgid that let the web server's user read."""
    with open(README, encoding="utf-8") as file:
        block = re.search(r"^```sh\n(install -d -m 0750 -g www-data.*?)^```$",
                          file.read(), re.M | re.S)[1]
    subprocess.run(["/bin/sh", "-ec", block.replace("/etc/sessgate", etc)],
                   check=True)


@pytest.mark.skipif(not servers.USER, reason="needs another user's rights")
@pytest.mark.parametrize("name", ["apache-fcgid", "lighttpd-bin-path"])
def test_a_server_that_starts_it_reads_the_configuration_by_readmes_lines(
        place, settings, redis, alice, name):  # noqa: F811
    kind = unreadable(servers.KINDS[name])
    made = type("Pasted", (kind,), {
        "prepare": lambda self, etc: paste_the_rights(etc)})(
        place("w"), settings)
    try:
        servers.Client(made.port).log_in(alice)
    finally:
        made.close()


@pytest.mark.skipif(not servers.USER, reason="needs another user's rights")
def test_without_these_lines_every_request_of_mod_fcgid_is_500(
        place, settings, redis, alice):  # noqa: F811
    made = unreadable(servers.ApacheFcgid)(place("w"), settings)
    try:
        client = servers.Client(made.port, timeout=30)
        assert client.ask("POST", "/login", alice.login).status == 500
        paste_the_rights(os.path.dirname(made.config))
        assert process.until(
            lambda: client.ask("POST", "/login", alice.login).status == 200,
            20 * process.SLACK, 1) is not None
    finally:
        made.close()
