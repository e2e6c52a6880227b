/* torn_test.c: maru store beside a service, which reads what another process is just writing: the header of data.mdb,
 * the lock file's text. The first is no damage, and the second ends no walk as if that had been all. */
#include "ends.h"
#include "left.h"
#include "store/care.h"
#include "store/datafile.h"

enum { RECORDS = 20, FINE = 0, AGAIN = 2, PAGE = 4096, AT_ROOT = 128 };

/* ---- who looks ---- */

/* The reads until the one that is torn; 0: none. */
static int tears_header, tears_notes;

static bool is_torn(int *left)
{
    return *left > 0 && --*left == 0;
}

ssize_t pread(int fd, void *bytes, size_t size, off_t at)
{
    static ssize_t (*next)(int, void *, size_t, off_t);
    ssize_t got;

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "pread64");
    got = next(fd, bytes, size, at);
    if (got == DATAFILE_HEADER && at < 2 * PAGE && is_file(fd, "/data.mdb") && is_torn(&tears_header))
        memset((char *)bytes + AT_ROOT, 1, 8);
    if (got > 0 && is_file(fd, "/lock") && is_torn(&tears_notes))
        *(char *)bytes = '-';
    return got;
}

static bool count(void *arg, const care_record *record)
{
    (*(int *)arg)++;
    return true;
}

static int verify(char **words)
{
    care       *c;
    maru_error  error = {.text = ""};
    int         seen = 0;
    maru_status status;

    tears_header = atoi(words[1]);
    tears_notes = atoi(words[2]);
    if ((status = care_open(words[0], false, &c, &error)) == MARU_OK)
        status = care_walk(c, count, &seen, &error);
    care_close(c);
    if (status == MARU_ABORTED)
        return AGAIN;
    if (status != MARU_OK || seen != RECORDS + 1)
        fprintf(stderr, "%d records, status %d: %s\n", seen, status, status != MARU_OK ? error.text : "");
    return status == MARU_OK && seen == RECORDS + 1 ? FINE : 1;
}

/* ---- what it says ---- */

static int run_verify(const char *path, int header, int notes)
{
    char              first[16], second[16];
    const char *const args[] = {"verify", path, first, second, NULL};
    kit_child         child;
    int               status;

    snprintf(first, sizeof first, "%d", header);
    snprintf(second, sizeof second, "%d", notes);
    child = kit_spawn(args);
    status = kit_end(&child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void torn(const char *path)
{
    int ended, again = 0;

    test_begin("a header that is read while it is written is no damage");
    for (int i = 3; i <= 6; i++) /* the first two are LMDB's, when it opens the file */
        CHECK_INT(run_verify(path, i, 0), FINE);
    test_begin("nor does a lock file that is read while it is written end a walk as if that were all");
    CHECK_INT(run_verify(path, 0, 0), FINE);
    for (int i = 1; i <= 5; i++) {
        ended = run_verify(path, 0, i);
        CHECK(ended == FINE || ended == AGAIN);
        again += ended == AGAIN;
    }
    CHECK(again > 0);
}

int main(int argc, char **argv)
{
    maru_runtime      *rt;
    maru_store_options options;
    maru_store        *store;
    char              *path;

    if (argc == 5 && strcmp(argv[1], "verify") == 0)
        return verify(argv + 2);
    rt = kit_runtime(NULL);
    path = kit_folder();
    options = kit_options(path);
    store = kit_open(rt, &options);
    left_put(rt, store, 1, RECORDS);
    torn(path);
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
    return test_end();
}
