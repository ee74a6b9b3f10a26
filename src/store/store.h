#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"

/*
 * The ports through which the application reaches what is stored.  Redis and
 * MySQL stand behind them in the program, tests/unit/memory.c in unit tests.
 *
 * A port is one worker's own.  All views it hands out live in call->arena.
 * Every call may return RESULT_REDIS_DOWN or RESULT_MYSQL_DOWN; those
 * that need SQL may return RESULT_FULL (no place: step back, nothing has been
 * changed) and RESULT_FAULT (a defect of the configured SQL, logged).
 * Times are milliseconds since 1970 by the clock of Redis (TIME), so that
 * gate hosts need not agree on the time of day.
 */

/* What stands under sess:<h>.  Absent members are STR_NONE, times -1. */
struct session {
	struct str user_id;
	int64_t created_ms;
	int64_t expires_ms;
	struct str
	    login;	/* what the user logged in with, as the table has it */
	struct str gen; /* the user's generation at login */
	struct str pw;	/* fingerprint of the stored hash at login */
	struct str addr, agent;
};

/*
 * What stands under ugen:{<id>}.  Where there is no such key gen and text are
 * absent, is_unreadable is false and both times are 0.
 */
struct generation {
	struct str gen;
	int64_t ended_ms;   /* when all sessions were last ended, 0 for never */
	int64_t blocked_ms; /* until then the account is shut, 0 for open */
	bool is_unreadable; /* something else stands there; gen is absent */
	struct str text;    /* as it is stored; absent where there is no text */
};

/*
 * Is the account shut by an operator?  Then no session is good, a login is
 * refused, and nobody may put another generation in place of this one.
 */
static inline bool
generation_is_blocked(const struct generation *generation, int64_t now_ms)
{
	return generation->blocked_ms > now_ms;
}

/*
 * What SQL said of a user, and when it was asked (uauth:{<id>}).  Logins,
 * addresses and roles change; a session does not know.
 */
struct account {
	bool is_known;	   /* else all below is empty: nobody asked yet */
	int64_t at_ms;	   /* just before SQL was asked */
	int64_t asking_ms; /* since when somebody asks again, 0 for nobody */
	bool is_active;	   /* false for a user who does not exist, too */
	struct str login, email, name;
	const struct str *roles;
	size_t role_count;
	struct str pw; /* fingerprint of the stored hash, where SQL tells it */
	struct str text; /* as it is stored; absent where nothing is */
};

/*
 * How much newer than now something may be that was written beside us; what is
 * newer is of a clock that was set back since.
 */
#define STORE_AHEAD_MS 2000

/* All that is needed to judge a session (app/guard.c), read together. */
struct session_facts {
	struct session session;
	struct generation generation; /* of session.user_id */
	struct account account;	      /* likewise */
	bool is_hashed;	 /* found under the token's hash, not the plain token */
	struct str name; /* which of them it was */
	/* get: its public handle, where somebody has it at hand */
	struct str handle;
	struct str text; /* as it is stored */
	int64_t ttl_ms;	 /* what the key has left to live */
	int64_t seen_ms; /* by the user's list of sessions; -1: not listed */
	int64_t now_ms;
};

/* Sessions of a user, the last seen first; each may yet be a dead one. */
enum { SESSIONS_LISTED_MAX = 100 };
struct session_list {
	/* session, is_hashed, name, text, ttl_ms and seen_ms are filled */
	struct session_facts *items;
	size_t count;
};

struct session_port {
	/*
	 * Called, where it is not NULL, for each session that a call ended, or
	 * may have, beyond the one that it was told to: those of a cap, and
	 * those that a handle or a list named.
	 */
	void (*on_ended)(void *arg, struct call *call, struct str name);
	void *on_ended_arg;

