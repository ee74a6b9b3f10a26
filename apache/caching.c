/* Sets Cache-Control on pages for a user, and on refusals. */
#include <stdbool.h>

#include <httpd.h>
#include <util_filter.h>

#include "apache/caching.h"
#include "apache/gate.h"

static const char page_control[] = "private, no-store";
static const char part_control[] = "private, no-cache";

static ap_filter_rec_t *filter;

/* True for a page: after a logout the back button must not show it again. */
static bool
is_page(const request_rec *r)
{
	static const char *const types[] = { "text/html", "application/xhtml" };
	const char *type = r->content_type;

	if (r->status == HTTP_NOT_MODIFIED)
		return false;
	if (type == NULL || *type == '\0')
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (ap_cstr_casecmpn(type, types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* Runs once, before the head is sent.  ctx: a refusal's value, else NULL. */
static apr_status_t
set_control(ap_filter_t *f, apr_bucket_brigade *brigade)
{
	request_rec *r = f->r;
	const char *control = f->ctx;

	if (control == NULL)
		control = is_page(r) ? page_control : part_control;
	apr_table_unset(r->headers_out, "Cache-Control");
	apr_table_unset(r->headers_out, "Expires");
	apr_table_unset(r->err_headers_out, "Expires");
	apr_table_setn(r->err_headers_out, "Cache-Control", control);
	ap_remove_output_filter(f);
	return ap_pass_brigade(f->next, brigade);
}

void
caching_register(void)
{
	filter = ap_register_output_filter("SESSGATE_CACHING", set_control,
	    NULL, (ap_filter_type)(AP_FTYPE_CONTENT_SET + 5));
}

static const char *
control_of_refusal(const struct verdict *verdict)
{
	const char *control =
	    verdict->answer != NULL
		? fcgi_answer_find(verdict->answer, "Cache-Control")
		: NULL;

	return control != NULL ? control : "no-store";
}

void
caching_insert(request_rec *r)
{
	const struct verdict *verdict = gate_clients_verdict(r);
	const char *control = NULL;

	if (r->main != NULL || verdict == NULL)
		return;
	if (verdict->status != HTTP_OK)
		control = control_of_refusal(verdict);
	else if (verdict->user == NULL)
		return; /* a public page stays as it is */
	ap_add_output_filter_handle(filter, (void *)control, r, r->connection);
}
