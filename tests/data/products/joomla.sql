-- Joomla 5: jos_users, jos_usergroups and jos_user_usergroup_map.
CREATE TABLE jos_users (
  id int NOT NULL AUTO_INCREMENT,
  name varchar(400) NOT NULL DEFAULT '',
  username varchar(150) NOT NULL DEFAULT '',
  email varchar(100) NOT NULL DEFAULT '',
  password varchar(100) NOT NULL DEFAULT '',
  block tinyint NOT NULL DEFAULT 0,
  sendEmail tinyint DEFAULT 0,
  registerDate datetime NOT NULL,
  lastvisitDate datetime,
  activation varchar(100) NOT NULL DEFAULT '',
  params text NOT NULL,
  lastResetTime datetime,
  resetCount int NOT NULL DEFAULT 0,
  otpKey varchar(1000) NOT NULL DEFAULT '',
  otep varchar(1000) NOT NULL DEFAULT '',
  requireReset tinyint NOT NULL DEFAULT 0,
  authProvider varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY idx_name (name(100)),
  KEY idx_block (block),
  UNIQUE KEY idx_username (username),
  KEY email (email)
) DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

CREATE TABLE jos_usergroups (
  id int unsigned NOT NULL AUTO_INCREMENT,
  parent_id int unsigned NOT NULL DEFAULT 0,
  lft int NOT NULL DEFAULT 0,
  rgt int NOT NULL DEFAULT 0,
  title varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  UNIQUE KEY idx_usergroup_parent_title_lookup (parent_id, title)
) DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;

CREATE TABLE jos_user_usergroup_map (
  user_id int unsigned NOT NULL DEFAULT 0,
  group_id int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (user_id, group_id)
) DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;