	/* The record of a token.  MISS: none, or one that cannot be read. */
	enum result (*get)(struct session_port *port, struct call *call,
	    struct str token, struct session_facts *facts);
	/*
	 * Writes a new record that lives for ttl_ms, and lists it; of more
	 * than [session] max the least recently seen is ended.
	 */
	enum result (*put)(struct session_port *port, struct call *call,
	    struct str token, const struct session *session, int64_t ttl_ms);
	/* Ends the session of a token, in every form; MISS: there was none. */
	enum result (*end)(
	    struct session_port *port, struct call *call, struct str token);
	/*
	 * The user's generation, made where there is none, with its life
	 * renewed, and the time.  Two that ask at once get the same.  It may
	 * be a blocked one.
	 */
	enum result (*enter)(struct session_port *port, struct call *call,
	    struct str user_id, struct generation *generation, int64_t *now_ms);
	/*
	 * Notes in the user's list that a session was seen at facts->now_ms
	 * and, with a ttl_ms that is not 0, lets it live that much longer,
	 * unless it has more left.  Never brings one back that was ended.
	 */
	enum result (*touch)(struct session_port *port, struct call *call,
	    const struct session_facts *facts, int64_t ttl_ms);
	/*
	 * A new generation in place of any, or where is_conditional of known
	 * and no other: MISS.  All sessions of the user end, but for those
	 * that are renewed.  *now_ms is when.  A blocked generation stays,
	 * since all sessions have ended with it: MISS where is_conditional,
	 * else OK with that one.
	 */
	enum result (*supersede)(struct session_port *port, struct call *call,
	    struct str user_id, const struct generation *known,
	    bool is_conditional, struct generation *generation,
	    int64_t *now_ms);
	/* Takes a session into a generation; MISS: it has ended meanwhile. */
	enum result (*renew)(struct session_port *port, struct call *call,
	    const struct session_facts *facts, struct str gen);
	/* The user's sessions that there are, SESSIONS_LISTED_MAX at most. */
	enum result (*list)(struct session_port *port, struct call *call,
	    struct str user_id, struct session_list *list);
	/* Ends the one with this handle; MISS: it is not the user's. */
	enum result (*end_named)(struct session_port *port, struct call *call,
	    struct str user_id, struct str handle);
	/*
	 * Ends all that are listed but the one of that name (STR_NONE: none),
	 * after supersede, for others who read the same records; *count of
	 * them there were.
	 */
	enum result (*end_listed)(struct session_port *port, struct call *call,
	    struct str user_id, struct str keep, int64_t *count);
	/* Does the store answer, and take a write? */
	enum result (*ping)(struct session_port *port, struct call *call);
};

/* A row of the users table; a NULL column is STR_NONE. */
struct user {
	struct str id, login, name, email, image;
	struct str hash; /* by_login only; never leaves the process */
	/*
	 * by_id: user:<id> held the row before; with MISS, that the id was
	 * unknown a moment ago.
	 */
	bool was_cached;
	int64_t ttl_ms; /* was_cached: what the row there has left to live */
	/* by_id: the row as answers show it, where somebody has it at hand */
	struct str text;
};

/* Whether a user may be in at all, as SQL tells; a NULL column is STR_NONE. */
struct user_state {
	bool is_active; /* false for a user who does not exist, too */
	struct str login, email, name;
	struct str roles; /* names with commas or blanks between */
	struct str hash;  /* never leaves the process */
};

/* The columns that users may change; bits of user_port.editable. */
enum user_column { USER_NAME, USER_IMAGE, USER_COLUMNS };

/* What a user wants changed; a value that is STR_NONE clears. */
struct user_changes {
	bool is_given[USER_COLUMNS];
	struct str values[USER_COLUMNS];
};

