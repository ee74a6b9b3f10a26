-- Moodle 4.5: mdl_user, without those of its columns that only concern
-- preferences, mdl_role and mdl_role_assignments, mdl_context.
CREATE TABLE mdl_user (
  id BIGINT(10) NOT NULL auto_increment,
  auth VARCHAR(20) NOT NULL DEFAULT 'manual',
  confirmed TINYINT(1) NOT NULL DEFAULT 0,
  policyagreed TINYINT(1) NOT NULL DEFAULT 0,
  deleted TINYINT(1) NOT NULL DEFAULT 0,
  suspended TINYINT(1) NOT NULL DEFAULT 0,
  mnethostid BIGINT(10) NOT NULL DEFAULT 0,
  username VARCHAR(100) NOT NULL DEFAULT '',
  password VARCHAR(255) NOT NULL DEFAULT '',
  idnumber VARCHAR(255) NOT NULL DEFAULT '',
  firstname VARCHAR(100) NOT NULL DEFAULT '',
  lastname VARCHAR(100) NOT NULL DEFAULT '',
  email VARCHAR(100) NOT NULL DEFAULT '',
  picture BIGINT(10) NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  UNIQUE KEY mdl_user_mneuse_uix (mnethostid, username),
  KEY mdl_user_ema_ix (email)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE mdl_role (
  id BIGINT(10) NOT NULL auto_increment,
  name VARCHAR(255) NOT NULL DEFAULT '',
  shortname VARCHAR(100) NOT NULL DEFAULT '',
  description LONGTEXT NOT NULL,
  sortorder BIGINT(10) NOT NULL DEFAULT 0,
  archetype VARCHAR(30) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY mdl_role_sho_uix (shortname)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE mdl_role_assignments (
  id BIGINT(10) NOT NULL auto_increment,
  roleid BIGINT(10) NOT NULL DEFAULT 0,
  contextid BIGINT(10) NOT NULL DEFAULT 0,
  userid BIGINT(10) NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY mdl_roleassi_use_ix (userid)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE mdl_context (
  id BIGINT(10) NOT NULL auto_increment,
  contextlevel BIGINT(10) NOT NULL DEFAULT 0,
  instanceid BIGINT(10) NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
