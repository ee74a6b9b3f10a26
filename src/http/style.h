#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Takes *rest to behind the next <style> element of an HTML text; *content is
 * what a browser finds in it (HTML, 13.2.5.2, raw text), the bytes that a
 * hash of Content-Security-Policy is made of.  One without an end runs to the
 * end of the text.  False: there is none.
 */
bool style_next(struct str *rest, struct str *content);

#endif