struct user_port {
	unsigned int editable; /* 1u << enum user_column */
	bool has_set_hash;     /* else it is DENY */
	/* MISS: no such user.  FAULT: two rows. */
	enum result (*by_login)(struct user_port *port, struct call *call,
	    struct str login, struct user *user);
	enum result (*by_id)(struct user_port *port, struct call *call,
	    struct str id, struct user *user);
	/* The same past every cache, and without filling one. */
	enum result (*by_id_now)(struct user_port *port, struct call *call,
	    struct str id, struct user *user);
	/* May this user be in?  MISS never.  Past every cache. */
	enum result (*state)(struct user_port *port, struct call *call,
	    struct str id, struct user_state *state);
	/*
	 * Changes one's row; nobody reads the old one after this returned OK.
	 * BAD: a value that the table does not take; nothing is changed.
	 * DOWN: it may or may not have been changed.
	 */
	enum result (*update)(struct user_port *port, struct call *call,
	    struct str id, const struct user_changes *changes);
	/*
	 * Writes another stored form of one's password in place of old.  MISS:
	 * no such user or, where the configured SQL looks at old, not with
	 * that.  BAD: it does not fit the column.  DENY: nobody may write it
	 * here.  DOWN: it may or may not have been written.
	 */
	enum result (*set_hash)(struct user_port *port, struct call *call,
	    struct str id, struct str old, struct str hash);
	enum result (*ping)(struct user_port *port, struct call *call);
};

/* So long what is known of an account stands without SQL. */
enum { ACCOUNT_LIFE_MS = 600000 };

/* How much an answer about an account is worth. */
enum account_need {
	ACCOUNT_IF_EASY, /* what is known will do, if asking takes a while */
	ACCOUNT_NEW	 /* only what SQL says from now on */
};

struct account_port {
	/*
	 * Asks SQL about a user, at now_ms of Redis' clock, and keeps the
	 * answer.  known is what the session's facts said, and with
	 * ACCOUNT_IF_EASY what comes back where somebody asks already, SQL is
	 * away or has no place; without it, and with ACCOUNT_NEW, those are
	 * FULL and DOWN.
	 */
	enum result (*ask)(struct account_port *port, struct call *call,
	    struct str user_id, int64_t now_ms, enum account_need need,
	    const struct account *known, struct account *account);
	/*
	 * What is known is worth nothing any more, nor is what somebody learns
	 * who asks just now.
	 */
	enum result (*forget)(
	    struct account_port *port, struct call *call, struct str user_id);
};

/* A counter of a limit, rate:<scope>:<name>: at most so many in so long. */
struct limit_bucket {
	struct str scope; /* a word of ours */
	struct str name;  /* whom it counts: a hash, in base64url */
	int most;
	int64_t window_ms; /* from the first one counted on */
	/*
	 * The window is a long one: a counter that stands at n of most lives
	 * for n/most of it since the last one counted.  No more than most are
	 * let in per window in the long run, and few leave little behind.
	 */
	bool is_fading;
};

enum { LIMIT_BUCKETS_MAX = 3 };

/* With LIMIT: which bucket is full (of several, for longest), how long yet. */
struct limit_verdict {
	size_t full;
	int64_t left_ms;
};

/* At most LIMIT_BUCKETS_MAX buckets a call; none is OK. */
struct limit_port {
	/*
	 * Counts one in each bucket or, where one of them is full, in none:
	 * LIMIT.  Of many that ask at once no more than `most` are let in, and
	 * no counter outlives its window, whoever dies meanwhile.
	 */
	enum result (*take)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count,
	    struct limit_verdict *verdict);
	/* What take would say, counting nothing. */
	enum result (*peek)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count,
	    struct limit_verdict *verdict);
	/* Takes back what take has counted; a window that ended stays so. */
	enum result (*give_back)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count);
};

/* What one worker reaches. */
struct stores {
	struct session_port *sessions;
	struct user_port *users;
	struct account_port *accounts;
	struct limit_port *limits;
};

static inline MUST_CHECK enum result
sessions_get(const struct stores *stores, struct call *call, struct str token,
    struct session_facts *facts)
{
	return stores->sessions->get(stores->sessions, call, token, facts);
}

static inline MUST_CHECK enum result
sessions_put(const struct stores *stores, struct call *call, struct str token,
    const struct session *session, int64_t ttl_ms)
{
	return stores->sessions->put(
	    stores->sessions, call, token, session, ttl_ms);
}

static inline MUST_CHECK enum result
sessions_end(const struct stores *stores, struct call *call, struct str token)
{
	return stores->sessions->end(stores->sessions, call, token);
}

