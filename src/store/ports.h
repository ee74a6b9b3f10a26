#ifndef PORTS_H
#define PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "base/result.h"
#include "base/str.h"

/*
 * Ports: the interfaces through which the application reaches its stores.
 * Redis and MySQL implement them in the program, tests/unit/memory.c in unit
 * tests.
 *
 * A port belongs to one worker, except the users table.  All texts it returns
 * live in call->arena. Every call may return RESULT_REDIS_DOWN or
 * RESULT_MYSQL_DOWN ("DOWN" below). Calls that need SQL may return RESULT_FULL
 * (no free place, base/places.h: nothing was changed, and the request is
 * requeued) and RESULT_FAULT (a defect of the configured SQL, which was
 * logged).  Times are milliseconds since 1970 by the clock of Redis (TIME), so
 * the clocks of gate hosts need not agree.
 */

enum { SESSION_AGENT_MAX = 256 }; /* bytes kept of a User-Agent */

/* The record under sess:<h>.  Absent texts are STR_NONE, absent times -1. */
struct session {
	struct str user_id;
	int64_t created_ms;
	int64_t expires_ms;
	struct str login; /* as the users table has it */
	struct str gen;	  /* the user's generation (epoch) at login */
	struct str pw;	  /* fingerprint of the stored hash at login */
	struct str addr, agent;
	bool has_otp; /* it was opened with a one-time code */
};

/*
 * The value of ugen:{<id>}.  If there is no such key, gen and text are absent,
 * is_unreadable is false and both times are 0.
 */
struct generation {
	struct str gen;
	int64_t ended_ms;   /* when all sessions were last ended, 0 for never */
	int64_t blocked_ms; /* an operator's block ends then; 0: none */
	bool is_unreadable; /* no valid value; gen is absent */
	struct str text;    /* the stored value; absent if none */
};

/* An operator's block of an account, as the value of ugen:{<id>} has it. */
struct block {
	int64_t until_ms, at_ms; /* at_ms: when it was set, -1: not known */
	struct str by, reason;	 /* who set it, and why; may be absent */
};

/*
 * Whether an operator has blocked the account.  Then no session is valid, a
 * login is refused, and this generation must not be replaced.
 */
static inline bool
generation_is_blocked(const struct generation *generation, int64_t now_ms)
{
	return generation->blocked_ms > now_ms;
}

/*
 * The last SQL result about a user, and its time (uauth:{<id>}).  Sessions do
 * not store it, since logins, addresses and roles change.
 */
struct account {
	bool is_known; /* false: SQL was not asked yet; the rest is empty */
	int64_t at_ms; /* taken just before the query */
	/* a refresh is in flight since then (single flight); 0: none */
	int64_t asking_ms;
	bool is_active; /* false for a user who does not exist, too */
	struct str login, email, name;
	const struct str *roles;
	size_t role_count;
	/* fingerprint of the stored hash, if the configured SQL selects it */
	struct str pw;
	struct str text; /* the stored value; absent if none */
};

/*
 * Tolerated lead (ms) of timestamps written by other hosts.  Anything beyond it
 * means that Redis' clock was set back.
 */
#define STORE_AHEAD_MS 2000

/* All that decides whether a session is valid (app/guard.c), read together. */
struct session_facts {
	struct session session;
	struct generation generation; /* of session.user_id */
	struct account account;	      /* of that user, too */
	bool is_hashed;	 /* under the token's hash, not the token */
	struct str name; /* that hash or token */
	/* get: its public handle, if already computed (by the cache) */
	struct str handle;
	struct str text; /* as it is stored */
	int64_t ttl_ms;	 /* PTTL of the key: -1 without expiry */
	int64_t seen_ms; /* from the user's session list; -1: not listed */
	int64_t now_ms;
};

/* Sessions of a user, the last seen first.  Some may already be invalid. */
enum { SESSIONS_LISTED_MAX = 100 };
struct session_list {
	/* only session, is_hashed, name, text, ttl_ms and seen_ms are set */
	struct session_facts *items;
	size_t count;
};

