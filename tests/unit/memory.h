#ifndef MEMORY_H
#define MEMORY_H

#include "store/store.h"

/*
 * The stores of unit tests: all ports over a few records in memory.  Not
 * linked into the program.  It can be told to be down, full or wrong.
 */
enum { MEMORY_MAX = 8, MEMORY_COUNTERS_MAX = 64 };

struct memory {
	struct session_port sessions;
	struct user_port users;
	struct account_port accounts;
	struct limit_port limits;
	struct stores stores; /* the ports above */

	/* what every next call answers instead, while not RESULT_OK */
	enum result sessions_result, users_result, set_hash_result;
	enum result limits_result, touch_result, forget_result;
	int64_t now_ms;

	struct memory_session {
		char token[80];
		const char *handle; /* where a test gives it one */
		struct session_facts facts;
	} records[MEMORY_MAX];
	size_t record_count;

	struct user table[MEMORY_MAX]; /* hash included */
	size_t user_count;
	bool is_disabled[MEMORY_MAX]; /* by row of the table */
	struct str account_pw;	      /* the fingerprint that SQL tells */
	bool users_are_cached;
	bool ids_look_unknown; /* to by_id */
	/* called at each by_login, for what happens meanwhile */
	void (*on_login_read)(struct memory *memory);

	/* windows do not end but by the test */
	struct memory_counter {
		char key[128]; /* scope:name */
		int number;
		int64_t left_ms;
	} counters[MEMORY_COUNTERS_MAX];
	size_t counter_count;

	struct generation generation; /* the same for all users */
	int login_reads, id_reads, session_reads, hash_writes, account_asks;
	int touches, supersedes, account_forgets;
	/* what was written, a letter each: g generation, r renewed, u hash, */
	/* a account forgotten, l listed ended, e ended, p put */
	char trace[32];
	char gens[2][16]; /* the last generations made here */
	char hash[256];	  /* what was written last, for a row of the table */
};

/* memory_limits.c: the counters. */
extern const struct limit_port memory_limit_port;

/* Fills the ports; the rest starts as zeroes. */
void memory_open(struct memory *memory);

/* A live session of user_id under token, of the generation that stands. */
void memory_add_session(
    struct memory *memory, const char *token, struct str user_id);

void memory_add_user(struct memory *memory, const struct user *user);

#endif
