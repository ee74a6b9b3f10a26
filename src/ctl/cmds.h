#ifndef CTL_CMDS_H
#define CTL_CMDS_H

#include "ctl/args.h"
#include "ctl/open.h"

/*
 * The commands, by file.  Each prints its answer and returns the exit status.
 * ctl/main.c has checked words and options against the row of the command.
 */

/* cmd_sessions.c */
int cmd_sessions(struct ctl *ctl, const struct args *args);
int cmd_end(struct ctl *ctl, const struct args *args);

/* cmd_everybody.c */
int cmd_who(struct ctl *ctl, const struct args *args);
int cmd_count(struct ctl *ctl, const struct args *args);
int cmd_end_everybody(struct ctl *ctl); /* called by cmd_end */

/* cmd_limits.c */
int cmd_limits(struct ctl *ctl, const struct args *args);

/* cmd_login.c */
int cmd_login(struct ctl *ctl, const struct args *args);

/* cmd_password.c */
int cmd_password_hash(struct ctl *ctl, const struct args *args);
int cmd_password_verify(struct ctl *ctl, const struct args *args);
int cmd_password_set(struct ctl *ctl, const struct args *args);

/* cmd_reset_link.c */
int cmd_reset_link(struct ctl *ctl, const struct args *args);

/* cmd_totp.c */
int cmd_totp_new(struct ctl *ctl, const struct args *args);
int cmd_totp_check(struct ctl *ctl, const struct args *args);
int cmd_totp_remove(struct ctl *ctl, const struct args *args);

/* cmd_doctor.c */
int cmd_doctor(struct ctl *ctl, const struct args *args);

/* cmd_migrate.c */
int cmd_migrate(struct ctl *ctl, const struct args *args);

/* cmd_audit.c */
int cmd_audit(struct ctl *ctl, const struct args *args);

/* cmd_web.c */
int cmd_web(struct ctl *ctl, const struct args *args);

/* cmd_rights.c */
int cmd_acl(struct ctl *ctl, const struct args *args);
int cmd_grants(struct ctl *ctl, const struct args *args);

/* cmd_block.c */
int cmd_block(struct ctl *ctl, const struct args *args);
int cmd_unblock(struct ctl *ctl, const struct args *args);
int cmd_blocked(struct ctl *ctl, const struct args *args);

/* cmd_user.c */
int cmd_user(struct ctl *ctl, const struct args *args);

/* cmd_stats.c */
int cmd_stats(struct ctl *ctl, const struct args *args);

/* cmd_top.c */
int cmd_top(struct ctl *ctl, const struct args *args);

/* cmd_ping.c */
int cmd_ping(struct ctl *ctl, const struct args *args);

/* cmd_reload.c */
int cmd_reload(struct ctl *ctl, const struct args *args);

/* cmd_config.c */
int cmd_config_check(struct ctl *ctl, const struct args *args);
int cmd_config_print(struct ctl *ctl, const struct args *args);

#endif
