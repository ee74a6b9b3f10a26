/* The findings about this host: files, the socket, limits. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ctl/doctor.h"
#include "ctl/ping.h"

#define AREA "host"

/* Checks a file with a secret: only its owner and its group may open it. */
static void
check_secret_file(struct doctor *doctor, const char *path, const char *what)
{
	struct stat st;

	if (path == NULL || path[0] == '\0' || stat(path, &st) != 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if (st.st_mode & S_IRWXO)
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "chmod 0640, owner root, group sessgate",
		    "everybody can read or write %s (%s, mode %04o)", path,
		    what, (unsigned)st.st_mode & 07777);
	else
		doctor_report(doctor, DOCTOR_OK, AREA, NULL,
		    "%s is closed to others", path);
}

/* Warns if the group can change the file, which decides who is let in. */
static void
check_conf_file(struct doctor *doctor, const char *path)
{
	struct stat st;

	check_secret_file(doctor, path, "the configuration");
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & S_IWGRP)
		doctor_report(doctor, DOCTOR_WARN, AREA, "chmod g-w",
		    "the group of %s can change it", path);
}

static void
check_host_files(struct doctor *doctor)
{
	const struct conf_all *all = &doctor->ctl->all;

	check_conf_file(doctor, doctor->ctl->source.file);
	check_secret_file(
	    doctor, all->common.redis_url_file, "[redis] url_file");
	for (int i = 0; i < conf_count(all); i++) {
		const struct conf *conf = conf_at(all, i);

		check_secret_file(
		    doctor, conf->mysql_url_file, "[mysql] url_file");
		check_secret_file(
		    doctor, conf->session_secret_file, "[session] secret_file");
	}
}

/* Warns if less than 5 % or 64 MiB are left on the disk of a file. */
static void
check_disk(struct doctor *doctor, const char *path)
{
	const unsigned long least = 64ul << 20;
	char folder[PATH_MAX];
	struct statvfs fs;

	snprintf(folder, sizeof(folder), "%s", path);
	if (statvfs(dirname(folder), &fs) != 0 || fs.f_blocks == 0)
		return;
	if (fs.f_bavail / (fs.f_blocks / 100 + 1) < 5 ||
	    fs.f_bavail * fs.f_frsize < least)
		doctor_report(doctor, DOCTOR_WARN, AREA, "make room",
		    "the disk of %s is nearly full: %lu MiB are left", path,
		    (unsigned long)(fs.f_bavail * fs.f_frsize) >> 20);
}

static void
check_log_file(struct doctor *doctor, const char *option, const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	if (access(path, W_OK) == 0 ||
	    (errno == ENOENT && access(dirname(folder), W_OK) == 0))
		doctor_report(
		    doctor, DOCTOR_OK, AREA, NULL, "%s can be written", path);
	else
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "create it for the user of sessgate",
		    "[log] %s: %s cannot be written: %s", option, path,
		    strerror(errno));
	check_disk(doctor, path);
}

static void
check_log(struct doctor *doctor, const char *option, const char *target)
{
	if (strncmp(target, "file:", 5) == 0)
		check_log_file(doctor, option, target + 5);
	else if (strcmp(target, "syslog") == 0 && access("/dev/log", W_OK) != 0)
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "start a system log, or choose another target",
		    "[log] %s: there is no /dev/log to write to", option);
}

/* Anybody who can write to the socket can claim any client address. */
static void
check_socket(struct doctor *doctor, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		doctor_report(doctor,
		    doctor->socket != NULL ? DOCTOR_BAD : DOCTOR_OK, AREA,
		    "start the process", "there is no socket %s", path);
		return;
	}
	if (!S_ISSOCK(st.st_mode)) {
		doctor_report(doctor, DOCTOR_BAD, AREA, "remove it",
		    "%s is no socket", path);
		return;
	}
	if (st.st_mode & S_IWOTH)
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "mode 0660, group of the web server",
		    "everybody on this host can connect to %s (mode %04o) and "
		    "claim any client address",
		    path, (unsigned)st.st_mode & 07777);
	else if (!(st.st_mode & S_IWGRP))
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "mode 0660, group of the web server",
		    "only the owner of %s can connect to it (mode %04o)", path,
		    (unsigned)st.st_mode & 07777);
	if (access(path, W_OK) == 0) {
		struct ping ping = ping_process(doctor->ctl, NULL, path);

		doctor_report(doctor, ping.is_ok ? DOCTOR_OK : DOCTOR_BAD, AREA,
		    ping.is_ok ? NULL : "look at its log, start it anew",
		    "the process at %s: %s", path, ping.words);
	}
}

/* Counts the needed descriptors as server/descriptors.c does. */
static void
check_descriptors(struct doctor *doctor)
{
	const struct conf_all *all = &doctor->ctl->all;
	const struct conf *conf = &all->common;
	rlim_t needed =
	    (rlim_t)conf->server_connections +
	    (rlim_t)conf->server_workers * 2 +
	    (rlim_t)(conf->mysql_connections * 2) * (rlim_t)conf_count(all) +
	    64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	if (limit.rlim_max < needed)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "raise LimitNOFILE= of the unit, or ulimit -Hn",
		    "%" PRIu64 " descriptors are allowed here, and [server] "
		    "connections needs %" PRIu64,
		    (uint64_t)limit.rlim_max, (uint64_t)needed);
}

/* Browsers drop a Secure cookie that comes over plain http. */
static void
check_origins(struct doctor *doctor)
{
	const struct conf_all *all = &doctor->ctl->all;

	for (int i = 0; i < conf_count(all); i++) {
		const struct conf *conf = conf_at(all, i);

		if (conf->cookie_secure &&
		    str_has(str_from(conf->server_origins), STR("http://")))
			doctor_report(doctor, DOCTOR_BAD, "conf",
			    "use https, or [cookie] secure = off on a test "
			    "machine",
			    "[server] origins has http://, where browsers drop "
			    "the cookie of a login");
	}
}

void
doctor_host(struct doctor *doctor)
{
	check_host_files(doctor);
	check_log(doctor, "target", doctor->ctl->all.common.log_target);
	check_log(doctor, "audit", doctor->ctl->all.common.log_audit);
	check_socket(
	    doctor, doctor->socket != NULL ? doctor->socket : PING_SOCKET);
	check_descriptors(doctor);
	check_origins(doctor);
}
