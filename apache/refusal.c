/* Refuses requests with the answer of sessgate. */
#include <httpd.h>
#include <http_log.h>
#include <http_protocol.h>

#include "apache/gate.h"
#include "apache/refusal.h"

APLOG_USE_MODULE(sessgate);

/*
 * False for fields that are about the connection to sessgate, that httpd sets
 * itself, or that are for this module.
 */
static bool
is_passed_on(const char *name)
{
	static const char *const others[] = { "Connection", "Keep-Alive",
		"Transfer-Encoding", "TE", "Trailer", "Upgrade",
		"Content-Length", "Content-Type", "X-Sessgate-Scope" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (ap_cstr_casecmp(name, others[i]) == 0)
			return false;
	return ap_cstr_casecmpn(name, "Variable-", 9) != 0;
}

static void
add_headers(request_rec *r, const struct fcgi_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		if (is_passed_on(answer->fields[i].name))
			apr_table_addn(r->err_headers_out,
			    answer->fields[i].name, answer->fields[i].value);
}

/* Does what ap_die() and ap_send_error_response() do, with another page. */
static int
send_page(request_rec *r, const struct fcgi_answer *answer)
{
	const char *type = fcgi_answer_find(answer, "Content-Type");

	r->status = answer->status;
	if (ap_status_drops_connection(r->status)) /* a body stays unread */
		r->connection->keepalive = AP_CONN_CLOSE;
	apr_table_clear(r->headers_out);
	r->output_filters = r->proto_output_filters;
	ap_run_insert_error_filter(r);
	add_headers(r, answer);
	if (type != NULL)
		ap_set_content_type(r, type);
	if (!r->header_only && answer->body_len > 0)
		ap_rwrite(answer->body, (int)answer->body_len, r);
	return DONE;
}

/* httpd then sends its own page, or that of ErrorDocument 503. */
static int
say_unavailable(request_rec *r)
{
	apr_table_setn(r->err_headers_out, "Retry-After", "1");
	return HTTP_SERVICE_UNAVAILABLE;
}

/* True for the page of an ErrorDocument: if refused, httpd sends its own. */
static bool
is_error_page(const request_rec *r)
{
	return r->prev != NULL && r->prev->status != HTTP_OK;
}

int
refusal_send(request_rec *r, const struct verdict *verdict)
{
	ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "refused with %d: %s",
	    verdict->status, r->uri);
	if (verdict->answer == NULL)
		return say_unavailable(r);
	if (is_error_page(r))
		return HTTP_FORBIDDEN;
	if (r->main == NULL)
		return send_page(r, verdict->answer);
	add_headers(r, verdict->answer);
	return verdict->status;
}
