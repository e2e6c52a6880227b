/* blueprint.h: the files that `maru new` writes, with holes, and how these are filled. Pure.
 *
 * In a blueprint, @word@ is a hole. A tab stands where the names of declarations in lines that follow each other shall
 * begin in one column; a `~` where a line may be broken that has more than BLUEPRINT_WIDTH columns, which then goes on
 * under its first open parenthesis. So what is written is formatted, whatever the length of the names in it.
 */
#ifndef MARU_BLUEPRINT_H
#define MARU_BLUEPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { BLUEPRINT_WIDTH = 120 };

typedef struct blueprint {
    const char *name; /* of the file service/NAME.in */
    const char *text;
} blueprint;

/* The last has no name. */
extern const blueprint blueprints[];

typedef struct blueprint_hole {
    const char *name, *value; /* "Name": "Greeter" */
} blueprint_hole;

/* blueprint_find is the text of one; NULL where there is none. */
const char *blueprint_find(const char *name);

/* blueprint_fill writes text into out, its holes filled; the last hole has no name. false where text has a hole of no
 * name, or out failed. */
bool blueprint_fill(const char *text, const blueprint_hole *holes, FILE *out);

/* blueprint_fill_name is the same for a path: nothing is laid out, no line is ended. */
bool blueprint_fill_name(const char *path, const blueprint_hole *holes, FILE *out);

#endif
