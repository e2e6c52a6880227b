/* hostile_test.c PLUGIN PROTOC_GEN_C: requests that protoc would never write. The plugin neither crashes nor answers by
 * halves: it ends with 1 and a line, or answers with an error or with files. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "plugin/all.maru.h"

extern char **environ;

enum { MAX_ANSWER = 1 << 22, FLIPS = 60, STEPS = 40 };

struct tool {
    const char *plugin;
    const char *gen_c;
    char        in[64]; /* of the temporary files that stand in for its pipes */
    char        out[64];
};

/* What came of a run: how it ended, and what it answered. */
struct outcome {
    int      status; /* -1: ended by a signal */
    uint8_t *answer;
    size_t   size;
};

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    if (CHECK(file != NULL)) {
        CHECK_INT(fwrite(bytes, 1, size, file), size);
        fclose(file);
    }
}

static size_t read_file(const char *path, uint8_t *bytes, size_t room)
{
    FILE  *file = fopen(path, "rb");
    size_t size = file == NULL ? 0 : fread(bytes, 1, room, file);

    if (file != NULL)
        fclose(file);
    return size;
}

static struct outcome run(const struct tool *tool, const void *bytes, size_t size)
{
    struct outcome             outcome = {.status = -1, .answer = malloc(MAX_ANSWER)};
    posix_spawn_file_actions_t actions;
    char                      *argv[] = {(char *)tool->plugin, NULL};
    pid_t                      pid;
    int                        status;

    write_file(tool->in, bytes, size);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, tool->in, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, tool->out, O_WRONLY | O_TRUNC, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    if (CHECK(posix_spawn(&pid, tool->plugin, &actions, NULL, argv, environ) == 0) &&
        CHECK(waitpid(pid, &status, 0) == pid) && WIFEXITED(status))
        outcome.status = WEXITSTATUS(status);
    posix_spawn_file_actions_destroy(&actions);
    outcome.size = read_file(tool->out, outcome.answer, MAX_ANSWER);
    return outcome;
}

/* Appends a length-delimited field. */
static size_t put(uint8_t *to, size_t at, unsigned number, const void *bytes, size_t size)
{
    unsigned long tag = number << 3 | 2;
    unsigned long rest = size;

    for (; tag >= 0x80; tag >>= 7)
        to[at++] = (uint8_t)(tag | 0x80);
    to[at++] = (uint8_t)tag;
    for (; rest >= 0x80; rest >>= 7)
        to[at++] = (uint8_t)(rest | 0x80);
    to[at++] = (uint8_t)rest;
    if (size > 0)
        memmove(to + at, bytes, size);
    return at + size;
}

/* Number of files in an answer, or -1 where it says error, or -2 where it is no answer. */
static int files_in(const struct outcome *outcome)
{
    size_t at = 0;
    int    files = 0;

    while (at < outcome->size) {
        unsigned tag = outcome->answer[at++];
        size_t   size = 0;

        for (unsigned shift = 0; at < outcome->size; shift += 7) {
            size |= (size_t)(outcome->answer[at] & 0x7f) << shift;
            if (outcome->answer[at++] < 0x80)
                break;
        }
        if (tag == (1 << 3 | 2))
            return -1;
        files += tag == (15 << 3 | 2);
        if ((tag & 7) == 2)
            at += size;
    }
    return at == outcome->size ? files : -2;
}

/* Whole, refused or said to be no request; never half. */
static void check_decent(const struct outcome *outcome)
{
    int files = files_in(outcome);

    CHECK(outcome->status == 0 || outcome->status == 1);
    CHECK(outcome->status == 0 ? files == 4 || files == 0 || files == -1 : outcome->size == 0);
}

/* A true request: what protoc would send for plugin/other.proto's import deep.proto, which imports nothing. */
static size_t true_request(const struct tool *tool, uint8_t *to)
{
    extern const maru_file plugin_deep_proto_maru_file;
    const maru_file       *file = &plugin_deep_proto_maru_file;
    char                   parameter[512];
    size_t                 at = put(to, 0, 1, file->name, strlen(file->name));

    snprintf(parameter, sizeof parameter, "protoc_gen_c=%s", tool->gen_c);
    at = put(to, at, 2, parameter, strlen(parameter));
    return put(to, at, 15, file->bytes, file->size);
}

