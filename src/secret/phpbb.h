#ifndef PHPBB_H
#define PHPBB_H

#include "secret/prepare.h"

/*
 * phpBB's request class hands on each input as PHP's htmlspecialchars() with
 * ENT_COMPAT makes it: & < > " are entities in names and passwords, and CR LF
 * or CR is LF (phpbb/request/type_cast_helper.php, set_var).
 */
enum prepare_result phpbb_escaped(
    struct str password, struct prepared *prepared);

/* As given; SAME where escaping changes nothing. */
enum prepare_result phpbb_unescaped(
    struct str password, struct prepared *prepared);

/* Escaped; SAME where that changes nothing. */
enum prepare_result phpbb_escaped_only(
    struct str password, struct prepared *prepared);

#endif
