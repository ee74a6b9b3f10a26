#ifndef PHPBB_H
#define PHPBB_H

#include "secret/prepare.h"

/*
 * phpBB's request class passes each input through PHP's htmlspecialchars() with
 * ENT_COMPAT: & < > " become entities, in names and passwords too, and CR LF or
 * CR becomes LF (phpbb/request/type_cast_helper.php, set_var).
 */
enum prepare_result phpbb_escaped(
    struct str password, struct prepared *prepared);

/* The password unchanged; PREPARE_SAME if escaping changes nothing. */
enum prepare_result phpbb_unescaped(
    struct str password, struct prepared *prepared);

/* The password escaped; PREPARE_SAME if escaping changes nothing. */
enum prepare_result phpbb_escaped_only(
    struct str password, struct prepared *prepared);

#endif
