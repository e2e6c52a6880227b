/* convert.c: our side of peers.py: one question a line, one answer a line.
 *
 *   read TYPE JSON     -> ok HEX | error WORDS
 *   print TYPE HEX     -> ok JSON | error WORDS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static void answer(const schema_pool *pool, char *line, maru_arena *arena)
{
    char                 *verb = strtok(line, " "), *name = strtok(NULL, " "), *rest = strtok(NULL, "\n");
    const schema_message *type = support_type(pool, name);
    maru_error            error = {0};
    maru_status           status;
    blob                  wire;
    const char           *text;

    rest = rest == NULL ? "" : rest;
    if (strcmp(verb, "read") == 0) {
        status = json_to_wire(type, rest, strlen(rest), NULL, arena, &wire.at, &wire.size, &error);
        text = status == MARU_OK ? support_to_hex(wire, arena) : NULL;
    } else {
        wire = support_from_hex(rest, arena);
        status = wire_to_json(type, wire.at, wire.size, NULL, arena, &text, NULL, &error);
    }
    printf("%s %s\n", status == MARU_OK ? "ok" : "error", status == MARU_OK ? text : error.text);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    maru_arena        *of_pool = maru_arena_new(64 << 20), *of_line = maru_arena_new(64 << 20);
    const schema_pool *pool = support_pool(argc > 1 ? argv[1] : "json_test.desc", of_pool);
    char              *line = NULL;
    size_t             room = 0;

    while (getline(&line, &room, stdin) > 0) {
        answer(pool, line, of_line);
        maru_arena_reset(of_line);
    }
    free(line);
    maru_arena_free(of_line);
    maru_arena_free(of_pool);
    return 0;
}