static inline MUST_CHECK enum result
sessions_enter(const struct stores *stores, struct call *call,
    struct str user_id, struct generation *generation, int64_t *now_ms)
{
	return stores->sessions->enter(
	    stores->sessions, call, user_id, generation, now_ms);
}

static inline MUST_CHECK enum result
sessions_touch(const struct stores *stores, struct call *call,
    const struct session_facts *facts, int64_t ttl_ms)
{
	return stores->sessions->touch(stores->sessions, call, facts, ttl_ms);
}

static inline MUST_CHECK enum result
sessions_supersede(const struct stores *stores, struct call *call,
    struct str user_id, const struct generation *known, bool is_conditional,
    struct generation *generation, int64_t *now_ms)
{
	return stores->sessions->supersede(stores->sessions, call, user_id,
	    known, is_conditional, generation, now_ms);
}

static inline MUST_CHECK enum result
sessions_renew(const struct stores *stores, struct call *call,
    const struct session_facts *facts, struct str gen)
{
	return stores->sessions->renew(stores->sessions, call, facts, gen);
}

static inline MUST_CHECK enum result
sessions_list(const struct stores *stores, struct call *call,
    struct str user_id, struct session_list *list)
{
	return stores->sessions->list(stores->sessions, call, user_id, list);
}

static inline MUST_CHECK enum result
sessions_end_named(const struct stores *stores, struct call *call,
    struct str user_id, struct str handle)
{
	return stores->sessions->end_named(
	    stores->sessions, call, user_id, handle);
}

static inline MUST_CHECK enum result
sessions_end_listed(const struct stores *stores, struct call *call,
    struct str user_id, struct str keep, int64_t *count)
{
	return stores->sessions->end_listed(
	    stores->sessions, call, user_id, keep, count);
}

static inline MUST_CHECK enum result
sessions_ping(const struct stores *stores, struct call *call)
{
	return stores->sessions->ping(stores->sessions, call);
}

static inline MUST_CHECK enum result
users_by_login(const struct stores *stores, struct call *call, struct str login,
    struct user *user)
{
	return stores->users->by_login(stores->users, call, login, user);
}

static inline MUST_CHECK enum result
users_by_id(const struct stores *stores, struct call *call, struct str id,
    struct user *user)
{
	return stores->users->by_id(stores->users, call, id, user);
}

static inline MUST_CHECK enum result
users_by_id_now(const struct stores *stores, struct call *call, struct str id,
    struct user *user)
{
	return stores->users->by_id_now(stores->users, call, id, user);
}

static inline MUST_CHECK enum result
accounts_ask(const struct stores *stores, struct call *call, struct str user_id,
    int64_t now_ms, enum account_need need, const struct account *known,
    struct account *account)
{
	return stores->accounts->ask(
	    stores->accounts, call, user_id, now_ms, need, known, account);
}

static inline MUST_CHECK enum result
accounts_forget(
    const struct stores *stores, struct call *call, struct str user_id)
{
	return stores->accounts->forget(stores->accounts, call, user_id);
}

static inline MUST_CHECK enum result
users_update(const struct stores *stores, struct call *call, struct str id,
    const struct user_changes *changes)
{
	return stores->users->update(stores->users, call, id, changes);
}

static inline MUST_CHECK enum result
users_set_hash(const struct stores *stores, struct call *call, struct str id,
    struct str old, struct str hash)
{
	return stores->users->set_hash(stores->users, call, id, old, hash);
}

static inline MUST_CHECK enum result
limits_take(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	return stores->limits->take(
	    stores->limits, call, buckets, count, verdict);
}

static inline MUST_CHECK enum result
limits_peek(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count,
    struct limit_verdict *verdict)
{
	return stores->limits->peek(
	    stores->limits, call, buckets, count, verdict);
}

static inline MUST_CHECK enum result
limits_give_back(const struct stores *stores, struct call *call,
    const struct limit_bucket *buckets, size_t count)
{
	return stores->limits->give_back(stores->limits, call, buckets, count);
}

static inline MUST_CHECK enum result
users_ping(const struct stores *stores, struct call *call)
{
	return stores->users->ping(stores->users, call);
}

#endif
