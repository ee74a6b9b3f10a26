/* Reads replies and messages of Sentinels, and chooses among them. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "redis/discovery/sentinel_reply.h"

enum { DENIED_MS = 10000 };

static bool
copy_address(struct str host, struct str port, struct sentinel_answer *answer)
{
	int64_t number;

	if (host.len == 0 || host.len >= sizeof(answer->host) ||
	    !str_to_int(port, 1, 65535, &number))
		return false;
	memcpy(answer->host, host.ptr, host.len);
	answer->host[host.len] = '\0';
	answer->port = (int)number;
	return true;
}

static void
set_lost(struct sentinel_answer *answer, struct str why)
{
	answer->state = SENTINEL_LOST;
	snprintf(answer->why, sizeof(answer->why), "%.*s", STR_ARG(why));
}

/* Finds a value in the reply to SENTINEL MASTER, a list of names and values. */
static struct str
find_value(const struct resp_value *master, struct str name)
{
	for (size_t i = 0; master->type == RESP_LIST && i + 1 < master->count;
	     i += 2)
		if (resp_is(&master->items[i], name) &&
		    master->items[i + 1].type == RESP_TEXT)
			return master->items[i + 1].text;
	return STR_NONE;
}

void
sentinel_reply_read(const struct resp_value *master,
    const struct resp_value *address, struct sentinel_answer *answer)
{
	struct str flags = find_value(master, STR("flags"));

	*answer = (struct sentinel_answer){ .state = SENTINEL_KNOWS };
	answer->is_down = flags.len > 0 && str_has(flags, STR("s_down"));
	if (address->type == RESP_NIL) {
		answer->state = SENTINEL_IGNORANT;
	} else if (address->type == RESP_ERROR) {
		set_lost(answer, address->text);
	} else if (master->type == RESP_ERROR) {
		set_lost(answer, master->text);
	} else if (!str_to_int(find_value(master, STR("config-epoch")), 0,
		       INT64_MAX, &answer->epoch) ||
		   address->type != RESP_LIST || address->count != 2 ||
		   !copy_address(address->items[0].text, address->items[1].text,
		       answer)) {
		set_lost(answer, STR("its reply has an unexpected shape"));
	}
}

/* +sdown, -sdown: master NAME IP PORT; those about replicas are ignored */
static bool
is_primary_of(struct str text, struct str name)
{
	return str_eq(str_cut(&text, ' '), STR("master")) &&
	       str_eq(str_cut(&text, ' '), name);
}

/* Others: slave REPLICA-NAME IP PORT @ NAME PRIMARY-IP PRIMARY-PORT */
static bool
is_replica_of(struct str text, struct str name, struct sentinel_answer *answer)
{
	struct str host, port;

	str_cut(&text, ' ');
	str_cut(&text, ' ');
	host = str_cut(&text, ' ');
	port = str_cut(&text, ' ');
	return str_eq(str_cut(&text, ' '), STR("@")) &&
	       str_eq(str_cut(&text, ' '), name) &&
	       copy_address(host, port, answer);
}

enum sentinel_event
sentinel_reply_event(const struct resp_value *message, struct str name,
    struct sentinel_answer *answer)
{
	const struct resp_value *items = message->items;
	struct str text;

	if (message->type != RESP_LIST || message->count != 3 ||
	    !resp_is(&items[0], STR("message")) || items[2].type != RESP_TEXT)
		return SENTINEL_NO_EVENT;
	text = items[2].text;
	/* NAME OLD-IP OLD-PORT NEW-IP NEW-PORT */
	if (resp_is(&items[1], STR(SENTINEL_CHANNEL_SWITCH)))
		return str_eq(str_cut(&text, ' '), name) ? SENTINEL_SWITCH
							 : SENTINEL_NO_EVENT;
	if (is_primary_of(text, name))
		return SENTINEL_SWITCH;
	if (resp_is(&items[1], STR(SENTINEL_CHANNEL_DOWN)) ||
	    resp_is(&items[1], STR(SENTINEL_CHANNEL_UP)))
		return SENTINEL_NO_EVENT;
	if (!is_replica_of(text, name, answer))
		return SENTINEL_NO_EVENT;
	return resp_is(&items[1], STR(SENTINEL_CHANNEL_PROMOTING))
		   ? SENTINEL_PROMOTING
		   : SENTINEL_SWITCH;
}

static bool
is_choice(
    const struct sentinel_choice *choice, const struct sentinel_answer *answer)
{
	return choice->port == answer->port &&
	       strcmp(choice->host, answer->host) == 0;
}

/* Of equal epochs the answer that confirms the choice is preferred. */
static const struct sentinel_answer *
find_best(const struct sentinel_choice *choice,
    const struct sentinel_answer *answers, size_t count)
{
	const struct sentinel_answer *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct sentinel_answer *answer = &answers[i];

		if (answer->state != SENTINEL_KNOWS)
			continue;
		if (best == NULL || answer->epoch > best->epoch ||
		    (answer->epoch == best->epoch && is_choice(choice, answer)))
			best = answer;
	}
	return best;
}

/*
 * True if answers of no higher epoch have contradicted the choice for
 * DENIED_MS.
 */
static bool
is_denied(struct sentinel_choice *choice, int64_t now_ms)
{
	if (choice->denied_since_ms == 0)
		choice->denied_since_ms = now_ms;
	return now_ms >= choice->denied_since_ms + DENIED_MS;
}

const struct sentinel_answer *
sentinel_choose(struct sentinel_choice *choice,
    const struct sentinel_answer *answers, size_t count, int64_t now_ms)
{
	const struct sentinel_answer *best = find_best(choice, answers, count);
	bool is_same;

	if (best == NULL)
		return NULL;
	is_same = choice->is_known && is_choice(choice, best);
	if (choice->is_known && !is_same && best->epoch <= choice->epoch &&
	    !is_denied(choice, now_ms))
		return NULL;
	if (is_same && best->epoch < choice->epoch) {
		choice->denied_since_ms = 0;
		return NULL;
	}
	*choice = (struct sentinel_choice){
		.is_known = true, .port = best->port, .epoch = best->epoch
	};
	memcpy(choice->host, best->host, sizeof(choice->host));
	return is_same ? NULL : best;
}
