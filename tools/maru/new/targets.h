/* targets.h: the targets that the CMake files of a project make, as far as their text tells. */
#ifndef MARU_NEW_TARGETS_H
#define MARU_NEW_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "maru/status.h"

enum { TARGET_NAME_MAX = 128 };

typedef struct target_clash {
    char   target[TARGET_NAME_MAX];
    size_t line;
    bool   links; /* nothing makes it, but something is linked with what has that name */
} target_clash;

/* targets_clash looks in the text of a CMake file for a target that a service of that name would make, too (NAME,
 * NAME_service, NAME_NAME_test), or for a library of its name that is linked. Of variables those of loops over words
 * are followed, and none else, nor are functions of the file's own. Pure. False where there is none. */
bool targets_clash(const char *text, const char *name, target_clash *clash);

/* targets_check looks in all CMakeLists.txt and *.cmake of a project, but not in hidden folders nor in those of builds.
 * ALREADY_EXISTS where one clashes, and words that say where. Blocks on files. */
maru_status targets_check(const char *root, const char *name, maru_error *error);

#endif
