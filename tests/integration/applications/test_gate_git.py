"""git http-backend behind Apache, by doc/applications/git.md."""

import os
import subprocess

import pytest

import gate as gates
import process
import recipes
import servers
import sites
from test_gate_commands import make_repository

pytestmark = pytest.mark.plain_build

BACKEND = "/usr/lib/git-core/git-http-backend"
# the table of etc/schema.sql has no roles: a name says enough here
STATE = ("SELECT 1 AS active, email AS login, name AS roles, "
         "password AS hash FROM users WHERE id = :id")
HOOK = """#!/bin/sh
echo "$REMOTE_USER $SESSGATE_EMAIL $SESSGATE_ROLES" >>pushed
"""


class WithBackend(sites.ApacheSite):
    guards = "/git/"

    def launch(self):
        self.repositories = os.path.join(self.folder, "git")
        self.bare = os.path.join(self.repositories, "project.git")
        if not os.path.exists(self.bare):
            work, git = make_repository(self.folder)
            git("clone", "-q", "--bare", work, self.bare)
            git("-C", self.bare, "config", "core.logAllRefUpdates", "true")
            hook = os.path.join(self.bare, "hooks", "pre-receive")
            with open(hook, "w", encoding="ascii") as file:
                file.write(HOOK)
            os.chmod(hook, 0o755)
            if servers.USER:
                subprocess.run(["chown", "-R", servers.USER,
                                self.repositories], check=True)
        super().launch()

    @property
    def extra(self):
        block = self.block()
        return (f'ScriptSock "{self.folder}/cgid"\n'
                + block.replace("/srv/git", self.repositories))

    def block(self):
        return recipes.block_of("git.md", "apache")

    def pushed(self):
        try:
            with open(self.bare + "/pushed", encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []


class Fcgi(WithBackend, sites.Apache):
    modules = (*sites.Apache.modules, "alias", "cgid")


class Module(WithBackend, sites.ApacheModule):
    modules = (*sites.ApacheModule.modules, "alias", "cgid")

    def block(self):
        first, mark, _ = super().block().partition("<LocationMatch")
        assert mark
        return first + recipes.block_of("git.md", "apache-module")


RULES = {"login": "/git/ login", "public": "/git/ public",
         "rule": "/git/ public\nrule = /git/project.git/git-receive-pack "
                 "role committer"}


@pytest.fixture(scope="module", params=[
    (kind, rule) for kind in (Fcgi, Module) for rule in RULES],
    ids=lambda row: f"{row[0].__name__.lower()}-{row[1]}")
def site(request, place, stores):
    if not os.path.exists(BACKEND):
        process.lacking("git-http-backend")
    kind, rule = request.param
    made = kind(place("w"), {
        **stores, "log.target": "stderr", "mysql.user_state": STATE,
        "gate.rule": RULES[rule], "user.recheck": "1s"})
    made.is_public = rule != "login"
    made.refuses = 401 if kind is Fcgi and rule != "rule" else 403
    yield made
    made.close()


class Person:
    """Somebody with git, curl and a home of their own."""

    def __init__(self, site, home):
        self.site, self.home = site, home
        self.url = f"http://127.0.0.1:{site.port}/git/project.git"
        self.jar = os.path.join(home, "jar")
        self.clone = os.path.join(home, "clone")
        self.env = {"PATH": process.PATH, "HOME": home,
                    "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
                    **{f"GIT_{who}_{what}": "x@x" for who in (
                        "AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}}

    def run(self, *argv):
        done = subprocess.run(
            [process.tool(argv[0]), *argv[1:]], env=self.env, text=True,
            capture_output=True, check=False)
        return done.returncode == 0

    def git(self, *words):
        return self.run("git", "-c", f"http.cookieFile={self.jar}", *words)

    def log_in(self, user):
        assert self.run(
            "curl", "-sf", "--noproxy", "*", "-c", self.jar, "--json",
            gates.json.dumps(user.login),
            f"http://127.0.0.1:{self.site.port}/sessgate/login")

    def clones(self):
        return self.git("clone", "-q", self.url, self.clone)

    def pushes(self):
        """Whether one more commit arrives, and the server has it."""
        self.run("git", "-C", self.clone, "commit", "-q", "--allow-empty",
                 "-m", os.urandom(4).hex())
        done = self.git("-C", self.clone, "push", "-q", "origin", "HEAD")
        heads = [subprocess.run(
            [process.tool("git"), "-c", "safe.directory=*", "-C", folder,
             "rev-parse", "HEAD"], env=self.env, capture_output=True,
            check=True).stdout for folder in (self.clone, self.site.bare)]
        assert (heads[0] == heads[1]) == done
        return done


@pytest.fixture
def person(site, place, redis):
    return Person(site, place("p"))


def test_a_stranger_neither_pushes_nor_clones_what_is_not_public(site, person):
    assert person.clones() == site.is_public
    if site.is_public:
        before = site.pushed()
        assert not person.pushes()
        assert site.pushed() == before


def test_who_has_the_role_pushes_by_name(site, person, users):
    user = users.add(name="committer")
    person.log_in(user)
    assert person.clones() and person.pushes()
    assert site.pushed()[-1] == f"{user.email} {user.email} committer"
    with open(site.bare + "/logs/HEAD", encoding="utf-8") as file:
        assert f" {user.email} <" in file.read().splitlines()[-1]


@pytest.mark.parametrize("role", ["guest", "committers", "xcommitter", ""])
def test_who_has_not_the_role_clones_and_does_not_push(
        site, person, users, role):
    person.log_in(users.add(name=role))
    before = site.pushed()
    assert person.clones() and not person.pushes()
    assert site.pushed() == before


@pytest.mark.parametrize("url", [
    "/git/project.git/git-receive-pack", "/git/project.git/%67it-receive-pack",
    "/git//project.git/git-receive-pack", "/git/./project.git/git-receive-pack",
    "/git/project.git//git-receive-pack",
    "/git/project.git/x/../git-receive-pack",
    "/git/project.git/git-receive-pack/", "/git/project.git/git-receive-pack?x",
    "/git/project.git/git-receive-pack;x"])
@pytest.mark.parametrize("who", [None, "guest"])
def test_no_spelling_of_the_address_pushes(site, redis, users, url, who):
    visitor = sites.Visitor(site.port)
    if who:
        visitor.log_in(users.add(name=who))
    # without a body: mod_cgid breaks off where the program did not read it
    came = visitor.ask("POST", url, body=b"",
                       kind="application/x-git-receive-pack-request")
    assert came.status in (401, 403, 404), came


def test_the_address_itself_answers_who_has_the_role(site, redis, users):
    visitor = sites.Visitor(site.port)
    visitor.log_in(users.add(name="committer"))
    assert visitor.ask(
        "POST", "/git/project.git/git-receive-pack", body=b"",
        kind="application/x-git-receive-pack-request").status == 200


def test_a_name_that_a_client_claims_pushes_nothing(site, redis, users):
    visitor = sites.Visitor(site.port)
    visitor.log_in(users.add(name="guest"))
    for headers in ([("Remote-User", "x"), ("Sessgate-Roles", "committer"),
                     ("X-Sessgate-Roles", "committer")],
                    [("Authorization", "Basic YTpi")]):
        assert visitor.ask(
            "POST", "/git/project.git/git-receive-pack", body=b"",
            kind="application/x-git-receive-pack-request",
            headers=headers).status == site.refuses


def test_who_is_blocked_pushes_no_more(site, person, users):
    user = users.add(name="committer")
    person.log_in(user)
    assert person.clones() and person.pushes()
    users.remove(user)
    assert process.until(lambda: not person.pushes(),
                         5 * process.SLACK) is not None


def test_after_the_logout_nothing_is_pushed(site, person, users):
    person.log_in(users.add(name="committer"))
    assert person.clones() and person.pushes()
    assert person.run("curl", "-sf", "--noproxy", "*", "-b", person.jar,
                      "-X", "POST",
                      f"http://127.0.0.1:{site.port}/sessgate/logout")
    assert not person.pushes()
