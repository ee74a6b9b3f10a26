-- Drupal 7: users, role and users_roles as user.install makes them.
CREATE TABLE users (
  uid int(10) unsigned NOT NULL DEFAULT '0',
  name varchar(60) NOT NULL DEFAULT '',
  pass varchar(128) NOT NULL DEFAULT '',
  mail varchar(254) DEFAULT '',
  theme varchar(255) NOT NULL DEFAULT '',
  signature varchar(255) NOT NULL DEFAULT '',
  signature_format varchar(255) DEFAULT NULL,
  created int(11) NOT NULL DEFAULT '0',
  access int(11) NOT NULL DEFAULT '0',
  login int(11) NOT NULL DEFAULT '0',
  status tinyint(4) NOT NULL DEFAULT '0',
  timezone varchar(32) DEFAULT NULL,
  language varchar(12) NOT NULL DEFAULT '',
  picture int(11) NOT NULL DEFAULT '0',
  init varchar(254) DEFAULT '',
  data longblob,
  PRIMARY KEY (uid),
  UNIQUE KEY name (name),
  KEY access (access),
  KEY created (created),
  KEY mail (mail(191)),
  KEY picture (picture)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE TABLE role (
  rid int(10) unsigned NOT NULL AUTO_INCREMENT,
  name varchar(64) NOT NULL DEFAULT '',
  weight int(11) NOT NULL DEFAULT '0',
  PRIMARY KEY (rid),
  UNIQUE KEY name (name),
  KEY name_weight (name, weight)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;

CREATE TABLE users_roles (
  uid int(10) unsigned NOT NULL DEFAULT '0',
  rid int(10) unsigned NOT NULL DEFAULT '0',
  PRIMARY KEY (uid, rid),
  KEY rid (rid)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
