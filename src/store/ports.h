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
 * A port belongs to one worker, except the users table.  All texts that a call
 * returns live in call->arena.  Every call may return RESULT_REDIS_DOWN or
 * RESULT_MYSQL_DOWN ("DOWN" below): the store could not answer.  Calls that
 * need SQL may return RESULT_FULL (no free place, base/places.h: nothing was
 * changed, and the request is requeued) and RESULT_FAULT (a defect of the
 * configured SQL, which was logged).  Times are milliseconds since 1970 by the
 * clock of Redis (TIME), so the clocks of gate hosts need not agree.
 */

enum { SESSION_AGENT_MAX = 256 }; /* bytes kept of a User-Agent */

/* The record under sess:<h>.  Absent texts are STR_NONE, absent times -1. */
struct session {
	struct str user_id;
	int64_t created_ms;
	int64_t expires_ms;
	struct str login; /* as the users table has it */
	struct str gen;	  /* the user's generation at login */
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
	int64_t blocked_ms; /* end of an operator's block; 0: no block */
	bool is_unreadable; /* the stored value is invalid */
	struct str text;    /* the stored value; absent if none */
};

/* An operator's block of an account, as the value of ugen:{<id>} has it. */
struct account_block {
	int64_t until_ms, at_ms; /* at_ms: when it was set, -1: not known */
	struct str by, reason;	 /* who set it, and why; may be absent */
};

/*
 * True while an operator's block of the account lasts.  Then no session is
 * valid, a login is refused, and this generation must not be replaced.
 */
static inline bool
generation_is_blocked(const struct generation *generation, int64_t now_ms)
{
	return generation->blocked_ms > now_ms;
}

/*
 * The last SQL result about a user, and its time (uauth:{<id>}).  Sessions do
 * not store it, since logins, email addresses and roles change.
 */
struct account {
	bool is_known; /* false: no SQL result yet, the rest is empty */
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
	struct generation generation; /* of the user session.user_id */
	struct account account;	      /* of the same user */
	bool is_hashed;		      /* stored under the hash of the token */
	struct str name;	      /* the hash or token in the key */
	/* the public handle; set by get if the cache has computed it */
	struct str handle;
	struct str text; /* the record as it is stored */
	int64_t ttl_ms;	 /* PTTL of the key: -1 without expiry */
	int64_t seen_ms; /* in the user's session list; -1: not listed */
	int64_t now_ms;
};

/* Sessions of a user, the last seen first.  Some may already be invalid. */
enum { SESSIONS_LISTED_MAX = 100 };
struct session_list {
	/* only session, is_hashed, name, text, ttl_ms and seen_ms are set */
	struct session_facts *items;
	size_t count;
};

/* The generation that supersede replaces by a new one. */
struct supersession {
	struct str user_id;
	const struct generation *known; /* the generation as it was read */
	bool is_conditional;		/* false: whatever is stored */
};

struct session_port {
	/*
	 * Called for every session that a call deleted, or may have deleted,
	 * other than the one of its own token: by the session cap, by handle,
	 * by list.  name is the hash or token in the key.  May be NULL.
	 */
	void (*on_ended)(void *arg, struct call *call, struct str name);
	void *on_ended_arg;

