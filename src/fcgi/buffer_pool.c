/* Buffers for connections that have bytes, in a short free list. */
#include "config.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fcgi/buffer_pool.h"

enum { ROOMS_KEPT = 64 };

void
rooms_open(struct rooms *rooms)
{
	pthread_mutex_init(&rooms->lock, NULL);
	rooms->free = NULL;
	rooms->count = 0;
}

void
rooms_close(struct rooms *rooms)
{
	while (rooms->free != NULL) {
		struct room *next = rooms->free->next;

		free(rooms->free);
		rooms->free = next;
	}
	pthread_mutex_destroy(&rooms->lock);
}

struct room *
room_take(struct rooms *rooms)
{
	struct room *room;

	pthread_mutex_lock(&rooms->lock);
	room = rooms->free;
	if (room != NULL) {
		rooms->free = room->next;
		rooms->count--;
	}
	pthread_mutex_unlock(&rooms->lock);
	if (room == NULL)
		room = malloc(sizeof(*room));
	if (room != NULL)
		room->from = room->to = 0;
	return room;
}

void
room_give(struct rooms *rooms, struct room *room)
{
	bool is_kept;

	if (room == NULL)
		return;
	explicit_bzero(room->bytes, room->to);
	pthread_mutex_lock(&rooms->lock);
	is_kept = rooms->count < ROOMS_KEPT;
	if (is_kept) {
		room->next = rooms->free;
		rooms->free = room;
		rooms->count++;
	}
	pthread_mutex_unlock(&rooms->lock);
	if (!is_kept)
		free(room);
}
