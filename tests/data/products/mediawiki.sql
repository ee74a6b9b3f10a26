-- MediaWiki 1.43: user, user_groups, and block and block_target, without those
-- of their columns that only concern mail and editing.
CREATE TABLE user (
  user_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  user_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_real_name VARBINARY(255) DEFAULT '' NOT NULL,
  user_password TINYBLOB NOT NULL,
  user_newpassword TINYBLOB NOT NULL,
  user_newpass_time BINARY(14) DEFAULT NULL,
  user_email TINYBLOB NOT NULL,
  user_touched BINARY(14) NOT NULL,
  user_token BINARY(32) DEFAULT '' NOT NULL,
  user_email_authenticated BINARY(14) DEFAULT NULL,
  user_registration BINARY(14) DEFAULT NULL,
  user_editcount INT UNSIGNED DEFAULT NULL,
  user_password_expires VARBINARY(14) DEFAULT NULL,
  UNIQUE INDEX user_name (user_name),
  PRIMARY KEY(user_id)
) DEFAULT CHARSET=binary;

CREATE TABLE user_groups (
  ug_user INT UNSIGNED DEFAULT 0 NOT NULL,
  ug_group VARBINARY(255) DEFAULT '' NOT NULL,
  ug_expiry BINARY(14) DEFAULT NULL,
  INDEX ug_group (ug_group),
  PRIMARY KEY(ug_user, ug_group)
) DEFAULT CHARSET=binary;

CREATE TABLE block (
  bl_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  bl_target INT UNSIGNED NOT NULL,
  bl_by_actor BIGINT UNSIGNED NOT NULL,
  bl_timestamp BINARY(14) NOT NULL,
  bl_expiry VARBINARY(14) NOT NULL,
  bl_sitewide TINYINT(1) DEFAULT 1 NOT NULL,
  INDEX bl_target (bl_target),
  PRIMARY KEY(bl_id)
) DEFAULT CHARSET=binary;

CREATE TABLE block_target (
  bt_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  bt_address TINYBLOB DEFAULT NULL,
  bt_user INT UNSIGNED DEFAULT NULL,
  bt_user_text VARBINARY(255) DEFAULT NULL,
  bt_auto TINYINT(1) DEFAULT 0 NOT NULL,
  bt_count INT DEFAULT 0 NOT NULL,
  INDEX bt_user (bt_user),
  PRIMARY KEY(bt_id)
) DEFAULT CHARSET=binary;

-- whom the tests block
INSERT INTO block_target (bt_id, bt_user) VALUES (5, 42);