struct session_port {
	/*
	 * Called for every session that a call deleted, or may have deleted,
	 * other than its own token's: by the session cap, by handle, by list.
	 * May be NULL.
	 */
	void (*on_ended)(void *arg, struct call *call, struct str name);
	void *on_ended_arg;

	/* Reads the record of a token.  MISS: none, or unreadable. */
	enum result (*get)(struct session_port *port, struct call *call,
	    struct str token, struct session_facts *facts);
	/*
	 * Writes a new record that expires after ttl_ms, and lists it.  If the
	 * user then has more than [session] max sessions, the least recently
	 * seen end.  If all sessions of the user were ended meanwhile, the new
	 * record is deleted again; the result is OK then, too.
	 */
	enum result (*put)(struct session_port *port, struct call *call,
	    struct str token, const struct session *session, int64_t ttl_ms);
	/* Ends a token's session, all key variants.  MISS: none. */
	enum result (*end)(
	    struct session_port *port, struct call *call, struct str token);
	/*
	 * After end was DOWN.  OK: it is written to [session] spool, and will
	 * have been done when Redis is next asked.  DOWN: it is not.
	 */
	enum result (*end_later)(
	    struct session_port *port, struct call *call, struct str token);
	/*
	 * Reads the user's generation, creating it if absent, extends its TTL,
	 * and reads the time.  Concurrent calls get one generation.  It may be
	 * a blocked one.
	 */
	enum result (*enter)(struct session_port *port, struct call *call,
	    struct str user_id, struct generation *generation, int64_t *now_ms);
	/*
	 * Records in the user's list that the session was seen at
	 * facts->now_ms.  If ttl_ms is not 0, raises the TTL of its record to
	 * it; never lowers it.  Never creates the record, so an ended session
	 * stays ended.
	 */
	enum result (*touch)(struct session_port *port, struct call *call,
	    const struct session_facts *facts, int64_t ttl_ms);
	/*
	 * Ends all sessions of the user except those that are renewed: replaces
	 * the generation by a new one and sets *now_ms to the time.  If
	 * is_conditional this is a compare-and-set: MISS if the generation is
	 * not known any more.  A blocked generation has ended all sessions
	 * already and is kept: MISS if is_conditional, else OK and *generation
	 * is the blocked one.
	 */
	enum result (*supersede)(struct session_port *port, struct call *call,
	    struct str user_id, const struct generation *known,
	    bool is_conditional, struct generation *generation,
	    int64_t *now_ms);
	/* Moves a session to generation gen.  MISS: it has ended. */
	enum result (*renew)(struct session_port *port, struct call *call,
	    const struct session_facts *facts, struct str gen);
	/* The existing sessions of the user, at most SESSIONS_LISTED_MAX. */
	enum result (*list)(struct session_port *port, struct call *call,
	    struct str user_id, struct session_list *list);
	/* Ends the session of this handle.  MISS: not the user's. */
	enum result (*end_named)(struct session_port *port, struct call *call,
	    struct str user_id, struct str handle);
	/*
	 * Deletes all listed sessions except the one named keep (STR_NONE:
	 * none), and sets *count to the number that existed.  Called after
	 * supersede, which has invalidated them already: for other programs
	 * that read these records.
	 */
	enum result (*end_listed)(struct session_port *port, struct call *call,
	    struct str user_id, struct str keep, int64_t *count);
	/*
	 * Whether the store answers and accepts a write.  If not, *why has the
	 * reason, without secrets.
	 */
	enum result (*ping)(
	    struct session_port *port, struct call *call, struct str *why);
};

/* A row of the users table; a NULL column is STR_NONE. */
struct user {
	struct str id, login, name, email, image;
	/* by_login only; they never leave the process */
	struct str hash;
	struct str totp; /* the secret of the codes; absent or "": none */
	/* a list of secret/recovery.h; absent without has_set_recovery */
	struct str recovery;
	/*
	 * by_id: the row came from user:<id>.  With MISS: the id was cached as
	 * unknown (negative cache).
	 */
	bool was_cached;
	int64_t ttl_ms; /* was_cached: TTL of that key */
	/* by_id: the row as JSON, if already encoded (by the cache) */
	struct str text;
};

