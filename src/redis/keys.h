#ifndef KEYS_H
#define KEYS_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The names under which things are stored.  Ids and tokens have been checked
 * against their alphabets before they come here.  Braces are literal: the
 * hash tag of a Redis Cluster.
 */
struct str keys_session(
    struct arena *arena, struct str prefix, struct str name);
struct str keys_generation(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_list(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_account(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_user(
    struct arena *arena, struct str prefix, struct str user_id);
struct str keys_rate(
    struct arena *arena, struct str prefix, struct str scope, struct str name);

#endif
