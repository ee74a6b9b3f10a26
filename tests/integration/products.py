"""The products of etc/sql: their users, and a database for each.

The table is as the product makes it (tests/data/products), the stored
passwords were written by the product's code (tests/data/passwords.txt), and
the database accounts have what the set's GRANT lines give and no more.
"""

import os
import re

import pymysql

import stack

ETC = os.path.join(stack.TOP, "etc", "sql")
DATA = os.path.join(stack.TOP, "tests", "data")
SECRET = "sql-secret"


def text_of(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def stored_hashes():
    """Of passwords.txt: name -> (password, what stands in the table)."""
    rows = [line.split("\t") for line in
            text_of(DATA, "passwords.txt").splitlines()
            if line and not line.startswith("#")]
    return {row[0]: (row[2], row[3]) for row in rows if row[4] == "right"}


STORED = stored_hashes()
# the hash in phpBB's table: the statement writes the prefix before it
STORED["phpbb-bcrypt-html-table"] = (
    "O'Brien <&> \"\\ 1", STORED["phpbb-bcrypt-html"][1][len("phpbb:"):])


class Product:
    """A product's users: how one is added, found, shown and blocked."""

    def __init__(self, name, insert, *, hashes, shown, logins, blocks,
                 roles, strong=None, uid="42", settings=None):
        self.name = name
        self.insert = insert  # SQL; %s is the stored hash of user 42
        self.hashes = hashes  # names in passwords.txt
        self.uid = uid  # of the user of all tests
        self.settings = settings or {}  # beside what the set says
        self.shown = {"id": uid, **shown}
        self.logins = logins  # what may be typed to log in
        self.blocks = blocks  # (SQL that blocks user 42, SQL that takes it back)
        self.roles = roles  # each (SQL, the roles of user 42 after that)
        self.strong = strong  # a weak hash that rehash makes a strong one of

    @property
    def conf(self):
        return text_of(ETC, self.name + ".conf")

    def with_options(self):
        """The set with everything in it that stands behind a #."""
        text = re.sub(r"^user_update =$", "", self.conf, flags=re.M) \
            if "#user_update" in self.conf else self.conf
        lines, goes_on = [], False
        for line in text.splitlines():
            if goes_on or re.match(r"#[a-z_]+ = ", line):
                goes_on = line.endswith("\\")
                line = line[1:]
            lines.append(line)
        return "\n".join(lines) + "\n"

    def grants(self):
        """The GRANT lines: (what, on which table), a list of columns each."""
        comments = "\n".join(line.lstrip("# ") for line in
                             self.conf.splitlines() if line.startswith("#"))
        return [(kind, re.split(r",\s*", columns), table)
                for kind, columns, table in re.findall(
                    r"GRANT (SELECT|UPDATE) \(([^)]*)\)\s+ON example\.(\w+)"
                    r"\s+TO sessgate@localhost;", comments)]

    def statements(self):
        """The statements that are on, parameters as the server has them."""
        text = self.conf.replace("\\\n", "")
        found = re.findall(r"^user_(?:by_\w+|state) = +(.*)$", text, re.M)
        return [re.sub(r":(login|id)\b", "?", sql) for sql in found]


def mediawiki(name, table, block):
    """Of one of the two forms of its blocks; {} is where a block ends."""
    return Product(
        name,
        "INSERT INTO user (user_id, user_name, user_real_name, user_password, "
        "user_newpassword, user_email, user_touched) VALUES "
        "(42, 'Älice Łoś', '', %s, '', 'alice@example.org', "
        "'20260101000000'), (43, 'Bob', 'Bob', 'x', '', '', "
        "'20260101000000')",
        hashes=["mediawiki-default", "mediawiki-argon2", "mediawiki-bcrypt"],
        shown={"name": "Älice Łoś", "email": "alice@example.org"},
        logins=["Älice Łoś", "älice Łoś", "Älice_Łoś"],
        blocks=[(f"INSERT INTO {table} ({block.format(expiry)}",
                 f"DELETE FROM {table}") for expiry in (
            "'infinity'",
            "DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL 1 HOUR, "
            "'%Y%m%d%H%i%s')")],
        roles=[
            ("INSERT INTO user_groups VALUES (42, 'sysop', NULL), "
             "(42, 'bureaucrat', '20200101000000'), (43, 'checkuser', NULL), "
             "(42, 'night shift', '29990101000000')",
             ["sysop", "night_shift"]),
            ("DELETE FROM user_groups", [])])


PRODUCTS = [
    Product(
        "wordpress",
        "INSERT INTO wp_users (ID, user_login, user_pass, user_nicename, "
        "user_email, user_registered, display_name) VALUES "
        "(42, 'alice', %s, 'alice', 'alice@example.org', NOW(), "
        "'Alice Łoś 🐇'), "
        "(43, 'bob', 'x', 'bob', 'bob@example.org', NOW(), 'Bob'), "
        "(41, 'alice@example.org', 'x', 'm', 'mallory@example.org', NOW(), "
        "'Mallory')",
        hashes=["wp-default", "phpass-P", "bcrypt-default"],
        shown={"name": "Alice Łoś 🐇", "email": "alice@example.org"},
        logins=["alice", "ALICE", "alice@example.org", "Alice@Example.org"],
        blocks=[("UPDATE wp_users SET user_status = 1 WHERE ID = 42",
                 "UPDATE wp_users SET user_status = 0 WHERE ID = 42")],
        roles=[(f"REPLACE INTO wp_usermeta VALUES (7, 42, '{key}', '{value}')",
                roles) for key, value, roles in (
            ("wp_capabilities", 'a:1:{s:13:"administrator";b:1;}',
             ["administrator"]),
            ("wp_capabilities",
             'a:4:{s:6:"editor";b:1;s:13:"administrator";b:0;'
             's:12:"shop manager";b:1;s:5:"a:b,c";b:1;}',
             ["editor", "shop_manager", "a:b_c"]),
            ("wp_capabilities", 'a:1:{s:13:"administrator";b:0;}', []),
            ("wp_capabilities", "a:0:{}", []),
            ("wp_2_capabilities", 'a:1:{s:6:"editor";b:1;}', []))],
        strong="phpass-P"),
    Product(
        "laravel",
        "INSERT INTO users (id, name, email, password, created_at) VALUES "
        "(42, 'Alice', 'alice@example.org', %s, NOW()), "
        "(43, 'Bob', 'bob@example.org', 'x', NOW())",
        hashes=["bcrypt-12", "argon2id-default"],
        shown={"name": "Alice", "email": "alice@example.org"},
        logins=["alice@example.org", "Alice@example.org"],
        blocks=[],
        roles=[("DO 0", [])]),
    Product(
        "phpbb",
        "INSERT INTO phpbb_users (user_id, user_type, username, "
        "username_clean, user_password, user_email, user_avatar, "
        "user_avatar_type, user_permissions, user_sig) VALUES "
        "(42, 0, 'Älice', 'älice', %s, 'alice@example.org', "
        "'42_1700000000.png', 'avatar.driver.upload', '', ''), "
        "(1, 2, 'Anonymous', 'anonymous', 'x', '', '', '', '', '')",
        hashes=["bcrypt-default", "argon2id-default",
                "phpbb-bcrypt-html-table",
               "phpass-H"],
        shown={"name": "Älice", "email": "alice@example.org",
               "image": "/download/file.php?avatar=42_1700000000.png"},
        logins=["Älice", "älice", "ÄLICE"],
        blocks=[
            (f"UPDATE phpbb_users SET user_type = {kind} WHERE user_id = 42",
             "UPDATE phpbb_users SET user_type = 0 WHERE user_id = 42")
            for kind in (1, 2)
        ] + [
            ("INSERT INTO phpbb_banlist (ban_userid, ban_end) "
             f"VALUES (42, {end})", "DELETE FROM phpbb_banlist")
            for end in ("0", "UNIX_TIMESTAMP() + 60")],
        roles=[
            ("REPLACE INTO phpbb_groups (group_id, group_type, group_name, "
             "group_desc) VALUES (4, 3, 'GLOBAL_MODERATORS', ''), "
             "(5, 3, 'ADMINISTRATORS', ''), (8, 0, 'ADMINISTRATORS,b', ''), "
             "(9, 1, 'GLOBAL MODERATORS', '')", []),
            ("INSERT INTO phpbb_user_group VALUES (5, 42, 0, 1)", []),
            ("INSERT INTO phpbb_user_group VALUES (8, 42, 1, 0), "
             "(9, 42, 0, 0), (5, 43, 0, 0)", ["group_8", "group_9"]),
            ("UPDATE phpbb_user_group SET user_pending = 0",
             ["ADMINISTRATORS", "group_8", "group_9"]),
            ("DELETE FROM phpbb_user_group", [])],
        strong="phpass-H"),
    Product(
        "phpbb4",
        "INSERT INTO phpbb_users (user_id, user_type, username, "
        "username_clean, user_password, user_email, user_avatar, "
        "user_avatar_type, user_permissions, user_sig) VALUES "
        "(42, 0, 'Älice', 'älice', %s, 'alice@example.org', "
        "'42_1700000000.png', 'avatar.driver.upload', '', ''), "
        "(1, 2, 'Anonymous', 'anonymous', 'x', '', '', '', '', '')",
        hashes=["bcrypt-default", "argon2id-default",
                "phpbb-bcrypt-html-table",
               "phpass-H"],
        shown={"name": "Älice", "email": "alice@example.org",
               "image": "/download/file.php?avatar=42_1700000000.png"},
        logins=["Älice", "älice", "ÄLICE"],
        blocks=[
            (f"UPDATE phpbb_users SET user_type = {kind} WHERE user_id = 42",
             "UPDATE phpbb_users SET user_type = 0 WHERE user_id = 42")
            for kind in (1, 2)
        ] + [
            ("INSERT INTO phpbb_bans (ban_userid, ban_mode, ban_item, ban_end) "
             f"VALUES (42, 'user', '42', {end})", "DELETE FROM phpbb_bans")
            for end in ("0", "UNIX_TIMESTAMP() + 60")],
        roles=[
            ("REPLACE INTO phpbb_groups (group_id, group_type, group_name, "
             "group_desc) VALUES (4, 3, 'GLOBAL_MODERATORS', ''), "
             "(5, 3, 'ADMINISTRATORS', ''), (8, 0, 'ADMINISTRATORS,b', ''), "
             "(9, 1, 'GLOBAL MODERATORS', '')", []),
            ("INSERT INTO phpbb_user_group VALUES (5, 42, 0, 1)", []),
            ("INSERT INTO phpbb_user_group VALUES (8, 42, 1, 0), "
             "(9, 42, 0, 0), (5, 43, 0, 0)", ["group_8", "group_9"]),
            ("UPDATE phpbb_user_group SET user_pending = 0",
             ["ADMINISTRATORS", "group_8", "group_9"]),
            ("DELETE FROM phpbb_user_group", [])],
        strong="phpass-H"),
    Product(
        "drupal7",
        "INSERT INTO users (uid, name, pass, mail, created, status) VALUES "
        "(42, 'alice', %s, 'alice@example.org', 1, 1), (0, '', '', '', 1, 1)",
        hashes=["drupal-default", "drupal-7"],
        shown={"name": "alice", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[("UPDATE users SET status = 0 WHERE uid = 42",
                 "UPDATE users SET status = 1 WHERE uid = 42")],
        roles=[
            ("REPLACE INTO role VALUES (1, 'anonymous user', 0), "
             "(2, 'authenticated user', 1), (3, 'administrator', 2), "
             "(4, 'editor, administrator', 3)", ["authenticated_user"]),
            ("INSERT INTO users_roles VALUES (43, 3), (42, 4)",
             ["authenticated_user", "editor__administrator"]),
            ("REPLACE INTO users_roles VALUES (42, 3)",
             ["authenticated_user", "administrator",
              "editor__administrator"]),
            ("DELETE FROM users_roles", ["authenticated_user"])]),
    Product(
        "drupal10",
        "INSERT INTO users_field_data (uid, langcode, name, pass, mail, "
        "status, created, access, default_langcode) VALUES "
        "(42, 'en', 'alice', %s, 'alice@example.org', 1, 1, 1, 1), "
        "(42, 'pl', 'alice', 'x', 'alice@example.org', 1, 1, 1, 0), "
        "(0, 'en', '', NULL, NULL, 0, 1, 1, 1)",
        hashes=["bcrypt-default", "drupal-default"],
        shown={"name": "alice", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[
            ("UPDATE users_field_data SET status = 0 WHERE uid = 42",
             "UPDATE users_field_data SET status = 1 WHERE uid = 42")],
        roles=[
            ("DELETE FROM user__roles", ["authenticated"]),
            ("INSERT INTO user__roles VALUES "
             "('user', 0, 42, 42, 'en', 0, 'content_editor'), "
             "('user', 0, 42, 42, 'en', 1, 'editor'), "
             "('user', 1, 42, 42, 'en', 0, 'administrator'), "
             "('user', 0, 43, 43, 'en', 0, 'administrator')",
             ["authenticated", "content_editor", "editor"]),
            ("DELETE FROM user__roles WHERE delta = 1",
             ["authenticated", "content_editor"])],
        strong="drupal-default"),
    Product(
        "django",
        "INSERT INTO auth_user (id, password, is_superuser, username, "
        "first_name, last_name, email, is_staff, is_active, date_joined) "
        "VALUES (42, %s, 0, 'alice', 'Alice', 'Liddell', "
        "'alice@example.org', 0, 1, NOW(6)), "
        "(43, '!x', 0, 'bob', '', '', '', 0, 1, NOW(6))",
        hashes=["django-600000", "django-default"],
        shown={"name": "Alice Liddell", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[("UPDATE auth_user SET is_active = 0 WHERE id = 42",
                 "UPDATE auth_user SET is_active = 1 WHERE id = 42")],
        roles=[
            ("REPLACE INTO auth_group VALUES (7, 'superuser'), (8, 'Staff'), "
             "(9, 'Night shift, west')", []),
            ("REPLACE INTO auth_user_groups (user_id, group_id) VALUES "
             "(42, 7), (42, 8), (43, 9)", []),
            ("UPDATE auth_user SET is_staff = 1 WHERE id = 42", ["staff"]),
            ("REPLACE INTO auth_user_groups (user_id, group_id) "
             "VALUES (42, 9)", ["staff", "Night_shift__west"]),
            ("UPDATE auth_user SET is_superuser = 1, is_staff = 0 "
             "WHERE id = 42", ["superuser", "Night_shift__west"]),
            ("DELETE FROM auth_user_groups", ["superuser"])]),
    mediawiki(
        "mediawiki", "block", "bl_id, bl_target, bl_by_actor, bl_timestamp, "
        "bl_expiry) VALUES (7, 5, 1, '20260101000000', {})"),
    mediawiki(
        "mediawiki139", "ipblocks", "ipb_address, ipb_user, ipb_by_actor, "
        "ipb_reason_id, ipb_timestamp, ipb_range_start, ipb_range_end, "
        "ipb_expiry) VALUES ('Alice', 42, 1, 1, '20260101000000', '', '', {})"),
    Product(
        "joomla",
        "INSERT INTO jos_users (id, name, username, email, password, "
        "registerDate, params) VALUES (42, 'Alice Liddell', 'alice', "
        "'alice@example.org', %s, NOW(), ''), (43, 'Bob', 'bob', "
        "'bob@example.org', 'x', NOW(), '')",
        hashes=["bcrypt-default", "argon2id-default", "phpass-P",
               "joomla-md5-salt"],
        shown={"name": "Alice Liddell", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[(f"UPDATE jos_users SET {change} WHERE id = 42",
                 "UPDATE jos_users SET block = 0, activation = '' "
                 "WHERE id = 42")
                for change in ("block = 1", "activation = 'a1b2c3'")],
        roles=[
            ("REPLACE INTO jos_usergroups (id, title) VALUES (2, 'Registered')"
             ", (8, 'Super Users')", []),
            ("INSERT INTO jos_user_usergroup_map VALUES (42, 2), (43, 8)",
             ["Registered"]),
            ("INSERT INTO jos_user_usergroup_map VALUES (42, 8)",
             ["Registered", "Super_Users"]),
            ("DELETE FROM jos_user_usergroup_map", [])],
        settings={"login.formats": "bcrypt, argon2, wordpress, joomla"},
        strong="joomla-md5-salt"),
    Product(
        "nextcloud",
        "INSERT INTO oc_users VALUES ('Alice', 'Alice Łoś', %s, 'alice'), "
        "('bob', NULL, 'x', 'bob')",
        hashes=["nextcloud-2", "nextcloud-default", "nextcloud-1"],
        shown={"name": "Alice Łoś"},
        logins=["Alice", "alice", "ALICE"],
        blocks=[
            ("INSERT INTO oc_preferences VALUES "
             "('Alice', 'core', 'enabled', 'false')",
             "UPDATE oc_preferences SET configvalue = 'true'"),
            ("UPDATE oc_preferences SET configvalue = 'false'",
             "DELETE FROM oc_preferences")],
        roles=[
            ("INSERT INTO oc_group_user VALUES ('admin', 'bob'), "
             "('night shift', 'Alice')", ["night_shift"]),
            ("INSERT INTO oc_group_user VALUES ('admin', 'Alice')",
             ["admin", "night_shift"]),
            ("DELETE FROM oc_group_user", [])],
        uid="Alice"),
    Product(
        "moodle",
        "INSERT INTO mdl_user (id, auth, confirmed, mnethostid, username, "
        "password, firstname, lastname, email) VALUES (42, 'manual', 1, 1, "
        "'alice', %s, 'Alice', 'Liddell', 'alice@example.org'), "
        "(43, 'manual', 1, 1, 'bob', 'x', 'Bob', 'B', 'bob@example.org'), "
        "(44, 'mnet', 1, 2, 'alice', 'x', 'Other', 'A', 'a@example.org')",
        hashes=["moodle-default", "bcrypt-default"],
        shown={"name": "Alice Liddell", "email": "alice@example.org"},
        logins=["alice", "Alice"],
        blocks=[(f"UPDATE mdl_user SET {change} WHERE id = 42",
                 "UPDATE mdl_user SET deleted = 0, suspended = 0, "
                 "confirmed = 1, auth = 'manual' WHERE id = 42")
                for change in ("deleted = 1", "suspended = 1",
                               "confirmed = 0", "auth = 'nologin'")],
        roles=[
            ("REPLACE INTO mdl_role (id, shortname, description) VALUES "
             "(1, 'manager', ''), (5, 'student', '')", []),
            ("REPLACE INTO mdl_context VALUES (1, 10, 0), (7, 50, 3)", []),
            ("INSERT INTO mdl_role_assignments (roleid, contextid, userid) "
             "VALUES (1, 7, 42), (5, 1, 43)", []),
            ("INSERT INTO mdl_role_assignments (roleid, contextid, userid) "
             "VALUES (1, 1, 42)", ["manager"]),
            ("DELETE FROM mdl_role_assignments", [])]),
    Product(
        "symfony",
        "INSERT INTO user (id, email, roles, password) VALUES "
        "(42, 'alice@example.org', '[]', %s), "
        "(43, 'bob@example.org', '[]', 'x')",
        hashes=["bcrypt-12", "argon2id-default", "symfony-100", "bcrypt-4"],
        shown={"name": "alice@example.org", "email": "alice@example.org"},
        logins=["alice@example.org", "Alice@example.org"],
        blocks=[],
        roles=[
            ("DO 0", ["ROLE_USER"]),
            ("UPDATE user SET roles = '[\"ROLE_ADMIN\", \"ROLE_EDITOR\"]' "
             "WHERE id = 42", ["ROLE_USER", "ROLE_ADMIN", "ROLE_EDITOR"]),
            ("UPDATE user SET roles = '[]'", ["ROLE_USER"])],
        strong="bcrypt-4"),
]
NAMED = {product.name: product for product in PRODUCTS}


class Site:
    """A database of its own for a product, and accounts to read it with."""

    def __init__(self, mysql, product):
        self.mysql, self.product = mysql, product
        self.database = "p_" + product.name
        with mysql.admin(database=None) as sql:
            sql.execute(f"CREATE DATABASE {self.database}")
        tables = re.sub(r"^--.*$", "",
                        text_of(DATA, "products", product.name + ".sql"),
                        flags=re.M)
        for statement in filter(str.strip, tables.split(";")):
            self.run(statement)
        self.account("reader", ("SELECT",))
        self.account("writer", ("SELECT", "UPDATE"))

    def account(self, role, kinds):
        who = f"{role}_{self.product.name}@localhost"
        self.run(f"CREATE USER {who} IDENTIFIED BY '{SECRET}'")
        for kind, columns, table in self.product.grants():
            if kind in kinds:
                self.run(f"GRANT {kind} ({', '.join(columns)}) "
                         f"ON {table} TO {who}")

    def run(self, statement, *values):
        with self.mysql.admin(database=self.database) as sql:
            sql.execute(statement, values or None)
            return sql.fetchall()

    def refill(self, name):
        """The rows anew; user 42 has this stored hash."""
        password, stored = STORED[name]
        table = self.product.insert.split()[2]
        self.run(f"DELETE FROM {table}")
        self.run(self.product.insert, stored)
        return password

    def change_hash(self, name):
        """Of user 42, as the product itself would."""
        password, stored = STORED[name]
        _, columns, table = self.product.grants()[0]
        column = next(name for name in columns if "pass" in name)
        self.run(f"UPDATE {table} SET {column} = %s "
                 f"WHERE {columns[0]} = '{self.product.uid}' "
                 f"AND {column} <> 'x'", stored)
        return password

    def state(self):
        """The row of user_state for user 42, or None."""
        statement = self.product.statements()[-1].replace(
            "?", f"'{self.product.uid}'")
        with self.link("reader") as link, \
                link.cursor(pymysql.cursors.DictCursor) as sql:
            sql.execute(statement)
            return sql.fetchone()

    def ask_anew(self):
        """Deletes what Redis caches of user 42."""
        uid = self.product.uid
        self.redis.client.delete("user:" + uid, "uauth:{%s}" % uid)

    def url(self, role):
        return (f"mysql://{role}_{self.product.name}:{SECRET}@localhost/"
                f"{self.database}?socket={self.mysql.path}")

    def link(self, role):
        return pymysql.connect(
            unix_socket=self.mysql.path, database=self.database,
            user=f"{role}_{self.product.name}", password=SECRET,
            charset="utf8mb4")
