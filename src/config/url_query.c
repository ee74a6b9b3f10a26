/* The parameters of a DATABASE_URL. */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "config/url_query.h"

enum parameter_kind {
	PARAMETER_UNKNOWN,
	PARAMETER_SOCKET,
	PARAMETER_MODE,	  /* one of the words for ssl-mode */
	PARAMETER_SWITCH, /* TLS on or off */
	PARAMETER_CA,
	PARAMETER_CERT,
	PARAMETER_KEY,
	PARAMETER_TLS, /* other TLS settings: accepted only if off */
	PARAMETER_IDLE /* of other frameworks, without effect here */
};

/*
 * The known parameters.  Case, - and _ do not matter: serverVersion,
 * server_version, server-version.
 */
static const struct parameter {
	const char *name;
	enum parameter_kind kind;
} mysql_parameters[] = {
	{ "socket", PARAMETER_SOCKET },
	{ "unixsocket", PARAMETER_SOCKET },
	{ "socketpath", PARAMETER_SOCKET },
	{ "sslmode", PARAMETER_MODE },
	{ "ssl", PARAMETER_SWITCH },
	{ "tls", PARAMETER_SWITCH },
	{ "usessl", PARAMETER_SWITCH },
	{ "sslca", PARAMETER_CA },
	{ "sslcert", PARAMETER_CERT },
	{ "sslkey", PARAMETER_KEY },
	{ "requiressl", PARAMETER_TLS },
	{ "sslverify", PARAMETER_TLS },
	{ "sslverifyservercert", PARAMETER_TLS },
	{ "verifyservercertificate", PARAMETER_TLS },
	{ "sslaccept", PARAMETER_TLS },
	{ "sslcapath", PARAMETER_TLS },
	{ "sslcipher", PARAMETER_TLS },
	{ "sslcrl", PARAMETER_TLS },
	{ "sslidentity", PARAMETER_TLS },
	{ "tlsversion", PARAMETER_TLS },
	{ "charset", PARAMETER_IDLE },
	{ "collation", PARAMETER_IDLE },
	{ "encoding", PARAMETER_IDLE },
	{ "serverversion", PARAMETER_IDLE },
	{ "reconnect", PARAMETER_IDLE },
	{ "pool", PARAMETER_IDLE },
	{ "poolsize", PARAMETER_IDLE },
	{ "pooltimeout", PARAMETER_IDLE },
	{ "connectionlimit", PARAMETER_IDLE },
	{ "connecttimeout", PARAMETER_IDLE },
	{ "sockettimeout", PARAMETER_IDLE },
};

static bool
is_word(struct str given, const char *name)
{
	for (; given.len > 0; given = str_from_byte(given, 1)) {
		struct str letter = { given.ptr, 1 };

		if (given.ptr[0] == '-' || given.ptr[0] == '_')
			continue;
		if (*name == '\0' ||
		    !str_eq_nocase(letter, (struct str){ name, 1 }))
			return false;
		name++;
	}
	return *name == '\0';
}

static enum parameter_kind
parameter_kind(struct str given)
{
	size_t count = sizeof(mysql_parameters) / sizeof(mysql_parameters[0]);

	for (size_t i = 0; i < count; i++)
		if (is_word(given, mysql_parameters[i].name))
			return mysql_parameters[i].kind;
	return PARAMETER_UNKNOWN;
}

/*
 * A word for TLS, compared like the names of parameters, and the word of
 * [mysql] tls for it.
 */
struct tls_word {
	const char *given, *tls;
};

static const struct tls_word modes[] = { { "disabled", "off" },
	{ "disable", "off" }, { "required", "required" },
	{ "require", "required" }, { "verifyca", "verify-ca" },
	{ "verifyidentity", "verify" }, { NULL, NULL } };

/*
 * Words for on and off.  On is the strictest mode, because other programs mean
 * several modes by it.
 */
static const struct tls_word switches[] = { { "false", "off" },
	{ "off", "off" }, { "no", "off" }, { "0", "off" }, { "true", "verify" },
	{ "on", "verify" }, { "yes", "verify" }, { "1", "verify" },
	{ NULL, NULL } };

static const char twice[] = "the URL has a parameter twice";

static const char *
read_mode(struct str value, const struct tls_word *words, const char **tls)
{
	if (*tls != NULL)
		return twice;
	for (; words->given != NULL; words++)
		if (is_word(value, words->given)) {
			*tls = words->tls;
			return NULL;
		}
	return "the URL's words about TLS are unknown; use ssl-mode=DISABLED, "
	       "REQUIRED, VERIFY_CA or VERIFY_IDENTITY (PREFERRED protects "
	       "nothing)";
}

/* Accepts a TLS setting that is off: the strict default stays. */
static const char *
read_other_tls(struct str value)
{
	const char *tls = NULL;

	if (read_mode(value, switches, &tls) == NULL && strcmp(tls, "off") == 0)
		return NULL;
	return "the URL asks for something about TLS that does not exist here; "
	       "use ssl-mode, ssl-ca, ssl-cert, ssl-key";
}

static const char *
read_text(struct str value, struct str *text)
{
	if (!str_is_none(*text))
		return twice;
	*text = str_is_none(value) ? STR("") : value;
	return NULL;
}

/*
 * Reads a parameter.  The error repeats no part of the URL: after a ? that
 * should have been encoded it could be the rest of a password.
 */
static const char *
read_parameter(struct str name, struct str value, struct url_parameters *given)
{
	switch (parameter_kind(name)) {
	case PARAMETER_SOCKET:
		return read_text(value, &given->socket);
	case PARAMETER_MODE:
		return read_mode(value, modes, &given->tls);
	case PARAMETER_SWITCH:
		return read_mode(value, switches, &given->tls);
	case PARAMETER_CA:
		return read_text(value, &given->tls_ca);
	case PARAMETER_CERT:
		return read_text(value, &given->tls_cert);
	case PARAMETER_KEY:
		return read_text(value, &given->tls_key);
	case PARAMETER_TLS:
		return read_other_tls(value);
	case PARAMETER_IDLE:
		return NULL;
	case PARAMETER_UNKNOWN:
		break;
	}
	return "the URL has an unknown parameter behind its ?";
}

const char *
url_query_mysql(struct str query, struct url_parameters *given)
{
	const char *why = NULL;

	*given = (struct url_parameters){ STR_NONE, NULL, STR_NONE, STR_NONE,
		STR_NONE };
	while (why == NULL && !str_is_none(query)) {
		struct str value = str_cut(&query, '&');
		struct str name = str_cut(&value, '=');

		if (name.len > 0 || !str_is_none(value))
			why = read_parameter(name, value, given);
	}
	return why;
}
