/* The variables and headers by which an application knows the user. */
#include <apr_lib.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_core.h>

#include "apache/gate.h"
#include "apache/identity.h"
#include "apache/module.h"

static const char env_prefix[] = "SESSGATE_";
static const char header_prefix[] = "X-Sessgate-";

/* Keys to remove from a table, which must not change while it is walked. */
struct keys {
	apr_array_header_t *names;
	bool (*is_wanted)(const char *key);
};

static int
note_key(void *data, const char *key, const char *value)
{
	struct keys *keys = data;

	(void)value;
	if (keys->is_wanted(key))
		APR_ARRAY_PUSH(keys->names, const char *) = key;
	return 1;
}

static void
unset_keys(
    apr_pool_t *pool, apr_table_t *table, bool (*is_wanted)(const char *key))
{
	struct keys keys = { apr_array_make(pool, 4, sizeof(const char *)),
		is_wanted };

	apr_table_do(note_key, &keys, table, NULL);
	for (int i = 0; i < keys.names->nelts; i++)
		apr_table_unset(
		    table, APR_ARRAY_IDX(keys.names, i, const char *));
}

/* True for x, then bytes that are no letters or digits, then sessgate. */
static bool
is_our_header(const char *name)
{
	const char *at = name + 1;

	if (*name != 'x' && *name != 'X')
		return false;
	while (*at != '\0' && !apr_isalnum(*at))
		at++;
	return at > name + 1 && ap_cstr_casecmpn(at, "sessgate", 8) == 0;
}

/* Removes the names of our headers from Connection. */
static void
clean_connection(request_rec *r)
{
	const char *value = apr_table_get(r->headers_in, "Connection");
	const char *kept = NULL;
	char *word;

	if (value == NULL || ap_strcasestr(value, "sessgate") == NULL)
		return;
	while (*(word = ap_getword(r->pool, &value, ',')) != '\0' ||
	       *value != '\0') {
		apr_collapse_spaces(word, word);
		if (*word != '\0' && !is_our_header(word))
			kept = kept == NULL ? word
					    : apr_pstrcat(r->pool, kept, ", ",
						  word, NULL);
	}
	if (kept != NULL)
		apr_table_setn(r->headers_in, "Connection", kept);
	else
		apr_table_unset(r->headers_in, "Connection");
}

void
identity_clean(request_rec *r)
{
	unset_keys(r->pool, r->headers_in, is_our_header);
	clean_connection(r);
}

void
identity_set_user(request_rec *r, const struct verdict *verdict)
{
	r->user = apr_pstrdup(r->pool, verdict->user);
	r->ap_auth_type = apr_pstrdup(r->pool, "sessgate");
}

/* Each internal redirect puts REDIRECT_ before the names of variables. */
static bool
is_authorization(const char *name)
{
	while (strncmp(name, "REDIRECT_", 9) == 0)
		name += 9;
	return strcmp(name, "HTTP_AUTHORIZATION") == 0;
}

void
identity_hide_authorization(request_rec *r)
{
	if (place_conf_of(r)->forwards_authorization == 1 ||
	    apr_table_get(r->headers_in, "Authorization") == NULL)
		return;
	if (r->main != NULL) /* a subrequest shares them with r->main */
		r->headers_in = apr_table_copy(r->pool, r->headers_in);
	apr_table_unset(r->headers_in, "Authorization");
}

/* SESSGATE_USER_ID -> X-Sessgate-User-Id, REMOTE_USER -> X-Sessgate-User */
static const char *
header_of(apr_pool_t *pool, const char *variable)
{
	bool is_first = true;
	char *name, *at;

	if (strcmp(variable, "REMOTE_USER") == 0)
		return "X-Sessgate-User";
	name = apr_pstrcat(
	    pool, header_prefix, variable + sizeof(env_prefix) - 1, NULL);
	for (at = name + sizeof(header_prefix) - 1; *at != '\0'; at++) {
		if (*at == '_')
			*at = '-';
		else if (!is_first)
			*at = (char)apr_tolower(*at);
		is_first = *at == '-';
	}
	return name;
}

static void
tell_field(request_rec *r, const struct fcgi_field *field, bool sets_headers)
{
	const char *variable = fcgi_field_variable(field);

	if (variable == NULL)
		return;
	/* httpd makes REMOTE_USER of r->user */
	if (strcmp(variable, "REMOTE_USER") != 0)
		apr_table_setn(r->subprocess_env, variable, field->value);
	if (sets_headers)
		apr_table_setn(
		    r->headers_in, header_of(r->pool, variable), field->value);
}

void
identity_tell(request_rec *r, const struct verdict *verdict)
{
	const struct place_conf *place = place_conf_of(r);

	unset_keys(r->pool, r->subprocess_env, fcgi_is_variable);
	if (place->forwards_authorization != 1)
		unset_keys(r->pool, r->subprocess_env, is_authorization);
	apr_table_setn(r->subprocess_env, "no-cache", "1"); /* mod_cache */
	if (verdict->user == NULL)
		return;
	for (size_t i = 0; i < verdict->answer->count; i++)
		tell_field(
		    r, &verdict->answer->fields[i], place->sets_headers == 1);
}
