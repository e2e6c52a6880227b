/* next.h: what to do with a service that was just written: the commands that build, test, run and call it, as they work
 * from the folder that the user is in.
 */
#ifndef MARU_NEW_NEXT_H
#define MARU_NEW_NEXT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "new/place.h"

typedef struct next_steps {
    char enter[PATH_MAX];   /* to this folder first; "": one is there */
    char program[PATH_MAX]; /* maru, as the shell finds it from there: "maru", "build/bin/maru", "/opt/maru/bin/maru" */
    char build[PATH_MAX];   /* the build folder: "build" */
    char prefix[PATH_MAX];  /* where CMake is to look for Maru; "": it finds it by itself */
    bool beside;            /* the services' programs are beside maru */
    bool lacks_maru;        /* the project needs an installed Maru, and this one is not installed */
} next_steps;

/* next_find fills steps for a service in place. Asks the file system and PATH; what can't be found out is left as it is
 * for an installed maru on PATH. */
void next_find(const new_place *place, next_steps *steps);

/* next_print writes them: commands begin with two spaces, and are quoted as a shell wants it. Pure. */
void next_print(const next_steps *steps, const new_place *place, const char *name, FILE *out);

#endif
