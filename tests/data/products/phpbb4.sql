-- phpBB 4: phpbb_users, without those of its columns that only concern
-- posts and preferences, phpbb_bans, phpbb_groups and phpbb_user_group.
CREATE TABLE phpbb_users (
  user_id int(10) UNSIGNED NOT NULL auto_increment,
  user_type tinyint(2) DEFAULT '0' NOT NULL,
  group_id mediumint(8) UNSIGNED DEFAULT '3' NOT NULL,
  user_permissions mediumtext NOT NULL,
  user_ip varchar(40) DEFAULT '' NOT NULL,
  user_regdate int(11) UNSIGNED DEFAULT '0' NOT NULL,
  username varchar(255) DEFAULT '' NOT NULL,
  username_clean varchar(255) DEFAULT '' NOT NULL,
  user_password varchar(255) DEFAULT '' NOT NULL,
  user_passchg int(11) UNSIGNED DEFAULT '0' NOT NULL,
  user_email varchar(100) DEFAULT '' NOT NULL,
  user_lastvisit int(11) UNSIGNED DEFAULT '0' NOT NULL,
  user_login_attempts tinyint(4) DEFAULT '0' NOT NULL,
  user_inactive_reason tinyint(2) DEFAULT '0' NOT NULL,
  user_inactive_time int(11) UNSIGNED DEFAULT '0' NOT NULL,
  user_lang varchar(30) DEFAULT '' NOT NULL,
  user_avatar varchar(255) DEFAULT '' NOT NULL,
  user_avatar_type varchar(255) DEFAULT '' NOT NULL,
  user_avatar_width smallint(4) UNSIGNED DEFAULT '0' NOT NULL,
  user_avatar_height smallint(4) UNSIGNED DEFAULT '0' NOT NULL,
  user_sig mediumtext NOT NULL,
  user_actkey varchar(32) DEFAULT '' NOT NULL,
  reset_token varchar(64) DEFAULT '' NOT NULL,
  user_form_salt varchar(32) DEFAULT '' NOT NULL,
  PRIMARY KEY (user_id),
  UNIQUE username_clean (username_clean),
  KEY user_type (user_type),
  KEY user_email (user_email)
) CHARACTER SET `utf8` COLLATE `utf8_bin`;

CREATE TABLE phpbb_bans (
  ban_id int(10) UNSIGNED NOT NULL auto_increment,
  ban_userid int(10) UNSIGNED DEFAULT '0' NOT NULL,
  ban_mode varchar(255) DEFAULT '' NOT NULL,
  ban_item varchar(255) DEFAULT '' NOT NULL,
  ban_start int(11) UNSIGNED DEFAULT '0' NOT NULL,
  ban_end int(11) UNSIGNED DEFAULT '0' NOT NULL,
  ban_reason varchar(255) DEFAULT '' NOT NULL,
  ban_reason_display varchar(255) DEFAULT '' NOT NULL,
  PRIMARY KEY (ban_id),
  KEY ban_userid (ban_userid),
  KEY ban_end (ban_end)
) CHARACTER SET `utf8` COLLATE `utf8_bin`;

CREATE TABLE phpbb_groups (
  group_id mediumint(8) UNSIGNED NOT NULL auto_increment,
  group_type tinyint(4) DEFAULT '1' NOT NULL,
  group_founder_manage tinyint(1) UNSIGNED DEFAULT '0' NOT NULL,
  group_skip_auth tinyint(1) UNSIGNED DEFAULT '0' NOT NULL,
  group_name varchar(255) DEFAULT '' NOT NULL,
  group_desc text NOT NULL,
  group_desc_bitfield varchar(255) DEFAULT '' NOT NULL,
  group_desc_options int(11) UNSIGNED DEFAULT '7' NOT NULL,
  group_desc_uid varchar(8) DEFAULT '' NOT NULL,
  group_display tinyint(1) UNSIGNED DEFAULT '0' NOT NULL,
  group_avatar varchar(255) DEFAULT '' NOT NULL,
  group_avatar_type varchar(255) DEFAULT '' NOT NULL,
  group_avatar_width smallint(4) UNSIGNED DEFAULT '0' NOT NULL,
  group_avatar_height smallint(4) UNSIGNED DEFAULT '0' NOT NULL,
  group_rank mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  group_colour varchar(6) DEFAULT '' NOT NULL,
  group_sig_chars mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  group_receive_pm tinyint(1) UNSIGNED DEFAULT '0' NOT NULL,
  group_message_limit mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  group_legend mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  group_max_recipients mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  PRIMARY KEY (group_id),
  KEY group_legend_name (group_legend, group_name)
) CHARACTER SET `utf8` COLLATE `utf8_bin`;

CREATE TABLE phpbb_user_group (
  group_id mediumint(8) UNSIGNED DEFAULT '0' NOT NULL,
  user_id int(10) UNSIGNED DEFAULT '0' NOT NULL,
  group_leader tinyint(1) UNSIGNED DEFAULT '0' NOT NULL,
  user_pending tinyint(1) UNSIGNED DEFAULT '1' NOT NULL,
  KEY group_id (group_id),
  KEY user_id (user_id),
  KEY group_leader (group_leader)
) CHARACTER SET `utf8` COLLATE `utf8_bin`;
