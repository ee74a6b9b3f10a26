/*
 * A fuzz target without libFuzzer: gives it every file of the files and
 * folders that are named; of its own corpus where none is.  A folder without
 * a file is a failure: a replay of nothing would always pass.
 */
#include "config.h"

#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "fuzz.h"

/* The bytes of a file, in a block of their size; NULL: it cannot be read. */
static uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "re");
	uint8_t *bytes = NULL;
	struct stat st;

	if (file == NULL)
		return NULL;
	if (fstat(fileno(file), &st) == 0) {
		*len = (size_t)st.st_size;
		bytes = malloc(*len > 0 ? *len : 1);
	}
	if (bytes != NULL && fread(bytes, 1, *len, file) != *len) {
		free(bytes);
		bytes = NULL;
	}
	fclose(file);
	return bytes;
}

/* The name goes first: the last one that was said is the culprit. */
static int
replay_file(const char *path)
{
	size_t len = 0;
	uint8_t *bytes = read_file(path, &len);

	printf("%s\n", path);
	fflush(stdout);
	if (bytes == NULL) {
		perror(path);
		return -1;
	}
	LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	return 1;
}

/* How many inputs were replayed; -1 after a failure. */
static int
replay_folder(DIR *dir, const char *path)
{
	const struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)) != NULL) {
		char name[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (replay_file(name) < 0)
			return -1;
		count++;
	}
	return count;
}

static int
replay(const char *path)
{
	DIR *dir = opendir(path);
	int count;

	if (dir == NULL)
		return replay_file(path);
	count = replay_folder(dir, path);
	closedir(dir);
	if (count == 0)
		fprintf(stderr, "%s: no input\n", path);
	return count;
}

/* .../fuzz_NAME -> TOP/tests/fuzz/corpus/NAME */
static void
own_corpus(const char *program, char path[PATH_MAX])
{
	const char *slash = strrchr(program, '/');
	const char *top = getenv("top_srcdir");
	const char *name = slash != NULL ? slash + 1 : program;

	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(path, PATH_MAX, "%s/tests/fuzz/corpus/%s",
	    top != NULL ? top : ".", name);
}

int
main(int argc, char **argv)
{
	char path[PATH_MAX];
	int total = 0;

	if (argc < 2) {
		own_corpus(argv[0], path);
		total = replay(path);
	}
	for (int i = 1; i < argc; i++) {
		int count = replay(argv[i]);

		if (count <= 0)
			return EXIT_FAILURE;
		total += count;
	}
	printf("%d inputs\n", total);
	return total > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
