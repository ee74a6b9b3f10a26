-- Symfony 7: user as make:user and doctrine:schema:create make it.
CREATE TABLE user (
  id INT AUTO_INCREMENT NOT NULL,
  email VARCHAR(180) NOT NULL,
  roles JSON NOT NULL,
  password VARCHAR(255) NOT NULL,
  UNIQUE INDEX UNIQ_IDENTIFIER_EMAIL (email),
  PRIMARY KEY(id)
) DEFAULT CHARACTER SET utf8mb4;
