/* The parameters of a DATABASE_URL. */
#include "config.h"

#include <stddef.h>

#include "config/url_query.h"

enum parameter_kind {
	PARAMETER_UNKNOWN,
	PARAMETER_SOCKET,
	PARAMETER_TLS,	/* switches TLS: accepted if its value says no */
	PARAMETER_FILE, /* a TLS setting: its presence asks for TLS */
	PARAMETER_IDLE	/* of other frameworks; no effect here */
};

/*
 * Compared without case, - and _: serverVersion, server_version,
 * server-version.
 */
static const struct parameter {
	const char *name;
	enum parameter_kind kind;
} mysql_parameters[] = {
	{ "socket", PARAMETER_SOCKET },
	{ "unixsocket", PARAMETER_SOCKET },
	{ "socketpath", PARAMETER_SOCKET },
	{ "sslmode", PARAMETER_TLS },
	{ "ssl", PARAMETER_TLS },
	{ "tls", PARAMETER_TLS },
	{ "usessl", PARAMETER_TLS },
	{ "requiressl", PARAMETER_TLS },
	{ "sslverify", PARAMETER_TLS },
	{ "sslverifyservercert", PARAMETER_TLS },
	{ "verifyservercertificate", PARAMETER_TLS },
	{ "sslaccept", PARAMETER_FILE },
	{ "sslca", PARAMETER_FILE },
	{ "sslcapath", PARAMETER_FILE },
	{ "sslcert", PARAMETER_FILE },
	{ "sslkey", PARAMETER_FILE },
	{ "sslcipher", PARAMETER_FILE },
	{ "sslcrl", PARAMETER_FILE },
	{ "sslidentity", PARAMETER_FILE },
	{ "tlsversion", PARAMETER_FILE },
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
is_parameter(struct str given, const char *name)
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
		if (is_parameter(given, mysql_parameters[i].name))
			return mysql_parameters[i].kind;
	return PARAMETER_UNKNOWN;
}

static bool
says_no(struct str value)
{
	static const char *const words[] = { "disabled", "disable", "false",
		"off", "no", "0" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_nocase(value, str_from(words[i])))
			return true;
	return false;
}

/*
 * The error repeats no part of the URL: after a ? that should have been encoded
 * may be the rest of a password.
 */
static const char *
read_parameter(struct str name, struct str value, struct str *socket)
{
	switch (parameter_kind(name)) {
	case PARAMETER_SOCKET:
		if (!str_is_none(*socket))
			return "the URL has a parameter twice";
		*socket = str_is_none(value) ? STR("") : value;
		return NULL;
	case PARAMETER_TLS:
		if (says_no(value))
			return NULL;
		/* fall through */
	case PARAMETER_FILE:
		return "the URL asks for TLS, which is not built in; "
		       "ssl-mode=DISABLED says that a plain connection will do";
	case PARAMETER_IDLE:
		return NULL;
	case PARAMETER_UNKNOWN:
		break;
	}
	return "the URL has an unknown parameter behind its ?";
}

const char *
url_query_mysql(struct str query, struct str *socket)
{
	const char *why = NULL;

	*socket = STR_NONE;
	while (why == NULL && !str_is_none(query)) {
		struct str value = str_cut(&query, '&');
		struct str name = str_cut(&value, '=');

		if (name.len > 0 || !str_is_none(value))
			why = read_parameter(name, value, socket);
	}
	return why;
}
