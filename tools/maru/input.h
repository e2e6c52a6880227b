/* input.h: the JSON of a call: written in the command line, or read from a file or stdin. Blocks. */
#ifndef MARU_INPUT_H
#define MARU_INPUT_H

#include <stddef.h>

#include "maru/status.h"

enum { INPUT_MAX = 64 << 20 };

/* input_read takes what -d says: "@" or "-" stdin, "@FILE" a file, else the text itself. A byte order mark that a file
 * begins with is left out. *bytes is the caller's to free. */
maru_status input_read(const char *spec, char **bytes, size_t *size, maru_error *error);

/* Where it came from: "stdin", or the file; NULL where it was the text itself. */
const char *input_name(const char *spec);

/* input_fault puts that before the words of an error about what was read, and returns its status. spec may be NULL. */
maru_status input_fault(const char *spec, maru_error *error);

#endif
