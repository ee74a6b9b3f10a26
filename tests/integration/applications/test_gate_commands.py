"""Command lines behind the gate: git, curl, and the client's Authorization."""

import os
import re
import subprocess

import pytest

import process
import servers
import sites
from sites import FOLDER
from test_gate_inherited import BASIC, start  # noqa: F401

pytestmark = pytest.mark.plain_build

# of "admin" and "x": openssl passwd -apr1
HTPASSWD = "admin:$apr1$LUHXZTdz$XUrXzi5GOpXyB8YD5lnok.\n"


def kept(kind, *words):
    """The printed lines without those that drop the header."""
    class Kept(kind):
        def printed(self, name):
            return "\n".join(
                line for line in super().printed(name).split("\n")
                if line.startswith("#") or
                not any(word in line for word in words))
    return Kept


@pytest.mark.parametrize("kind", [
    sites.Lighttpd, sites.LighttpdHost, sites.Apache, sites.ApacheHost,
    sites.Nginx, sites.NginxHost, sites.NginxServer, sites.NginxProxy,
    sites.ApacheProxy])
@pytest.mark.parametrize("is_kept", [False, True])
def test_authorization_is_dropped_unless_its_lines_are_left_out(
        start, alice, kind, is_kept):  # noqa: F811
    if is_kept:
        kind = kept(kind, "uthorization", "AUTHORIZATION")
    visitor = sites.Visitor(start(kind).port)
    visitor.log_in(alice)
    server = visitor.see(headers=BASIC)["server"]
    assert server.get("PHP_AUTH_USER") == ("admin" if is_kept else None)
    assert ("admin" in str(server)) == is_kept
    assert ("YWRtaW46eA==" in str(server)) == is_kept


def make_repository(folder):
    """A bare repository, as a server of plain files needs it."""
    env = {"PATH": process.PATH, "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1"}
    for name in ("AUTHOR", "COMMITTER"):
        env.update({f"GIT_{name}_NAME": "x", f"GIT_{name}_EMAIL": "x@x"})

    def git(*words):
        subprocess.run([process.tool("git"), *words], check=True, env=env,
                       capture_output=True)
    work = os.path.join(folder, "work")
    git("init", "-q", work)
    git("-C", work, "commit", "-q", "--allow-empty", "-m", "one")
    return work, git


class WithGit:
    """A session or a password of the web server opens it, by doc/gate.md."""

    block = ""  # of doc/gate.md

    def launch(self):
        self.htpasswd = self.write("htpasswd", HTPASSWD)
        target = self.root + FOLDER + "repo.git"
        if not os.path.exists(target):
            work, git = make_repository(self.folder)
            git("clone", "-q", "--bare", work, target)
            git("-C", target, "update-server-info")
            subprocess.run(["chmod", "-R", "a+rX", target], check=True)
        super().launch()

    @property
    def extra(self):
        with open(os.path.join(sites.stack.TOP, "doc", "gate.md"),
                  encoding="utf-8") as file:
            text = file.read()
        block = text.partition(f"```{self.block}\n")[2].partition("```")[0]
        assert block
        return re.sub(r"/etc/\w+/git\.htpasswd", self.htpasswd, block)


class NginxWithGit(WithGit, sites.Nginx):
    block = "nginx-git"


class ApacheWithGit(WithGit, sites.Apache):
    block = "apache-git"
    modules = (*sites.Apache.modules, "auth_basic", "authn_file")


class ApacheModuleWithGit(WithGit, sites.ApacheModule):
    block = "apache-module-git"
    modules = (*sites.ApacheModule.modules, "auth_basic", "authn_file")


class LighttpdWithGit(WithGit, sites.Lighttpd):
    block = "lighttpd-git"


class LighttpdWithAuth(LighttpdWithGit):
    """The site has loaded these modules before (lighty-enable-mod auth)."""

    modules = ("mod_auth", "mod_authn_file", *sites.Lighttpd.modules)


class LighttpdHostWithGit(LighttpdWithGit, sites.LighttpdHost):
    pass


class ApacheHostWithGit(ApacheWithGit):
    guards = "/"


class ApacheModuleHostWithGit(ApacheModuleWithGit):
    guards = "/"


GIT = [NginxWithGit, ApacheModuleWithGit, ApacheWithGit, ApacheHostWithGit,
       ApacheModuleHostWithGit, LighttpdWithGit,
       LighttpdWithAuth, LighttpdHostWithGit]


def clone(site, folder, *words, user=""):
    target = os.path.join(folder, "clone")
    done = subprocess.run(
        [process.tool("git"), *words, "clone", "-q",
         f"http://{user}127.0.0.1:{site.port}{FOLDER}repo.git", target],
        env={"PATH": process.PATH, "HOME": folder, "GIT_TERMINAL_PROMPT": "0",
             "GIT_CONFIG_NOSYSTEM": "1"}, capture_output=True, text=True,
        check=False)
    return done.returncode == 0 and os.path.exists(target + "/.git"), done


@pytest.mark.parametrize("kind", GIT)
def test_git_clones_with_a_password_of_the_server_or_with_a_session(
        start, place, alice, kind):  # noqa: F811
    site = start(kind)
    assert not clone(site, place("c"))[0]
    assert not clone(site, place("c"), user="admin:wrong@")[0]
    done, output = clone(site, place("c"), user="admin:x@")
    assert done, output
    folder = place("c")
    jar = os.path.join(folder, "jar")
    subprocess.run(
        [process.tool("curl"), "-sf", "--noproxy", "*", "-c", jar, "--json",
         servers.gates.json.dumps(alice.login),
         f"http://127.0.0.1:{site.port}/sessgate/login"], check=True,
        env={"PATH": process.PATH, "HOME": folder}, capture_output=True)
    done, output = clone(site, folder, "-c", f"http.cookieFile={jar}")
    assert done, output


CLAIMS = [None, "Basic", "Basic ", "basic", "Basic !", "BASIC YWRtaW46eQ==",
          "Basic YWRtaW46", "Basic Onh4", "Bearer YWRtaW46eA==", "Digest x",
          " Basic YWRtaW46eQ==", "Basic YWRtaW46eQ==, Basic YWRtaW46eA=="]


@pytest.mark.parametrize("kind", GIT)
def test_the_password_opens_the_repository_and_nothing_beside_it(
        start, alice, kind):  # noqa: F811
    visitor = sites.Visitor(start(kind).port)
    repository = FOLDER + "repo.git/HEAD"
    for path in (FOLDER + "page.html", FOLDER + "who.php",
                 FOLDER + "repo.gits", FOLDER + "repo.git/../page.html",
                 FOLDER + "repo.git%2f..%2fpage.html"):
        came = visitor.ask("GET", path, headers=BASIC)
        assert came.status in (400, 401, 403, 404), (path, came)
    for claim in CLAIMS:
        came = visitor.ask("GET", repository, headers=[
            ("Authorization", claim)] if claim else [])
        assert came.status in (400, 401), (claim, came)
    assert visitor.ask("GET", repository, headers=[
        ("Authorization", "basic YWRtaW46eA==")]).text.startswith("ref: ")
    came = visitor.ask("GET", repository)
    assert "basic" in came.headers["WWW-Authenticate"].lower()
    visitor.log_in(alice)
    assert visitor.ask("GET", repository).text.startswith("ref: ")
    visitor.log_out()
    visitor.cookie = None
    assert visitor.ask("GET", repository).status == 401
