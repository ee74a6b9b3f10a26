#ifndef KEY_KIND_H
#define KEY_KIND_H

/*
 * The prefixes of the keys of sessgate in Redis, after [redis] key_prefix.
 * store/keys.c makes the names.  CLIENT TRACKING accepts no two prefixes of
 * which one begins with the other, so config/site.c compares the prefixes of
 * the sites with these appended.
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
