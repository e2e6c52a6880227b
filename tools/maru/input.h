/* input.h: the JSON of a call: written in the command line, or read from a file or stdin. Blocks. */
#ifndef MARU_INPUT_H
#define MARU_INPUT_H

#include <stddef.h>

#include "maru/status.h"

enum { INPUT_MAX = 64 << 20 };

/* input_read takes what -d says: "@" or "-" stdin, "@FILE" a file, else the text itself. *bytes is the caller's to
 * free. */
maru_status input_read(const char *spec, char **bytes, size_t *size, maru_error *error);

#endif
