/*
 * The least a FastCGI program can be: eight threads of plain FCGX_Accept_r
 * that answer the same bytes to everything.
 *
 *   null SOCKET FILE     FILE holds the answer: headers, empty line, body
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <fcgiapp.h>

enum { THREADS = 8, BACKLOG = 1024, ANSWER_MAX = 65536 };

static char answer[ANSWER_MAX];
static int answer_len;
static int listener;

static void *
serve(void *unused)
{
	FCGX_Request request;

	(void)unused;
	if (FCGX_InitRequest(&request, listener, 0) != 0)
		exit(EX_SOFTWARE);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, answer_len, request.out);
		FCGX_Finish_r(&request);
	}
	return NULL;
}

static int
read_answer(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	answer_len = (int)read(fd, answer, sizeof(answer));
	close(fd);
	return answer_len > 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	if (argc != 3 || read_answer(argv[2]) != 0) {
		fputs("usage: null SOCKET FILE\n", stderr);
		return EX_USAGE;
	}
	if (FCGX_Init() != 0)
		return EX_SOFTWARE;
	/* libfcgi's own handler lets a thread wait for one more request */
	signal(SIGTERM, SIG_DFL);
	listener = FCGX_OpenSocket(argv[1], BACKLOG);
	for (int i = 1; i < THREADS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve, NULL) != 0)
			return EX_OSERR;
	}
	serve(NULL);
	return EX_OK;
}
