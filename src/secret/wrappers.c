/* The table of products' wrappers around the formats. */
#include "config.h"

#include "secret/phpbb.h"
#include "secret/wordpress.h"
#include "secret/wrappers.h"

#define BCRYPT_COST_TWICE 15 /* two verifications: half the rounds for each */

static const struct wrapper wrappers[] = {
	{ STR_INIT("$wp$2y$"), 3, PASSWORD_WORDPRESS, 0, BCRYPT_COST_TWICE,
	    { wordpress_mac, wordpress_mac_slashed } },
	{ STR_INIT("$P$"), 0, PASSWORD_FAMILIES, 0, 0,
	    { wordpress_trimmed, wordpress_slashed, wordpress_untrimmed } },
	{ STR_INIT("wordpress:$2"), 10, PASSWORD_WORDPRESS, 0,
	    BCRYPT_COST_TWICE, { wordpress_trimmed, wordpress_slashed } },
	{ STR_INIT("$H$"), 0, PASSWORD_FAMILIES, 0, 0,
	    { phpbb_escaped, phpbb_unescaped } },
	{ STR_INIT("phpbb:$2"), 6, PASSWORD_PHPBB, 0, 0, { phpbb_escaped } },
	{ STR_INIT("phpbb:$argon2"), 6, PASSWORD_PHPBB, 0, 0,
	    { phpbb_escaped } },
	{ STR_INIT("typo3:$2"), 6, PASSWORD_FAMILIES, 0, 0,
	    { prepare_sha384_base64 } },
	{ STR_INIT("vbulletin:$2"), 10, PASSWORD_FAMILIES, 0, 0,
	    { prepare_md5_hex } },
	{ STR_INIT("opencart:"), 0, PASSWORD_FAMILIES, 0, 0,
	    { prepare_as_given, phpbb_escaped_only } },
	{ STR_INIT("U$S$"), 1, PASSWORD_DRUPAL, 0, 0, { prepare_md5_hex } },
	{ STR_INIT("U$P$"), 1, PASSWORD_DRUPAL, 0, 0, { prepare_md5_hex } },
	{ STR_INIT("bcrypt_sha256$$2"), 14, PASSWORD_DJANGO, 0, 0,
	    { prepare_sha256_hex } },
	{ STR_INIT("bcrypt$$2"), 7, PASSWORD_DJANGO, 0, 0,
	    { prepare_as_given } },
	{ STR_INIT("argon2$argon2"), 6, PASSWORD_DJANGO, 0, 0,
	    { prepare_as_given } },
	{ STR_INIT(":argon2:$argon2"), 8, PASSWORD_MEDIAWIKI, 0, 0,
	    { prepare_as_given } },
	{ STR_INIT(":A:"), 3, PASSWORD_MEDIAWIKI_MD5, PASSWORD_MD5, 0,
	    { prepare_as_given } },
	{ STR_INIT("1|$2"), 2, PASSWORD_FAMILIES, 0, 0, { prepare_as_given } },
	{ STR_INIT("2|$argon2i$"), 2, PASSWORD_FAMILIES, 0, 0,
	    { prepare_as_given } },
	{ STR_INIT("3|$argon2id$"), 2, PASSWORD_FAMILIES, 0, 0,
	    { prepare_as_given } },
	{ STR_INIT("$2"), 0, PASSWORD_FAMILIES, 0, 0, { prepare_for_bcrypt } },
	{ STR_INIT(""), 0, PASSWORD_FAMILIES, 0, 0, { prepare_as_given } },
};

const struct wrapper *
wrapper_find(struct str stored)
{
	const struct wrapper *wrapper = wrappers;

	while (!str_starts(stored, wrapper->prefix))
		wrapper++; /* the last row matches any text */
	return wrapper;
}

int
wrapper_tries(const struct wrapper *wrapper, struct str password)
{
	int tries = 0;

	for (int way = 0; way < WRAPPER_WAYS_MAX && wrapper->ways[way] != NULL;
	     way++) {
		struct prepared prepared = { .bytes = NULL };

		if (wrapper->ways[way](password, &prepared) == PREPARE_DONE)
			tries++;
		prepare_close(&prepared);
	}
	return tries;
}
