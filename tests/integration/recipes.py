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
import gate as gates
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
    beside = {}  # attributes of the site, by web server

    def __init__(self, folder, settings, mysql):
        if not os.path.exists(self.probe):
            process.lacking(self.package)
        self.mysql = mysql
        super().__init__(folder, {**settings, **self.settings(),
                                  "gate.rule": "\nrule = ".join(self.rules)})

    def settings(self):
        return {}

    def make_php(self, folder):
        return applications.Php(folder, {})

    @property
    def home(self):
        return self.root + self.at

    def block(self, person):
        """The database that the gate reads; here a table of its own."""
        with self.mysql.admin() as sql:
            sql.execute("DELETE FROM users WHERE email = %s",
                        (person["email"],))

    def unblock(self, person):
        """Each test adds its people anew."""

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


class MediaWiki(Packaged):
    package, probe = "mediawiki", "/usr/share/mediawiki/index.php"
    rules = ("/ public",)
    beside = {
        "nginx": {"extra": block_of("mediawiki.md", "nginx")},
        "apache": {
            "modules": (*sites.ApacheHost.modules, "alias"),
            "extra": property(lambda self: block_of(
                "mediawiki.md", "apache").replace("/var/www/html", self.root))},
        "lighttpd": {
            "modules": ("mod_setenv", "mod_rewrite", "mod_fastcgi"),
            "extra": block_of("mediawiki.md", "lighttpd")}}

    def settings(self):
        return {"mysql.url": applications.database(self.mysql, "mediawiki")}

    def write(self, name, text):
        if name == "sessgate.conf":
            path = os.path.join(stack.TOP, "etc", "sql", "mediawiki139.conf")
            with open(path, encoding="utf-8") as file:
                text += file.read()
        return super().write(name, text)

    def run_php(self, script, *args, typed=""):
        done = subprocess.run(
            [process.tool("php"), f"{self.root}/maintenance/{script}.php",
             *args], capture_output=True, text=True, check=False,
            input=typed, env={"PATH": process.PATH})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def block(self, person):
        self.run_php("blockUsers", "--performer", "Boss",
                     typed=person["email"] + "\n")

    def unblock(self, person):
        self.run_php("blockUsers", "--performer", "Boss", "--unblock",
                     typed=person["email"] + "\n")

    def install(self):
        copy("/usr/share/mediawiki", self.root)
        for name in ("LocalSettings.php", "config", "extensions", "images"):
            os.unlink(f"{self.root}/{name}")
        for name in ("extensions", "images", "cache"):
            os.mkdir(f"{self.root}/{name}")
        self.run_php(
            "install", "--dbserver", f"localhost:{self.mysql.path}",
            "--dbname", "mediawiki", "--dbuser", "mediawiki", "--dbpass",
            "app-secret", "--scriptpath", "", "--server",
            f"http://127.0.0.1:{self.port}", "--pass", "the pw of Boss",
            "Wiki", "Boss")
        self.run_php("createAndPromote", "Sub", "the pw of Sub")
        shutil.copy(applications.contrib("mediawiki-sessgate.php"), self.root)
        with open(self.root + "/LocalSettings.php", "a",
                  encoding="utf-8") as file:
            file.write("$wgArticlePath = '/wiki/$1';\n"
                       "$wgUsePathInfo = true;\n"
                       + block_of("mediawiki.md", "php"))
        owned(self.root + "/images")
        owned(self.root + "/cache")


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


def on(name, whole, folder):
    """Behind this server's gate of a host, or of a folder."""
    def site(application):
        kind = whole if application.guards == "/" else folder
        return type("Behind" + kind.__name__, (application, kind),
                    application.beside.get(name, {}))
    return site


SERVERS = {"nginx": on("nginx", sites.NginxServer, sites.Nginx),
           "lighttpd": on("lighttpd", sites.LighttpdHost, sites.Lighttpd),
           "apache": on("apache", sites.ApacheHost, sites.Apache),
           "apache-module": on("apache", sites.ApacheModuleHost,
                               sites.ApacheModule)}


class Recipe:
    """The site, who logs in to it, and how the application says who it is."""

    def __init__(self, site, page, first, second, shown, *, own_pages):
        self.site, self.page = site, page
        self.first, self.second = first, second
        self.shown = re.compile(shown)
        self.own_pages = own_pages  # the application's own login and logout

    def who(self, came):
        found = self.shown.search(came.text)
        return found and found[1]


def by_address(name):
    return {"email": f"{name}@example.org", "password": "correct horse"}


RECIPES = {
    "dokuwiki": Recipe(
        DokuWiki, "/doku.php?id=start",
        (by_address("a"), "a@example.org"), (by_address("b"), "b@example.org"),
        r'class="user">[^(]*<bdi>[^<]*</bdi> \(<bdi>([^<]*)</bdi>\)',
        own_pages=("/doku.php?id=start&do=login",
                   "/doku.php?id=start&do=logout")),
    "mediawiki": Recipe(
        MediaWiki, "/index.php?title=Main_Page",
        ({"email": "Boss", "password": "the pw of Boss"}, "Boss"),
        ({"email": "Sub", "password": "the pw of Sub"}, "Sub"),
        r'"wgUserName":"([^"]*)"',
        own_pages=("/index.php?title=Special:UserLogin",
                   "/index.php?title=Special:UserLogout")),
    "phpmyadmin": Recipe(
        PhpMyAdmin, "/phpmyadmin/index.php?route=/&lang=en",
        (by_address("a"), "pma_a"),
        (by_address("b"), "pma_b"),
        r'auth_type:"signon",user:"([^"]+)"',
        own_pages=("/phpmyadmin/", "/phpmyadmin/index.php?route=/logout")),
}


class Jar(sites.Visitor):
    """Keeps each cookie, the application's own as well."""

    def __init__(self, port):
        super().__init__(port)
        self.cookies = {}

    def ask(self, *args, **kind):
        self.cookie = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        came = super().ask(*args, **kind)
        for line in came.headers.get_all("Set-Cookie", []):
            cookie = gates.Cookie(line)
            self.cookies.pop(cookie.name, None)
            if cookie.value and cookie.value != "deleted":
                self.cookies[cookie.name] = cookie.value
        return came

    def page(self, path, method="GET", **kind):
        return self.ask(method, path, headers=sites.NAVIGATION, **kind)

    def enter(self, login):
        came = self.ask("POST", "/sessgate/login", login)
        assert came.status == 200, came

    def followed(self, path, **kind):
        for _ in range(5):
            came = self.page(path, **kind)
            if came.status not in (301, 302, 303):
                break
            path = re.sub("^https?://[^/]*", "", came.headers["Location"])
            kind = {}
        return came
