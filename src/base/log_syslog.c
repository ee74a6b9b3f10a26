/* The socket of the system log. */
#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log_syslog.h"

#define SYSLOG_PATH "/dev/log"

static int
connect_syslog(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = SYSLOG_PATH };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved_errno;

	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return -1;
}

int
log_syslog_open(bool *is_stream)
{
	int fd = connect_syslog(SOCK_DGRAM);

	*is_stream = fd < 0 && errno == EPROTOTYPE;
	return *is_stream ? connect_syslog(SOCK_STREAM) : fd;
}
