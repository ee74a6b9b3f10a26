/*
 * Prints the documents generated from options.def, during the build:
 *	optdoc sample > etc/sessgate.conf
 *	optdoc man > man/sessgate.conf.5
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "config/doc.h"

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "sample") == 0) {
		doc_sample(stdout);
	} else if (argc == 2 && strcmp(argv[1], "man") == 0) {
		doc_man(stdout);
	} else {
		fputs("usage: optdoc sample | man\n", stderr);
		return EX_USAGE;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : EX_IOERR;
}