static void test_true(const struct tool *tool, const uint8_t *request, size_t size)
{
    struct outcome outcome = run(tool, request, size);

    test_begin("a true request is answered with four files");
    CHECK_INT(outcome.status, 0);
    CHECK_INT(files_in(&outcome), 4);
    free(outcome.answer);
}

static void test_cut(const struct tool *tool, const uint8_t *request, size_t size)
{
    test_begin("a request that is cut short is refused whole");
    for (size_t i = 0; i < STEPS; i++) {
        struct outcome outcome = run(tool, request, size * i / STEPS);

        check_decent(&outcome);
        CHECK(files_in(&outcome) <= 0);
        free(outcome.answer);
    }
}

static void test_flips(const struct tool *tool, const uint8_t *request, size_t size)
{
    unsigned seed = (unsigned)getpid();
    uint8_t  bytes[4096];

    printf("seed %u\n", seed);
    test_begin("a request with broken bytes crashes nothing");
    for (int i = 0; i < FLIPS; i++) {
        struct outcome outcome;

        memcpy(bytes, request, size);
        for (int n = i % 4; n >= 0; n--)
            bytes[(size_t)rand_r(&seed) % size] = (uint8_t)rand_r(&seed);
        outcome = run(tool, bytes, size);
        check_decent(&outcome);
        free(outcome.answer);
    }
}

static void test_deep(const struct tool *tool)
{
    enum { DEPTH = 30000, ROOM = 8 * DEPTH };
    uint8_t       *bytes = malloc(ROOM);
    uint8_t       *more = malloc(ROOM);
    size_t         size = 0;
    struct outcome outcome;

    for (int i = 0; i < DEPTH; i++) {
        size = put(more, 0, 3, bytes, size);
        memcpy(bytes, more, size);
    }
    size = put(more, 0, 4, bytes, size);
    size = put(bytes, 0, 15, more, size);
    outcome = run(tool, bytes, size);
    test_begin("messages nested 30,000 deep are refused");
    CHECK_INT(outcome.status, 1);
    CHECK_INT(outcome.size, 0);
    free(outcome.answer);
    free(bytes);
    free(more);
}

/* A request for one file whose descriptor is bytes. */
static void check_file(const struct tool *tool, const void *bytes, size_t size, const char *words)
{
    uint8_t        request[1024];
    size_t         at = put(request, 0, 1, "a.proto", 7);
    struct outcome outcome;

    at = put(request, at, 15, bytes, size);
    outcome = run(tool, request, at);
    check_decent(&outcome);
    CHECK(words == NULL ? outcome.size == 0 : memmem(outcome.answer, outcome.size, words, strlen(words)) != NULL);
    free(outcome.answer);
}

static void test_files(const struct tool *tool)
{
    test_begin("a file without a name, a message without one, and an edition are refused");
    check_file(tool, "\x62\x06proto3", 8, NULL);
    check_file(tool,
               "\x0a\x07"
               "a.proto\x22\x00\x62\x06proto3",
               19, NULL);
    check_file(tool,
               "\x0a\x07"
               "a.proto\x62\x08"
               "editions",
               19, "a.proto:1:1: is editions: want");
    test_begin("a file that is not in the request is named");
    check_file(tool,
               "\x0a\x07"
               "b.proto\x62\x06proto3",
               17, "a.proto:1:1: is to be generated, but");
}

int main(int argc, char **argv)
{
    struct tool tool;
    uint8_t     request[4096];
    size_t      size;

    if (argc != 3) {
        fprintf(stderr, "usage: hostile_test PLUGIN PROTOC_GEN_C\n");
        return 2;
    }
    tool =
        (struct tool){.plugin = argv[1], .gen_c = argv[2], .in = "/tmp/maru-in-XXXXXX", .out = "/tmp/maru-out-XXXXXX"};
    close(mkstemp(tool.in));
    close(mkstemp(tool.out));
    size = true_request(&tool, request);
    test_true(&tool, request, size);
    test_cut(&tool, request, size);
    test_flips(&tool, request, size);
    test_deep(&tool);
    test_files(&tool);
    unlink(tool.in);
    unlink(tool.out);
    return test_end();
}