	/*
	 * Reads the record of a token, with all facts.  MISS: there is no
	 * record, or it is unreadable.
	 */
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
	/*
	 * Deletes the records of a token under all its key variants.  MISS:
	 * there was none.
	 */
	enum result (*end)(
	    struct session_port *port, struct call *call, struct str token);
	/*
	 * Called after end returned DOWN.  OK: the logout is in [session]
	 * spool, and is repeated before this host asks Redis again.  DOWN: it
	 * could not be written.
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
	 * Ends all sessions of the user except those that are then renewed:
	 * replaces the generation by a new one and sets *now_ms to the time.
	 * If is_conditional this is a compare-and-set: MISS if *known is no
	 * longer the stored generation.  A blocked generation has ended all
	 * sessions already and is kept: MISS if is_conditional, else OK and
	 * *generation is the blocked one.
	 */
	enum result (*supersede)(struct session_port *port, struct call *call,
	    const struct supersession *what, struct generation *generation,
	    int64_t *now_ms);
	/* Moves a session to generation gen.  MISS: it has ended. */
	enum result (*renew)(struct session_port *port, struct call *call,
	    const struct session_facts *facts, struct str gen);
	/*
	 * Lists the existing sessions of the user, at most SESSIONS_LISTED_MAX.
	 */
	enum result (*list)(struct session_port *port, struct call *call,
	    struct str user_id, struct session_list *list);
	/*
	 * Ends the session with this handle.  MISS: the user has no such
	 * session.
	 */
	enum result (*end_named)(struct session_port *port, struct call *call,
	    struct str user_id, struct str handle);
	/*
	 * Deletes all listed sessions except the one named keep (STR_NONE:
	 * none), and sets *count to the number that existed.  Called after
	 * supersede, which has made them invalid already.  They are deleted for
	 * other programs that read these records.
	 */
	enum result (*end_listed)(struct session_port *port, struct call *call,
	    struct str user_id, struct str keep, int64_t *count);
	/*
	 * Checks that the store answers and accepts a write.  If not, *why has
	 * the reason, without secrets.
	 */
	enum result (*ping)(
	    struct session_port *port, struct call *call, struct str *why);
};

/* A row of the users table; a NULL column is STR_NONE. */
struct user {
	struct str id, login, name, email, image;
	/* hash, totp, recovery: by_login only; never leave the process */
	struct str hash;
	struct str totp; /* secret of the one-time codes; absent or "": none */
	/* list of recovery codes (secret/recovery.h), if has_set_recovery */
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

/*
 * The columns that decide whether a user may be logged in; a NULL column is
 * STR_NONE.
 */
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
	bool has_set_hash;     /* false: set_hash is always REFUSED */
	bool has_set_totp;     /* false: set_totp is always REFUSED */
	/* false: set_recovery is always REFUSED; set_totp writes no codes */
	bool has_set_recovery;
	/*
	 * True if user_by_login returns a column totp.  Before the first
	 * connection: if its statement names one.
	 */
	bool (*has_totp)(struct user_table_port *port);
	/*
	 * Reads the row of a login name.  MISS: no such user.  FAULT: two rows
	 * match.
	 */
	enum result (*by_login)(struct user_table_port *port, struct call *call,
	    struct str login, struct user *user);
	/* Reads the row of an id.  Results as of by_login. */
	enum result (*by_id)(struct user_table_port *port, struct call *call,
	    struct str id, struct user *user);
	/*
	 * Reads whether the user may be logged in.  Never MISS: an unknown user
	 * is not active.
	 */
	enum result (*state)(struct user_table_port *port, struct call *call,
	    struct str id, struct user_state *state);
	/*
	 * Changes a row; OK also if there is none.  Only user_port.update calls
	 * it, since cached rows have to be invalidated.  BAD: the table rejects
	 * a value; nothing was changed.  DOWN: the row may or may not have been
	 * changed.
	 */
	enum result (*update)(struct user_table_port *port, struct call *call,
	    struct str id, const struct user_changes *changes);
	/*
	 * Replaces the stored password hash old by hash.  MISS: no such user
	 * or, if the configured SQL compares old (compare-and-set), another
	 * hash is stored.  BAD: the hash does not fit the column.  REFUSED: no
	 * SQL is configured for this, or there is no right to write.  DOWN: the
	 * hash may or may not have been written.
	 * No cached row contains the hash; a stored account contains its
	 * fingerprint (see account_port.forget).
	 */
	enum result (*set_hash)(struct user_table_port *port, struct call *call,
	    struct str id, struct str old, struct str hash);
	/*
	 * Replaces the secret of the one-time codes, and with has_set_recovery
	 * the list of recovery codes; STR_NONE removes either.  MISS: no such
	 * user or, if the configured SQL checks it, there is a secret already.
	 * BAD, REFUSED and DOWN as of set_hash.
	 */
	enum result (*set_totp)(struct user_table_port *port, struct call *call,
	    struct str id, struct str totp, struct str codes);
	/*
	 * Replaces the list of recovery codes old (user.recovery) by codes.
	 * This is a compare-and-set: of concurrent calls with the same old list
	 * at most one is OK.  MISS: no such user, or another list is stored.
	 * BAD, REFUSED and DOWN as of set_hash.
	 */
	enum result (*set_recovery)(struct user_table_port *port,
	    struct call *call, struct str id, struct str old, struct str codes);
	/*
	 * Checks that the row of a login can be read.  After FULL or DOWN *why
	 * has the reason, without secrets.
	 */
	enum result (*ping)(
	    struct user_table_port *port, struct call *call, struct str *why);
};

