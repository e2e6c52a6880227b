/* maru/name.h: names of resources: a collection and an id, as in "products/85123A".
 *
 *   if (maru_name_check("name", request->name, "carts/", 64, &error) != MARU_OK)
 *       return maru_fail(call, error.code, "%s", error.text);
 */
#ifndef MARU_PUBLIC_NAME_H
#define MARU_PUBLIC_NAME_H

#include <stddef.h>

#include "maru/status.h"

MARU_BEGIN_DECLS

/* maru_name_size is how many bytes at the front of text are a name: collection (which ends with its /, or is ""), then
 * an id of 1 to most of A-Z a-z 0-9 . _ -. 0 where they are none. Pure. */
size_t maru_name_size(const char *text, const char *collection, size_t most);

/* maru_name_check is OK where all of name is one, else INVALID_ARGUMENT in words that open with field. Pure. */
maru_status maru_name_check(const char *field, const char *name, const char *collection, size_t most,
                            maru_error *error);

/* maru_name_check_new is for where something gets its name: as maru_name_check, and the id is neither . nor .., which
 * who asks by a path of HTTP could not say, since clients take such segments out. What has such a name since before is
 * read, changed, deleted and paged by as all else: there ask maru_name_check. Pure. */
maru_status maru_name_check_new(const char *field, const char *name, const char *collection, size_t most,
                                maru_error *error);

MARU_END_DECLS

#endif
