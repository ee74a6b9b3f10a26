#ifndef MEMORY_H
#define MEMORY_H

#include "store/store.h"

/*
 * A fake of the stores for unit tests: all ports over a few records in memory.
 * Not linked into the program.  Tests can make it fail.
 */
enum { MEMORY_MAX = 8, MEMORY_COUNTERS_MAX = 64 };

struct memory {
	struct session_port sessions;
	struct user_table_port user_table;
	struct user_port users;
	struct account_port accounts;
	struct limit_port limits;
	struct reset_port resets;
	struct stores stores; /* the ports above */

	/* if not RESULT_OK: the result of every call */
	enum result sessions_result, users_result, set_hash_result;
	enum result set_totp_result, set_recovery_result, resets_result;
	enum result limits_result, touch_result, forget_result, claim_result;
	int pings; /* of the sessions */
	int64_t now_ms;

	struct memory_session {
		char token[80];
		const char *handle; /* if the test sets one */
		struct session_facts facts;
	} records[MEMORY_MAX];
	size_t record_count;

	struct user table[MEMORY_MAX]; /* hash included */
	size_t user_count;
	bool is_disabled[MEMORY_MAX]; /* indexed like table */
	struct str account_pw;	      /* fingerprint that SQL reports */
	bool users_are_cached, has_totp;
	bool ids_look_unknown; /* by_id then returns MISS */
	/* called at each by_login, to simulate concurrent events */
	void (*on_login_read)(struct memory *memory);

	/* only the test ends a window */
	struct memory_counter {
		char key[128]; /* scope:name */
		int number;
		int64_t left_ms;
	} counters[MEMORY_COUNTERS_MAX];
	size_t counter_count;

	struct generation generation; /* shared by all users */
	int login_reads, id_reads, session_reads, hash_writes, account_asks;
	int touches, supersedes, account_forgets;
	/*
	 * the writes so far, one letter each: g generation, r renewed, u hash,
	 */
	/* a account forgotten, l listed ended, e ended, p put */
	char trace[32];
	char gens[2][16]; /* the last two generations made */
	char hash[256];	  /* the last hash written, used by a row */
	char totp[64];	  /* the last secret written, likewise */
	/* the last lists of recovery codes written, likewise */
	char recovery[2][512];
	int recovery_writes;
	/* called before each list is written, to simulate concurrent events */
	void (*on_recovery_write)(struct memory *memory);

	struct memory_reset {
		char token[64]; /* empty: none */
		struct reset reset;
		int64_t left_ms;
	} reset; /* the only one */
};

/* memory_limits.c: the counters. */
extern const struct limit_port memory_limit_port;

/* memory_users.c: the rows, and what is known of them. */
extern const struct user_table_port memory_user_table_port;
extern const struct user_port memory_user_port;
extern const struct account_port memory_account_port;

/* Adds a letter to the trace. */
void memory_note(struct memory *memory, char what);

/* Fills the ports and zeroes the rest. */
void memory_open(struct memory *memory);

/* Adds a valid session of user_id under token, of the current generation. */
void memory_add_session(
    struct memory *memory, const char *token, struct str user_id);

/* Adds a row, hash included; the texts are not copied. */
void memory_add_user(struct memory *memory, const struct user *user);

#endif
