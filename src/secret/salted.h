#ifndef SALTED_H
#define SALTED_H

#include "secret/format.h"

/*
 * Salted digests without a cost, as old products wrote them: no protection once
 * the table has leaked.  The member variant of struct format is a
 * salted_variant; H is the digest in hexadecimal digits.
 *
 * Joomla up to 3.1 and Magento write the salt after the digest, MediaWiki
 * before it.  MyBB and OpenCart have a column for the salt, and the SQL
 * statement joins both: CONCAT('mybb:', salt, ':', password).
 */
enum salted_variant {
	SALTED_JOOMLA,	       /* H:SALT, H = md5(password SALT) */
	SALTED_MAGENTO,	       /* H:SALT, H = sha256(SALT password) */
	SALTED_MAGENTO_MARKED, /* H:SALT:1 */
	SALTED_MEDIAWIKI,      /* :B:SALT:H, H = md5(SALT - md5(password)) */
	SALTED_MYBB,	       /* H = md5(md5(SALT) md5(password)) */
	SALTED_OPENCART	       /* H = sha1(SALT sha1(SALT sha1(password))) */
};

/* Implements read_cost of struct format; the cost is always 1. */
bool salted_cost(const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict salted_verify(
    const struct format *format, struct str password, struct str stored);

#endif
