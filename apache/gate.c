/*
 * Decides whether a request may pass.
 *
 * One request of a client may become several in httpd: internal redirects and
 * subrequests.  sessgate decides about the address that the client asked for.
 * A request that only maps this address further (index files, negotiation,
 * rewriting, error documents) inherits its verdict.  A request for another
 * address (a server-side include, an entry of a listing, a local redirect of a
 * CGI program) has a verdict of its own; sessgate is not asked if an earlier
 * verdict covers its path.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <ap_expr.h>
#include <apr_strings.h>

#include "apache/gate.h"
#include "apache/identity.h"
#include "apache/kept.h"
#include "apache/module.h"
#include "apache/question.h"
#include "apache/refusal.h"
#include "apache/scope.h"

APLOG_USE_MODULE(sessgate);

/* The state of one request in httpd. */
struct state {
	const struct verdict *verdict; /* NULL: not guarded */
	bool is_served;		       /* mapped to its file or handler */
	/* of the client's request only */
	const struct verdict *asked;
	bool is_clean;
};

static struct state *
state_find(const request_rec *r)
{
	return ap_get_module_config(r->request_config, &sessgate_module);
}

static struct state *
state_of(request_rec *r)
{
	struct state *state = state_find(r);

	if (state == NULL) {
		state = apr_pcalloc(r->pool, sizeof(*state));
		ap_set_module_config(
		    r->request_config, &sessgate_module, state);
	}
	return state;
}

/* The request as the client sent it. */
static request_rec *
clients_request(request_rec *r)
{
	while (r->main != NULL || r->prev != NULL)
		r = r->main != NULL ? r->main : r->prev;
	return r;
}

const struct verdict *
gate_verdict(const request_rec *r)
{
	const struct state *state = state_find(r);

	return state != NULL ? state->verdict : NULL;
}

const struct verdict *
gate_clients_verdict(const request_rec *r)
{
	const struct verdict *verdict = NULL;

	for (; r != NULL && verdict == NULL; r = r->prev)
		verdict = gate_verdict(r);
	return verdict;
}

/*
 * True if a CGI program made a local redirect (RFC 3875, 6.2.2).  The client
 * may have named the target, so the target counts as another address.  An error
 * document differs by its status, a redirect of mod_rewrite by its handler.
 */
static bool
made_local_redirect(const request_rec *before)
{
	const struct state *state = state_find(before);

	return state != NULL && state->is_served &&
	       before->status < HTTP_BAD_REQUEST &&
	       (before->handler == NULL ||
		   strcmp(before->handler, "redirect-handler") != 0);
}

/*
 * The request whose address r only maps further, or NULL.  For an internal
 * redirect that is the request before it.  For a subrequest it is the main
 * request, as long as that has no file yet.
 */
static const request_rec *
mapped_from(const request_rec *r)
{
	const struct state *above =
	    r->main != NULL ? state_find(r->main) : NULL;

	if (r->prev != NULL)
		return made_local_redirect(r->prev) ? NULL : r->prev;
	return above != NULL && !above->is_served ? r->main : NULL;
}

static const struct verdict *
inherited_verdict(const request_rec *r)
{
	const struct verdict *verdict = NULL;

	while (verdict == NULL && (r = mapped_from(r)) != NULL)
		verdict = gate_verdict(r);
	return verdict;
}

static bool
is_of_site(const struct verdict *verdict, const char *site)
{
	return verdict->site == site ||
	       (verdict->site != NULL && site != NULL &&
		   strcmp(verdict->site, site) == 0);
}

static bool
covers(const struct verdict *verdict, const request_rec *r)
{
	return strcmp(verdict->path, r->uri) == 0 ||
	       (verdict->scope != NULL && scope_covers(verdict->scope, r->uri));
}

static const struct verdict *
known_verdict(request_rec *r, const char *site)
{
	const struct verdict *verdict = inherited_verdict(r);

	if (verdict != NULL && is_of_site(verdict, site))
		return verdict;
	verdict = state_of(clients_request(r))->asked;
	for (; verdict != NULL; verdict = verdict->next)
		if (is_of_site(verdict, site) && covers(verdict, r))
			break;
	return verdict;
}

