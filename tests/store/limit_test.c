/* limit_test.c: a store that meets the process's own limit of a file's size (ulimit -f), as a disk that is full;
 * wherever in a page the limit is, since a write is cut short there. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "kit.h"

enum { MOST = 100000, FILLER = 3000 };

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static char *name_of(int number, char into[static 32])
{
    snprintf(into, 32, "key %06d", number);
    return into;
}

static maru_status put(maru_runtime *rt, maru_store *store, int number, char words[static 256])
{
    maru_call  *call = maru_call_begin(rt, 0);
    char        key[32];
    kit_item    item = {.key = name_of(number, key), .count = number, .filler = FILLER};
    maru_status status = maru_store_write(store, call, kit_put_in, &item);

    snprintf(words, 256, "%s", maru_call_message(call));
    maru_call_end(call);
    return status;
}

static void check_all(maru_runtime *rt, maru_store *store, int count)
{
    maru_call *call = maru_call_begin(rt, 0);
    char       key[32];
    int        lost = 0;

    for (int i = 0; i < count; i++)
        lost += kit_get(store, call, name_of(i, key)) != i;
    CHECK_INT(lost, 0);
    CHECK_INT(kit_get(store, call, name_of(count, key)), -MARU_NOT_FOUND);
    maru_call_end(call);
}

/* Until three fail, one after the other: the first makes a checkpoint, which may free pages. How many did not. */
static int fill(maru_runtime *rt, maru_store *store, maru_status *status, char words[static 256])
{
    int count = 0;

    for (int failed = 0; count < MOST && failed < 3;)
        if ((*status = put(rt, store, count, words)) == MARU_OK) {
            count++;
            failed = 0;
        } else {
            failed++;
        }
    return count;
}

static void check_limit(rlim_t bytes, bool shared)
{
    maru_runtime      *rt = kit_runtime(NULL);
    char              *path = kit_folder(), words[256] = "";
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_status        status;
    int                count;

    options.shared = shared;
    store = kit_open(rt, &options);
    limit_files(bytes);
    count = fill(rt, store, &status, words);
    CHECK_INT(status, MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(words, "the file has reached the largest size allowed");
    CHECK(count > 20);
    check_all(rt, store, count);
    limit_files(RLIM_INFINITY);
    CHECK_INT(put(rt, store, count, words), MARU_OK);
    check_all(rt, store, count + 1);
    maru_store_close(store);
    store = kit_open(rt, &options);
    check_all(rt, store, count + 1);
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
}

/* ---- what the log says ---- */

static maru_status say_no_in(maru_txn *txn, void *arg)
{
    (void)arg;
    return maru_txn_fail(txn, MARU_ALREADY_EXISTS, "it is there");
}

static maru_status do_nothing_in(maru_txn *txn, void *arg)
{
    (void)txn, (void)arg;
    return MARU_OK;
}

static maru_status write_with(maru_runtime *rt, maru_store *store, maru_txn_fn fn)
{
    maru_call  *call = maru_call_begin(rt, 0);
    maru_status status = maru_store_write(store, call, fn, NULL);

    maru_call_end(call);
    return status;
}

static int count_words(const char *text, const char *words)
{
    int count = 0;

    for (; (text = strstr(text, words)) != NULL; text++)
        count++;
    return count;
}

/* Ten times each of those that fail and that have nothing to write; then two that succeed. How many were otherwise. */
static int alternate(maru_runtime *rt, maru_store *store, int count, int into, char quiet[static 4096])
{
    char    words[256];
    int     wrong = 0;
    ssize_t size;

    for (int i = 0; i < 10; i++) {
        wrong += write_with(rt, store, say_no_in) != MARU_ALREADY_EXISTS;
        wrong += write_with(rt, store, do_nothing_in) != MARU_OK;
        wrong += put(rt, store, count, words) != MARU_RESOURCE_EXHAUSTED;
    }
    size = pread(into, quiet, 4095, 0);
    quiet[size < 0 ? 0 : size] = '\0';
    limit_files(RLIM_INFINITY);
    wrong += put(rt, store, count, words) != MARU_OK;
    wrong += put(rt, store, count + 1, words) != MARU_OK;
    return wrong;
}

static void check_words(bool shared)
{
    maru_runtime      *rt = kit_runtime(NULL);
    char              *path = kit_folder(), quiet[4096], text[4096], words[256];
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_status        status;
    int                count, wrong, was = dup(STDERR_FILENO), into = memfd_create("stderr", MFD_CLOEXEC);
    ssize_t            size;

    options.shared = shared;
    store = kit_open(rt, &options);
    limit_files(1 << 20);
    count = fill(rt, store, &status, words);
    dup2(into, STDERR_FILENO);
    wrong = alternate(rt, store, count, into, quiet);
    dup2(was, STDERR_FILENO);
    size = pread(into, text, sizeof text - 1, 0);
    text[size < 0 ? 0 : size] = '\0';
    CHECK_INT(wrong, 0);
    CHECK_STR(quiet, "");
    CHECK_INT(count_words(text, "writes succeed again"), 1);
    CHECK_INT(count_words(text, "\n"), 1);
    maru_store_close(store);
    close(was);
    close(into);
    maru_runtime_free(rt);
    kit_folder_end(path);
}

/* ---- a new one ---- */

static void check_new(void)
{
    maru_runtime      *rt = kit_runtime(NULL);
    char              *path = kit_folder();
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error;

    limit_files(20000);
    CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_RESOURCE_EXHAUSTED);
    CHECK_CONTAINS(error.text, "the file has reached the largest size allowed");
    limit_files(RLIM_INFINITY);
    store = kit_open(rt, &options);
    maru_store_close(store);
    maru_runtime_free(rt);
    kit_folder_end(path);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN); /* as a service does */
    test_begin("above the limit a write is RESOURCE_EXHAUSTED, nothing is lost, and it goes on once there is none");
    for (rlim_t extra = 0; extra <= 12288; extra += 1024)
        check_limit((1 << 20) + extra + extra / 7, false);
    test_begin("so it is where a store is shared");
    for (rlim_t extra = 0; extra <= 12288; extra += 3072)
        check_limit((1 << 20) + extra + extra / 7, true);
    test_begin("that writes succeed again is said when one did, not where nothing was to be written; shared or not");
    check_words(false);
    check_words(true);
    test_begin("and a new store that has no room is not made, and can be");
    check_new();
    return test_end();
}
