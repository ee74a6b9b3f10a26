"""Applications of doc/applications beside WordPress, of Debian's packages.

Each is a site of sites.py: the package's files, copied, behind a printed
configuration, and the glue of contrib/applications.  `RECIPES` has a row for
each: the site, two people and what the application shows of one.
"""

import os
import re
import shutil
import subprocess

import applications
import process
import servers
import sites
import stack


def block_of(name, kind):
    """A block of doc/applications that a reader is to paste."""
    path = os.path.join(stack.TOP, "doc", "applications", name)
    with open(path, encoding="utf-8") as file:
        found = re.search(rf"^( *)```{kind}\n(.*?)^\1```$", file.read(),
                          re.MULTILINE | re.DOTALL)
    assert found, (name, kind)
    return re.sub(rf"^{found[1]}", "", found[2], flags=re.MULTILINE)


class Packaged:
    """Mixed into a site: a package's files in its docroot."""

    package = probe = ""
    rules = ("/ login",)
    guards = "/"
    at = "/"  # where in the docroot the application lies

    def __init__(self, folder, settings, mysql):
        if not os.path.exists(self.probe):
            process.lacking(self.package)
        self.mysql = mysql
        super().__init__(folder, {
            **settings, "gate.rule": "\nrule = ".join(self.rules)})

    def make_php(self, folder):
        return applications.Php(folder, {})

    @property
    def home(self):
        return self.root + self.at

    def open(self):
        if not os.path.exists(self.root + "/.installed"):
            if self.at == "/":
                shutil.rmtree(self.root)
            self.install()
            open(self.root + "/.installed", "w", encoding="ascii").close()
            subprocess.run(["chmod", "-R", "a+rX", self.root], check=True)
        super().open()

    def put(self, path, text, mode=0o644):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)


def copy(source, target):
    """A tree, what its links lead to in the place of the links."""
    subprocess.run(["cp", "-r", source, target], check=True)


def owned(path):
    if servers.USER:
        subprocess.run(["chown", "-R", servers.USER, path], check=True)


class DokuWiki(Packaged):
    package, probe = "dokuwiki", "/usr/share/dokuwiki/doku.php"
    rules = ("/ public",)

    def install(self):
        copy("/usr/share/dokuwiki", self.root)
        for name in ("lib/plugins", "lib/tpl"):
            os.unlink(f"{self.root}/{name}")
            copy(f"/var/lib/dokuwiki/{name}", f"{self.root}/{name}")
        os.unlink(self.root + "/.htaccess")
        copy(applications.contrib("dokuwiki-authsessgate"),
             self.root + "/lib/plugins/authsessgate")
        conf, data = self.folder + "/conf/", self.folder + "/data"
        shutil.copytree("/etc/dokuwiki", conf, ignore=lambda *_: [
            "acl.auth.php", "users.auth.php", ".htaccess"])
        shutil.copytree("/var/lib/dokuwiki/data", data)
        self.put(self.root + "/inc/preload.php",
                 f"<?php define('DOKU_CONF', '{conf}');\n")
        self.put(conf + "local.php", "<?php\n" + block_of(
            "dokuwiki.md", "php") + f"$conf['savedir'] = '{data}';\n")
        self.put(conf + "acl.auth.php",
                 "* @ALL 1\n* @user 8\nstaff:* @ALL 0\nstaff:* @editor 8\n")
        self.put(conf + "users.auth.php", "")
        owned(conf)
        owned(data)


class PhpMyAdmin(Packaged):
    package, probe = "phpmyadmin", "/usr/share/phpmyadmin/index.php"
    at = guards = "/phpmyadmin/"

    def install(self):
        copy("/usr/share/phpmyadmin", self.home.rstrip("/"))
        for name in ("tmp", "pma-sessions"):
            os.makedirs(f"{self.folder}/{name}", exist_ok=True)
            owned(f"{self.folder}/{name}")
        path = self.home + "libraries/vendor_config.php"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.put(path, text.replace(
            "/etc/phpmyadmin/", self.folder + "/").replace(
            "/var/lib/phpmyadmin/", self.folder + "/"))
        shutil.copy(applications.contrib("phpmyadmin-sessgate.php"),
                    self.folder)
        block = block_of("phpmyadmin.md", "php")
        self.put(self.folder + "/config.inc.php", "<?php\n" + block.replace(
            "/etc/phpmyadmin/", self.folder + "/") + f"""
$cfg['Servers'][1]['socket'] = '{self.mysql.path}';
$cfg['SessionSavePath'] = '{self.folder}/pma-sessions';
$cfg['blowfish_secret'] = str_repeat('x', 32);
""")
        with self.mysql.admin(database=None) as sql:
            for name in ("pma_a", "pma_b"):
                sql.execute(f"CREATE USER IF NOT EXISTS {name}@localhost "
                            "IDENTIFIED BY 'account-secret'")
        os.chmod(self.mysql.data, 0o711)
        self.put(self.folder + "/sessgate-accounts.php", """<?php return [
'a@example.org' => ['pma_a', 'account-secret'],
'b@example.org' => ['pma_b', 'account-secret']];
""")


def on(whole, folder):
    """Behind this server's gate of a host, or of a folder."""
    def site(application):
        kind = whole if application.guards == "/" else folder
        return type("Behind" + kind.__name__, (application, kind), {})
    return site


SERVERS = {"nginx": on(sites.NginxServer, sites.Nginx),
           "lighttpd": on(sites.LighttpdHost, sites.Lighttpd),
           "apache": on(sites.ApacheHost, sites.Apache)}


class Recipe:
    """The site, who logs in to it, and how the application says who it is."""

    def __init__(self, site, page, first, second, shown):
        self.site, self.page = site, page
        self.first, self.second = first, second
        self.shown = re.compile(shown)

    def who(self, came):
        found = self.shown.search(came.text)
        return found and found[1]


def by_address(name):
    return {"email": f"{name}@example.org", "password": "correct horse"}


RECIPES = {
    "dokuwiki": Recipe(
        DokuWiki, "/doku.php?id=start",
        (by_address("a"), "a@example.org"), (by_address("b"), "b@example.org"),
        r'class="user">[^(]*<bdi>[^<]*</bdi> \(<bdi>([^<]*)</bdi>\)'),
    "phpmyadmin": Recipe(
        PhpMyAdmin, "/phpmyadmin/index.php?route=/&lang=en",
        (by_address("a"), "pma_a"),
        (by_address("b"), "pma_b"),
        r'auth_type:"signon",user:"([^"]+)"'),
}