/*
 * The answer is in the pool of the client's request, since subrequests end
 * earlier.  NULL: there is no answer; that was logged.
 */
static const struct fcgi_answer *
ask_sessgate(request_rec *r, const struct question *question)
{
	const struct server_conf *conf = server_conf_of(r);
	apr_pool_t *pool = clients_request(r)->pool;
	struct ask_bytes bytes = question_make(r, question);
	struct ask_bytes text = { NULL, 0 };
	struct fcgi_answer *answer = apr_palloc(pool, sizeof(*answer));
	const char *why = "no connections in this process";

	if (conf->kept != NULL)
		why = ask(conf->kept, &conf->times, pool, &bytes, &text);
	if (why == NULL)
		why = fcgi_answer_parse(answer, text.ptr, text.len);
	if (why == NULL && fcgi_answer_kind(answer) == FCGI_ANSWER_NONSENSE)
		why = "an answer that says nothing about a user";
	if (why == NULL)
		return answer;
	ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
	    "sessgate could not be asked: %s: %s",
	    conf->kept != NULL ? kept_path(conf->kept) : "-", why);
	return NULL;
}

/*
 * The target to ask about: that of the client's request, or for a subrequest,
 * which no client sent, its path.  If no address leads to the file of a
 * subrequest, sessgate cannot read its path, and every rule applies.
 */
static const char *
target_of(request_rec *r)
{
	return r->main != NULL ? ap_escape_uri(r->pool, r->uri)
			       : r->unparsed_uri;
}

static const char *
user_of(const struct fcgi_answer *answer)
{
	return fcgi_answer_kind(answer) == FCGI_ANSWER_USER
		   ? fcgi_answer_find(answer, "Variable-REMOTE_USER")
		   : NULL;
}

static int
status_of(const struct fcgi_answer *answer)
{
	if (answer == NULL)
		return HTTP_SERVICE_UNAVAILABLE;
	return fcgi_answer_kind(answer) == FCGI_ANSWER_REFUSAL ? answer->status
							       : HTTP_OK;
}

static const struct verdict *
new_verdict(request_rec *r, const char *site)
{
	const struct question question = { QUESTION_GATE, target_of(r), site };
	request_rec *clients = clients_request(r);
	struct verdict *verdict = apr_pcalloc(clients->pool, sizeof(*verdict));

	verdict->path = apr_pstrdup(clients->pool, r->uri);
	verdict->site = site;
	verdict->answer = ask_sessgate(r, &question);
	verdict->status = status_of(verdict->answer);
	if (verdict->status == HTTP_OK) {
		verdict->user = user_of(verdict->answer);
		verdict->scope =
		    fcgi_answer_find(verdict->answer, "X-Sessgate-Scope");
	}
	verdict->next = state_of(clients)->asked;
	state_of(clients)->asked = verdict;
	return verdict;
}

bool
gate_names_user(request_rec *r)
{
	const char *type = ap_auth_type(r);

	return type == NULL || ap_cstr_casecmp(type, "sessgate") == 0 ||
	       ap_cstr_casecmp(type, "none") == 0;
}

/* Asks, unless a verdict is known.  OK: the request passes; else refused. */
static int
decide(request_rec *r, const struct place_conf *place)
{
	struct state *state = state_of(r);

	state->verdict = known_verdict(r, place->site);
	if (state->verdict == NULL)
		state->verdict = new_verdict(r, place->site);
	if (state->verdict->status != HTTP_OK)
		return refusal_send(r, state->verdict);
	if (state->verdict->user != NULL && gate_names_user(r))
		identity_set_user(r, state->verdict);
	identity_tell(r, state->verdict); /* for Require expr, RequestHeader */
	return OK;
}

/*
 * Removes the client's own X-Sessgate-.. headers, once for each of its
 * requests, before the module sets any.
 */