/* The rows of the users table, behind a cache. */
struct user_port {
	/* Results of user_table_port.by_id; may answer from the cache. */
	enum result (*by_id)(struct user_port *port, struct call *call,
	    struct str id, struct user *user);
	/*
	 * Changes the row in the table, with the results of
	 * user_table_port.update.  After OK no call returns the old row.
	 */
	enum result (*update)(struct user_port *port, struct call *call,
	    struct str id, const struct user_changes *changes);
};

/*
 * The time (ms) for which account data is used while SQL does not answer: the
 * TTL of uauth:{<id>}.
 */
enum { ACCOUNT_LIFE_MS = 600000 };

/* How fresh an account must be. */
enum account_need {
	/* stale-while-revalidate: stale data is used if SQL is slow */
	ACCOUNT_IF_EASY,
	/* only the result of a query that starts after the call */
	ACCOUNT_NEW
};

struct account_question {
	struct str user_id;
	int64_t now_ms; /* by Redis' clock */
	enum account_need need;
	const struct account *known; /* of the session's facts */
};

struct account_port {
	/*
	 * Asks SQL about a user and stores the answer, dated now_ms.
	 *
	 * With ACCOUNT_IF_EASY a known account is returned unchanged if another
	 * request is asking, if SQL is down or slow, or if there is no free
	 * place.  With ACCOUNT_NEW SQL is asked even if another request is
	 * asking.  Of an account that is not known another request's answer is
	 * awaited: FULL, until call->lease_wait_until_ms; then SQL is asked.
	 * No free place is FULL, SQL down MYSQL_DOWN.
	 */
	enum result (*ask)(struct account_port *port, struct call *call,
	    const struct account_question *question, struct account *account);
	/*
	 * Invalidates the stored account and any SQL answer that is in flight.
	 */
	enum result (*forget)(
	    struct account_port *port, struct call *call, struct str user_id);
};

/* A counter of a limit, rate:<scope>:<name>: at most `most` per window_ms. */
struct limit_bucket {
	struct str scope; /* a fixed word */
	/* a hash, in base64url, of the account or network that is counted */
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
	/* Returns the result that take would have, without counting. */
	enum result (*peek)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count,
	    struct limit_verdict *verdict);
	/* Subtracts one from each bucket, to undo a take. */
	enum result (*give_back)(struct limit_port *port, struct call *call,
	    const struct limit_bucket *buckets, size_t count);
	/*
	 * Claims rate:<scope>:<name> for ttl_ms.  MISS: it is claimed already.
	 * Of concurrent calls at most one is OK, also across processes and
	 * hosts.
	 */
	enum result (*claim)(struct limit_port *port, struct call *call,
	    struct str scope, struct str name, int64_t ttl_ms);
};

/* The record of a link that sets a new password, under reset:<h>. */
struct reset {
	struct str user_id;
	/* fingerprint of the stored hash at that time; absent: no hash */
	struct str pw;
};

/* Links that set a new password, by their tokens. */
struct reset_port {
	/* Writes a record that expires after ttl_ms; sets *now_ms. */
	enum result (*put)(struct reset_port *port, struct call *call,
	    struct str token, const struct reset *reset, int64_t ttl_ms,
	    int64_t *now_ms);
	/*
	 * Reads a record, and the time *left_ms until it expires.  MISS: there
	 * is none, or it is unreadable.
	 */
	enum result (*get)(struct reset_port *port, struct call *call,
	    struct str token, struct reset *reset, int64_t *left_ms);
	/*
	 * Deletes a record.  Of concurrent calls at most one is OK.  MISS:
	 * there was none.
	 */
	enum result (*take)(
	    struct reset_port *port, struct call *call, struct str token);
};

#endif
