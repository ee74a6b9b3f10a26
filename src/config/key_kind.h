#ifndef KEY_KIND_H
#define KEY_KIND_H

/*
 * What the names of our keys in Redis begin with, behind [redis] key_prefix;
 * store/keys.c makes the names.  CLIENT TRACKING of one process takes no
 * prefix that begins with another one, so sites are judged by these
 * (config/site.c).
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