static void
clean_request(request_rec *r)
{
	struct state *clients = state_of(clients_request(r));

	if (!clients->is_clean)
		identity_clean(r);
	clients->is_clean = true;
}

int
gate_check(request_rec *r)
{
	const struct place_conf *place = place_conf_of(r);

	if (place->guards == 1 || place->sets_headers == 1)
		clean_request(r);
	return place->guards == 1 ? decide(r, place) : DECLINED;
}

/* Sends the client to the login: a Require wants a user for a public page. */
static int
lead_to_login(request_rec *r, const char *site)
{
	const struct question question = { QUESTION_LOGIN,
		clients_request(r)->unparsed_uri, site };
	struct verdict *login = apr_pcalloc(r->pool, sizeof(*login));

	login->answer = ask_sessgate(r, &question);
	login->status = status_of(login->answer);
	state_of(r)->verdict = login;
	return login->status == HTTP_OK ? HTTP_FORBIDDEN
					: refusal_send(r, login);
}

int
gate_authenticate(request_rec *r)
{
	const struct place_conf *place = place_conf_of(r);
	const char *type = ap_auth_type(r);
	int status;

	if (gate_verdict(r) == NULL) {
		if (type == NULL || ap_cstr_casecmp(type, "sessgate") != 0)
			return DECLINED;
		clean_request(r);
		status = decide(r, place);
		if (status != OK)
			return status;
	}
	if (!gate_names_user(r))
		return DECLINED;
	return r->user != NULL ? OK : lead_to_login(r, place->site);
}

int
gate_hold(request_rec *r)
{
	const struct verdict *verdict = gate_verdict(r);

	if (verdict == NULL) {
		if (place_conf_of(r)->guards != 1)
			return DECLINED;
		ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
		    "guarded, but not checked: %s", r->uri);
		return HTTP_SERVICE_UNAVAILABLE;
	}
	if (verdict->status != HTTP_OK)
		return HTTP_FORBIDDEN;
	identity_hide_authorization(r);
	return OK;
}

int
gate_pass(request_rec *r)
{
	const struct verdict *verdict = gate_verdict(r);

	if (verdict == NULL)
		return DECLINED;
	state_find(r)->is_served = true;
	if (r->user == NULL && verdict->user != NULL)
		identity_set_user(r, verdict);
	identity_tell(r, verdict); /* once more: SetEnv ran in between */
	return OK;
}

/* True if the list, of names with commas between them, has this name. */
static bool
has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; list != NULL; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, name, len) == 0 &&
		    (list[len] == ',' || list[len] == '\0'))
			return len > 0;
	}
	return false;
}

static authz_status
role_check(request_rec *r, const char *line, const void *parsed)
{
	const struct verdict *verdict = gate_verdict(r);
	const char *why = NULL, *names, *name, *roles;

	(void)line;
	if (verdict == NULL || verdict->user == NULL)
		return AUTHZ_DENIED_NO_USER;
	names = ap_expr_str_exec(r, parsed, &why);
	if (why != NULL) {
		ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
		    "Require sessgate-role: %s", why);
		return AUTHZ_DENIED;
	}
	roles = fcgi_answer_find(verdict->answer, "Variable-SESSGATE_ROLES");
	while (*(name = ap_getword_conf(r->pool, &names)) != '\0')
		if (has_name(roles, name))
			return AUTHZ_GRANTED;
	return AUTHZ_DENIED;
}

static const char *
role_parse(cmd_parms *cmd, const char *line, const void **parsed)
{
	const char *why = NULL;

	*parsed = ap_expr_parse_cmd(
	    cmd, line, AP_EXPR_FLAG_STRING_RESULT, &why, NULL);
	if (why != NULL)
		return apr_pstrcat(
		    cmd->pool, "Require sessgate-role: ", why, NULL);
	return *line == '\0' ? "Require sessgate-role names no role" : NULL;
}

const authz_provider gate_role_provider = { role_check, role_parse };