/* Whether a user may be logged in, by SQL; a NULL column is STR_NONE. */
struct user_state {
	bool is_active; /* false for a user who does not exist, too */
	struct str login, email, name;
	struct str roles; /* names, separated by commas or spaces */
	struct str hash;  /* never leaves the process */
};

/* The columns that users may change: bits of user_table_port.editable. */
enum user_column { USER_NAME, USER_IMAGE, USER_COLUMNS };

/* The changes that a user requests; STR_NONE clears a column. */
struct user_changes {
	bool is_given[USER_COLUMNS];
	struct str values[USER_COLUMNS];
};

/*
 * The users table, past all caches, which it neither reads nor fills.  Unlike
 * the other ports it may be used by several threads.
 */
struct user_table_port {
	unsigned int editable; /* 1u << enum user_column */
	bool has_set_hash;     /* false: set_hash is always DENY */
	bool has_set_totp;     /* likewise */
	bool has_set_recovery; /* of set_recovery; set_totp writes them, too */
	/* True if rows have a column totp, as far as is known. */
	bool (*has_totp)(struct user_table_port *port);
	/* MISS: no such user.  FAULT: two rows match. */
	enum result (*by_login)(struct user_table_port *port, struct call *call,
	    struct str login, struct user *user);
	/* Results of by_login. */
	enum result (*by_id)(struct user_table_port *port, struct call *call,
	    struct str id, struct user *user);
	/*
	 * Whether the user may be logged in.  Never MISS: an unknown user is
	 * not active.
	 */
	enum result (*state)(struct user_table_port *port, struct call *call,
	    struct str id, struct user_state *state);
	/*
	 * Changes a row.  Only user_port.update calls it, since cached rows
	 * have to be invalidated.  BAD: the table rejects a value; nothing was
	 * changed.  DOWN: the row may or may not have been changed.
	 */
	enum result (*update)(struct user_table_port *port, struct call *call,
	    struct str id, const struct user_changes *changes);
	/*
	 * Replaces the stored password hash old by hash.  MISS: no such user
	 * or, if the configured SQL compares old (compare-and-set), another
	 * hash is stored.  BAD: the hash does not fit the column.  DENY: there
	 * is no SQL for it, or no right to write.  DOWN: it may or may not have
	 * been written.  No cached row contains it; a stored account contains
	 * its fingerprint (account_port.forget).
	 */
	enum result (*set_hash)(struct user_table_port *port, struct call *call,
	    struct str id, struct str old, struct str hash);
	/*
	 * Replaces the secret of the one-time codes, and with has_set_recovery
	 * the list of recovery codes; STR_NONE removes either.  MISS: no such
	 * user or, if the configured SQL looks, there is a secret already. BAD,
	 * DENY, DOWN as of set_hash.
	 */
	enum result (*set_totp)(struct user_table_port *port, struct call *call,
	    struct str id, struct str totp, struct str codes);
	/*
	 * Replaces the list of recovery codes old (user.recovery) by codes: a
	 * compare-and-set, so of concurrent calls with one old list a single
	 * one is OK.  MISS: no such user, or another list.  BAD, DENY, DOWN as
	 * of set_hash.
	 */
	enum result (*set_recovery)(struct user_table_port *port,
	    struct call *call, struct str id, struct str old, struct str codes);
	/*
	 * Whether a login can be read.  OK, FULL or DOWN; then *why has the
	 * reason, without secrets.
	 */
	enum result (*ping)(
	    struct user_table_port *port, struct call *call, struct str *why);
};

