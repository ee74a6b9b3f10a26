/* Exponential back-off with jitter. */
#include "config.h"

#include <sys/random.h>

#include "base/back_off.h"

enum { FIRST_MS = 100, LAST_MS = 1000 };

/* Without entropy the pause has no jitter. */
static int64_t
with_jitter(int64_t pause_ms)
{
	unsigned char byte;

	if (getrandom(&byte, sizeof(byte), GRND_NONBLOCK) != 1)
		return pause_ms;
	return pause_ms * (800 + 400 * byte / 255) / 1000;
}

void
back_off_reset(struct back_off *back_off)
{
	back_off->next_ms = 0;
}

int64_t
back_off_take(struct back_off *back_off)
{
	int64_t pause_ms =
	    back_off->next_ms == 0 ? FIRST_MS : back_off->next_ms;
	int64_t last_ms = back_off->last_ms == 0 ? LAST_MS : back_off->last_ms;

	back_off->next_ms = 2 * pause_ms < last_ms ? 2 * pause_ms : last_ms;
	return with_jitter(pause_ms);
}
