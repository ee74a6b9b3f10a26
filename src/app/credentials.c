/* Who wants to log in, and where to. */
#include "config.h"

#include "app/credentials.h"
#include "http/form.h"
#include "http/json.h"
#include "http/next.h"

enum { JSON_DEPTH_MAX = 8 };

static bool
read_form(const struct context *c, struct credentials *credentials)
{
	struct arena *arena = c->call->arena;
	struct str body = c->request->body;

	form_find(arena, body, STR("next"), &credentials->next);
	return form_find(arena, body, STR("email"), &credentials->email) &&
	       form_find(arena, body, STR("password"), &credentials->password);
}

static bool
read_json(const struct context *c, struct credentials *credentials)
{
	const struct json *json =
	    json_parse(c->call->arena, c->request->body, JSON_DEPTH_MAX);
	const struct json *next = json_member(json, "next");

	if (next != NULL && !json_string(next, &credentials->next))
		return false;
	return json_is_object(json) &&
	       json_string(json_member(json, "email"), &credentials->email) &&
	       json_string(
		   json_member(json, "password"), &credentials->password);
}

bool
credentials_read(const struct context *c, struct credentials *credentials)
{
	bool is_read;

	*credentials = (struct credentials){ .next = STR_NONE };
	is_read =
	    c->is_form ? read_form(c, credentials) : read_json(c, credentials);
	if (!next_is_local(credentials->next))
		credentials->next = STR_NONE;
	return is_read && credentials->email.len > 0 &&
	       credentials->password.len > 0;
}
