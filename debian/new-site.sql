-- The database of a new site and an account for sessgate, on MariaDB:
--   mariadb </usr/share/sessgate/new-site.sql
-- The account has no password: MariaDB lets nobody but the system's user
-- sessgate use it (MySQL: IDENTIFIED WITH auth_socket).
CREATE DATABASE sessgate CHARACTER SET utf8mb4;
USE sessgate;
-- schema.sql
CREATE USER sessgate@localhost IDENTIFIED VIA unix_socket;
GRANT SELECT (id, email, name, image, password), UPDATE (name, image)
  ON sessgate.users TO sessgate@localhost;
