-- Django 5.2: auth_user, auth_group and auth_user_groups as the migrations of
-- django.contrib.auth make them, without the foreign keys.
CREATE TABLE auth_user (
  id integer AUTO_INCREMENT NOT NULL PRIMARY KEY,
  password varchar(128) NOT NULL,
  last_login datetime(6) NULL,
  is_superuser bool NOT NULL,
  username varchar(150) NOT NULL UNIQUE,
  first_name varchar(150) NOT NULL,
  last_name varchar(150) NOT NULL,
  email varchar(254) NOT NULL,
  is_staff bool NOT NULL,
  is_active bool NOT NULL,
  date_joined datetime(6) NOT NULL
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE auth_group (
  id integer AUTO_INCREMENT NOT NULL PRIMARY KEY,
  name varchar(150) NOT NULL UNIQUE
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE auth_user_groups (
  id bigint AUTO_INCREMENT NOT NULL PRIMARY KEY,
  user_id integer NOT NULL,
  group_id integer NOT NULL,
  UNIQUE auth_user_groups_user_id_group_id_94350c0c_uniq (user_id, group_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
