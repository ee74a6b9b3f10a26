#ifndef REFUSAL_H
#define REFUSAL_H

#include "base/str.h"

/* What an error reply of Redis means for who asked. */
enum refusal {
	REFUSAL_IS_VALUE, /* about the key: for the caller to read */
	REFUSAL_OPENS,	  /* Redis as a whole is of no use: the breaker opens */
	REFUSAL_DROPS,	  /* this server is: connect anew, maybe to another */
	REFUSAL_FAILS	  /* this command is, the connection is not */
};

enum refusal refusal_of(struct str text);

#endif
