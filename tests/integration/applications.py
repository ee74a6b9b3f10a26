"""Applications of Debian's packages, copied into a test's folder.

Each is a site of sites.py with the whole host behind the gate, the
application's files as its root and a database in the run's MariaDB.
"""

import contextlib
import os
import shutil
import subprocess

import process
import sites
import stack


class Php(stack.PhpFpm):
    """PHP-FPM with the extensions that the machine has."""

    def launch(self):
        conf = self.write_conf()
        self.process = process.Process(
            [process.tool_like("php-fpm*"), "-F", "-y", conf, "-d",
             "opcache.enable=0"],
            os.path.join(self.folder, "php-fpm.log"),
            user="www-data" if stack.IS_ROOT else None)
        self.process.await_ready(lambda: process.can_connect(self.path))


def php(script, *args, **env):
    """Runs PHP of the command line to its end."""
    done = subprocess.run(
        [process.tool("php"), "-r", script, *args], capture_output=True,
        text=True, check=False, env={"PATH": process.PATH, **env})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def contrib(name):
    return os.path.join(stack.TOP, "contrib", "applications", name)


def database(mysql, name):
    """A new one, which the program may read."""
    with mysql.admin(database=None) as sql:
        sql.execute(f"DROP DATABASE IF EXISTS {name}")
        sql.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        sql.execute(f"CREATE USER IF NOT EXISTS {name}@localhost "
                    "IDENTIFIED BY 'app-secret'")
        sql.execute(f"GRANT ALL ON {name}.* TO {name}@localhost")
    os.chmod(mysql.data, 0o711)
    return f"mysql://{name}:app-secret@localhost/{name}?socket={mysql.path}"


WP_CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', 'app-secret');
define('DB_HOST', 'localhost:%s');
define('DB_CHARSET', 'utf8mb4');
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', 'k' . $name);
    define($name . '_SALT', 's' . $name);
}
define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
INSTALL = """
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = $argv[2];
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Site', 'boss', 'boss@example.org', true, '', 'pw of boss');
wp_insert_user(['user_login' => 'sub', 'user_pass' => 'pw of sub',
    'user_email' => 'sub@example.org', 'role' => 'subscriber']);
update_option('permalink_structure', '/%postname%/');
update_option('siteurl', 'http://' . $argv[2]);
update_option('home', 'http://' . $argv[2]);
"""


class WordPress:
    """Mixed into a site whose whole host is guarded."""

    rules = ("/wp-admin/ login", "/ public")
    extra_rewrite = ""

    def __init__(self, folder, settings, mysql):
        if not os.path.exists("/usr/share/wordpress/wp-load.php"):
            process.lacking("wordpress")
        self.mysql = mysql
        url = database(mysql, "wordpress")
        super().__init__(folder, {
            **settings, "mysql.url": url,
            "gate.rule": "\nrule = ".join(self.rules)})

    def write(self, name, text):
        if name == "sessgate.conf":
            path = os.path.join(stack.TOP, "etc", "sql", "wordpress.conf")
            with open(path, encoding="utf-8") as file:
                text += file.read()
        return super().write(name, text)

    def make_php(self, folder):
        return Php(folder, {})

    def open(self):
        if not os.path.exists(os.path.join(self.root, "wp-load.php")):
            self.install()
        super().open()

    def install(self):
        shutil.rmtree(self.root)
        subprocess.run(["cp", "-rL", "/usr/share/wordpress", self.root],
                       check=True)
        # Debian's, which are links: no part of the application
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.root, ".htaccess"))
        shutil.rmtree(os.path.join(self.root, "wp-content/languages"),
                      ignore_errors=True)
        with open(os.path.join(self.root, "wp-config.php"), "w",
                  encoding="ascii") as file:
            file.write(WP_CONFIG % self.mysql.path)
        php(INSTALL, self.root, f"127.0.0.1:{self.port}")
        plugins = os.path.join(self.root, "wp-content", "mu-plugins")
        os.makedirs(plugins, exist_ok=True)
        shutil.copy(contrib("wordpress-sessgate.php"),
                    os.path.join(plugins, "sessgate.php"))
        subprocess.run(["chmod", "-R", "a+rX", self.root], check=True)


PERMALINKS = "location / { try_files $uri $uri/ /index.php$is_args$args; }\n"
HTACCESS = """RewriteEngine On
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteBase /
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
"""


class WordPressNginx(WordPress, sites.NginxServer):
    extra = PERMALINKS


class WithHtaccess(WordPress, sites.ApacheSite):
    overrides = "All"

    def install(self):
        super().install()
        with open(os.path.join(self.root, ".htaccess"), "w",
                  encoding="ascii") as file:
            file.write(HTACCESS)


class WordPressApache(WithHtaccess, sites.ApacheHost):
    modules = (*sites.ApacheHost.modules, "rewrite")


class WordPressModule(WithHtaccess, sites.ApacheModuleHost):
    modules = (*sites.ApacheModuleHost.modules, "rewrite")


class WordPressLighttpd(WordPress, sites.LighttpdHost):
    modules = ("mod_setenv", "mod_rewrite", "mod_fastcgi")
    extra = ('url.rewrite-if-not-file = ( "^/sessgate/.*" => "$0", '
             '"^/(wp-admin|wp-includes|wp-content)/.*" => "$0", '
             '"^/[^?]*(\\?.*)?$" => "/index.php$1" )')


WORDPRESS = {"nginx": WordPressNginx, "apache": WordPressApache,
             "apache-module": WordPressModule,
             "lighttpd": WordPressLighttpd}
