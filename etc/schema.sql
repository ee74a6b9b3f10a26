-- The users table that sessgate's default SQL reads (MariaDB and MySQL).
-- A table of your own does as well: [mysql] user_by_login and user_by_id say
-- how to read it.
--
-- password holds what PHP's password_hash() writes, bcrypt or argon2, or any
-- other form that [login] formats names.
-- email is compared as its collation compares: upper and lower case are one.
CREATE TABLE users (
  id       BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email    VARCHAR(190) NOT NULL,
  name     VARCHAR(190) NOT NULL,
  image    VARCHAR(255) DEFAULT NULL,
  password VARCHAR(255) NOT NULL,
  UNIQUE KEY users_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- An account that may do what sessgate does, and no more:
--   CREATE USER sessgate@localhost IDENTIFIED BY '...';
--   GRANT SELECT (id, email, name, image, password), UPDATE (name, image)
--     ON example.users TO sessgate@localhost;
-- Without UPDATE, set [mysql] user_update to nothing: profiles then stay as
-- they are. [login] rehash needs UPDATE (password) as well.

-- For a second factor (sessgate(8), SECOND FACTOR): the secret, and the hashes
-- of ten recovery codes.
--   ALTER TABLE users ADD totp VARCHAR(64) NULL,
--     ADD totp_codes VARCHAR(500) NULL;
--   GRANT SELECT (totp, totp_codes), UPDATE (totp, totp_codes)
--     ON example.users TO sessgate@localhost;
