#ifndef STYLE_H
#define STYLE_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Finds the next <style> element of an HTML text and moves *rest behind it.
 * *content is the raw text of the element as a browser reads it (HTML,
 * 13.2.5.2): the bytes that a hash of Content-Security-Policy covers.  An
 * element without an end tag extends to the end of the text.  False: there is
 * no further element.
 */
bool style_next(struct str *rest, struct str *content);

#endif
