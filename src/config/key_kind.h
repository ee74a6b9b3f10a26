#ifndef KEY_KIND_H
#define KEY_KIND_H

/*
 * The prefixes of sessgate's keys in Redis, after [redis] key_prefix;
 * store/keys.c makes the names.  CLIENT TRACKING refuses prefixes of one client
 * of which one begins with another, so config/site.c compares the sites'
 * prefixes with these appended.
 */
#define KEY_KIND_SESSION "sess:"
#define KEY_KIND_GENERATION "ugen:"
#define KEY_KIND_LIST "usess:"
#define KEY_KIND_ACCOUNT "uauth:"
#define KEY_KIND_USER "user:"
#define KEY_KIND_RATE "rate:"
#define KEY_KIND_PROBE "probe:"
#define KEY_KIND_RESET "reset:"

#define KEY_KINDS \
	KEY_KIND_SESSION, KEY_KIND_GENERATION, KEY_KIND_LIST, \
	    KEY_KIND_ACCOUNT, KEY_KIND_USER, KEY_KIND_RATE, KEY_KIND_PROBE, \
	    KEY_KIND_RESET

#endif