/* The rows of that table behind a cache. */
struct user_port {
	/* Results of user_table_port.by_id; may answer from the cache. */
	enum result (*by_id)(struct user_port *port, struct call *call,
	    struct str id, struct user *user);
	/*
	 * Changes the row in the table, with the results of
	 * user_table_port.update; after OK no call returns the old one.
	 */
	enum result (*update)(struct user_port *port, struct call *call,
	    struct str id, const struct user_changes *changes);
};

/*
 * Without SQL, account data stays valid for this long: the TTL of uauth:{<id>}.
 */
enum { ACCOUNT_LIFE_MS = 600000 };

/* How fresh an account must be. */
enum account_need {
	/* stale-while-revalidate: stale data will do if SQL is slow */
	ACCOUNT_IF_EASY,
	/* only an SQL result from now on */
	ACCOUNT_NEW
};

struct account_port {
	/*
	 * Asks SQL about a user and stores the answer, dated now_ms of Redis'
	 * clock.  known is the account of the session's facts.  With
	 * ACCOUNT_IF_EASY a known account is returned unchanged if another
	 * request is already asking, or if SQL is down, slow or has no place.
	 * Otherwise those cases are FULL or DOWN.
	 */
	enum result (*ask)(struct account_port *port, struct call *call,
	    struct str user_id, int64_t now_ms, enum account_need need,
	    const struct account *known, struct account *account);
	/*
	 * Invalidates the stored account and any SQL answer that is in flight.
	 */
	enum result (*forget)(
	    struct account_port *port, struct call *call, struct str user_id);
};

/* A counter of a limit, rate:<scope>:<name>: at most `most` per window_ms. */
struct limit_bucket {
	struct str scope; /* a fixed word */
	/* the counted subject (account, network) as a hash, in base64url */
	struct str name;
	int most;
	int64_t window_ms; /* starts with the first count */
	/*
	 * For long windows.  A counter that stands at n expires n/most of the
	 * window after its last count.  In the long run no more than `most`
	 * pass per window, and small counters disappear soon.
	 */
	bool is_fading;
};

enum { LIMIT_BUCKETS_MAX = 3 };

/*
 * With LIMIT: the index of the full bucket (of several, the one that stays full
 * longest), and for how long it stays full.
 */
struct limit_verdict {
	size_t full;
	int64_t left_ms;
};

/* At most LIMIT_BUCKETS_MAX buckets a call; 0 buckets are OK. */
struct limit_port {
	/*
	 * Adds one to each bucket or, if any is full, to none: LIMIT.  However
	 * many callers are concurrent, no more than `most` pass.  Every counter
	 * expires with its window, even if a caller dies.
	 */
	enum result (*take)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count,
	    struct limit_verdict *verdict);
	/* The result of take, without counting. */
	enum result (*peek)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count,
	    struct limit_verdict *verdict);
	/* Undoes a take; a window that has ended stays ended. */
	enum result (*give_back)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count);
	/*
	 * Claims rate:<scope>:<name> for life_ms.  MISS: it is claimed already.
	 * Of concurrent calls one is OK, whatever process or host they are of.
	 */
	enum result (*claim)(struct limit_port *port, struct call *call,
	    struct str scope, struct str name, int64_t life_ms);
};

/* The record under reset:<h>: whose password a link may replace. */
struct reset {
	struct str user_id;
	/* of the stored hash that the link was made for; absent: none */
	struct str pw;
};

/* Links that set a new password, by their tokens. */
struct reset_port {
	/* Writes a record that expires after life_ms; *now_ms: the time. */
	enum result (*put)(struct reset_port *port, struct call *call,
	    struct str token, const struct reset *reset, int64_t life_ms,
	    int64_t *now_ms);
	/* MISS: none, or unreadable.  *left_ms: until it expires. */
	enum result (*get)(struct reset_port *port, struct call *call,
	    struct str token, struct reset *reset, int64_t *left_ms);
	/* Deletes the record.  Of concurrent calls one is OK; MISS: none. */
	enum result (*take)(
	    struct reset_port *port, struct call *call, struct str token);
};

#endif
