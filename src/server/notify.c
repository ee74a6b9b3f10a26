/* sd_notify(3) without libsystemd: each message is one datagram. */
#include "config.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/notify.h"

enum { MESSAGE_MAX = 1024, SEND_WAIT_S = 1 };

static int manager = -1; /* a socket; never changes after notify_open */
static struct sockaddr_un manager_name;
static socklen_t manager_name_len;
static int64_t watchdog_ms;
static _Atomic int64_t alive_ms; /* clock_ms of the last WATCHDOG=1 */

/*
 * Reads the name of the manager's socket.  False: there is no manager, or the
 * name is neither a path nor an abstract one.
 */
static bool
read_name(const char *text)
{
	struct str name = str_from(text);

	if (name.len < 2 || name.len >= sizeof(manager_name.sun_path) ||
	    (name.ptr[0] != '/' && name.ptr[0] != '@'))
		return false;
	manager_name.sun_family = AF_UNIX;
	memcpy(manager_name.sun_path, name.ptr, name.len);
	if (name.ptr[0] == '@')
		manager_name.sun_path[0] = '\0';
	manager_name_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len);
	return true;
}

static void
read_watchdog(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	int64_t number;

	if (pid != NULL &&
	    !str_to_int(str_from(pid), getpid(), getpid(), &number))
		return;
	if (str_to_int(
		str_from(getenv("WATCHDOG_USEC")), 1, INT64_MAX, &number))
		watchdog_ms = number / 1000;
}

void
notify_open(void)
{
	const struct timeval wait = { .tv_sec = SEND_WAIT_S };

	if (!read_name(getenv("NOTIFY_SOCKET")))
		return;
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (manager < 0)
		return;
	setsockopt(manager, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	read_watchdog();
}

bool
notify_is_wanted(void)
{
	return manager >= 0;
}

static void
send_message(const char *message, int flags)
{
	if (manager >= 0)
		(void)sendto(manager, message, strlen(message),
		    flags | MSG_NOSIGNAL,
		    (const struct sockaddr *)&manager_name, manager_name_len);
}

void
notify_ready(const char *status)
{
	char message[MESSAGE_MAX];

	snprintf(message, sizeof(message), "READY=1\nSTATUS=%s", status);
	send_message(message, 0);
}

void
notify_status(const char *status)
{
	char message[MESSAGE_MAX];

	snprintf(message, sizeof(message), "STATUS=%s", status);
	send_message(message, MSG_DONTWAIT);
}

void
notify_reloading(void)
{
	char message[MESSAGE_MAX];

	snprintf(message, sizeof(message),
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64 "\nSTATUS=reloading",
	    clock_us());
	send_message(message, 0);
}

void
notify_stopping(void)
{
	send_message("STOPPING=1\nSTATUS=stopping", 0);
}

void
notify_alive(void)
{
	int64_t now_ms = clock_ms();

	if (watchdog_ms == 0 ||
	    now_ms - atomic_load(&alive_ms) < watchdog_ms / 4)
		return;
	atomic_store(&alive_ms, now_ms);
	send_message("WATCHDOG=1", MSG_DONTWAIT);
}

int64_t
notify_watchdog_ms(void)
{
	return watchdog_ms;
}
