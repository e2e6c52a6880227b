/* support.c: what the tests of schema and json share (contract: support.h). */
#include "support.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json/wire_in.h"

extern char **environ;

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "cannot set up: %s: %s\n", what, why);
    exit(2);
}

static blob read_all(FILE *file, const char *name)
{
    size_t   size = 0, capacity = 1 << 16;
    uint8_t *bytes = malloc(capacity);

    while (bytes != NULL) {
        size_t got = fread(bytes + size, 1, capacity - size - 1, file);

        size += got;
        if (got == 0)
            break;
        if (size + 1 == capacity)
            bytes = realloc(bytes, capacity *= 2);
    }
    if (bytes == NULL)
        give_up(name, "no memory");
    bytes[size] = '\0';
    return (blob){.at = bytes, .size = size};
}

blob support_read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    blob  whole;

    if (file == NULL)
        give_up(path, strerror(errno));
    whole = read_all(file, path);
    fclose(file);
    return whole;
}

bool support_next_file(blob *set, blob *file)
{
    wire_in      in = wire_read((wire_bytes){.at = set->at, .size = set->size});
    wire_element element;

    if (!wire_next(&in, &element))
        return false;
    *file = (blob){.at = element.bytes.at, .size = element.bytes.size};
    *set = (blob){.at = in.at, .size = (size_t)(in.end - in.at)};
    return true;
}

schema_pool *support_pool(const char *path, maru_arena *arena)
{
    blob         whole = support_read_file(path), set = whole, file;
    schema_pool *pool = schema_pool_new(arena);
    maru_error   error;

    while (support_next_file(&set, &file))
        if (schema_pool_add(pool, file.at, file.size, &error) != MARU_OK)
            give_up(path, error.text);
    if (schema_pool_link(pool, &error) != MARU_OK)
        give_up(path, error.text);
    free((void *)whole.at);
    return pool;
}

const schema_message *support_type(const schema_pool *pool, const char *name)
{
    char                  full[256];
    const schema_message *type;

    snprintf(full, sizeof full, "%s%s", strchr(name, '.') == NULL ? "jsontest." : "", name);
    type = schema_find_message(pool, full);
    if (type == NULL)
        give_up(full, "no such message");
    return type;
}

blob support_from_hex(const char *hex, maru_arena *arena)
{
    size_t   size = strlen(hex) / 2;
    uint8_t *bytes = maru_arena_alloc(arena, size + 1);

    for (size_t i = 0; i < size; i++) {
        unsigned byte;

        if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
            give_up(hex, "not hexadecimal");
        bytes[i] = (uint8_t)byte;
    }
    return (blob){.at = bytes, .size = size};
}

const char *support_to_hex(blob bytes, maru_arena *arena)
{
    char *hex = maru_arena_alloc(arena, bytes.size * 2 + 1);

    hex[0] = '\0';
    for (size_t i = 0; i < bytes.size; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes.at[i]);
    return hex;
}

blob support_protoc(const char *descriptors, const char *verb, const char *type, blob input, maru_arena *arena)
{
    char                      *in = maru_arena_printf(arena, "--descriptor_set_in=%s", descriptors);
    char                      *what = maru_arena_printf(arena, "--%s=%s", verb, type);
    char                      *argv[] = {"protoc", in, what, NULL};
    FILE                      *from = tmpfile(), *to = tmpfile();
    posix_spawn_file_actions_t files;
    pid_t                      pid;
    int                        status;
    blob                       output;

    if (from == NULL || to == NULL || fwrite(input.at, 1, input.size, from) != input.size || fflush(from) != 0)
        give_up("a temporary file", strerror(errno));
    rewind(from);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, fileno(from), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, fileno(to), STDOUT_FILENO);
    if (posix_spawnp(&pid, "protoc", &files, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid)
        give_up("protoc", strerror(errno));
    if (status != 0)
        fprintf(stderr, "protoc %s ended with status %d\n", what, status);
    posix_spawn_file_actions_destroy(&files);
    rewind(to);
    output = read_all(to, "protoc");
    fclose(from);
    fclose(to);
    return output;
}
