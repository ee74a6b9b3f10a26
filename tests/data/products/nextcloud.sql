-- Nextcloud 30: oc_users, oc_preferences and oc_group_user.
CREATE TABLE oc_users (
  uid varchar(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  displayname varchar(64) COLLATE utf8mb4_bin DEFAULT NULL,
  password varchar(255) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  uid_lower varchar(64) COLLATE utf8mb4_bin DEFAULT '',
  PRIMARY KEY (uid),
  KEY user_uid_lower (uid_lower)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;

CREATE TABLE oc_preferences (
  userid varchar(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  appid varchar(32) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  configkey varchar(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  configvalue longtext COLLATE utf8mb4_bin DEFAULT NULL,
  PRIMARY KEY (userid, appid, configkey),
  KEY preferences_app_key (appid, configkey)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;

CREATE TABLE oc_group_user (
  gid varchar(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  uid varchar(64) COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  PRIMARY KEY (gid, uid),
  KEY gu_uid_index (uid)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;
