/* care_test.c: compact, repair, restore and backup, ended by kill at every step that changes a name, writes or flushes:
 * there is always one whole store, or for a restore none. Two of them at once, the second at every step of the first;
 * and a disk that is full at every step (steps.h). */
#include "steps.h"

static void fill(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    char               key[16];

    for (int i = 0; i < RECORDS; i++) {
        maru_call *call = maru_call_begin(rt, 20000);

        snprintf(key, sizeof key, "k%d", i);
        CHECK_INT(kit_put(store, call, key, i), MARU_OK);
        maru_call_end(call);
    }
    maru_store_close(store);
}

/* Opened as its service does, all is there, but for one (-1: none), which is damaged or gone: what it gives. */
static int64_t check_all_but(maru_runtime *rt, const char *path, int steps, int one)
{
    int64_t            got = 0;
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_call         *call;
    maru_error         error;
    char               key[16];

    if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_OK)) {
        fprintf(stderr, "after step %d: %s\n", steps, error.text);
        return 0;
    }
    call = maru_call_begin(rt, 20000);
    for (int i = 0; i < RECORDS; i++) {
        snprintf(key, sizeof key, "k%d", i);
        if (i == one)
            got = kit_get(store, call, key);
        else
            CHECK_INT(kit_get(store, call, key), i);
    }
    CHECK_INT(kit_put(store, call, "more", steps), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
    return got;
}

static void check_whole(maru_runtime *rt, const char *path, int steps)
{
    check_all_but(rt, path, steps, -1);
}

static void check_compact(maru_runtime *rt, const char *path)
{
    int steps = 0, status = KILLED;

    test_begin("a compact that is killed at any step leaves a whole store");
    for (; status == KILLED && steps < STEPS_MAX; steps++) {
        status = run_care("compact", path, steps, NULL);
        check_whole(rt, path, steps);
    }
    CHECK_INT(status, DONE);
    CHECK(steps > 8);
}

static void check_restore(maru_runtime *rt, const char *backup, const char *path)
{
    int steps = 0, status = KILLED;

    test_begin("a restore that is killed at any step leaves the store or none, and can be done again");
    for (; status == KILLED && steps < STEPS_MAX; steps++) {
        status = run_care("restore", path, steps, backup);
        if (access(path, F_OK) == 0)
            break;
    }
    CHECK(steps > 3);
    check_whole(rt, path, steps);
}

/* One bit of the sum of a record, which stands behind its key and four bytes of its value. */
static void spoil_sum(const char *path)
{
    spoil(path, BYTES("\1k150"), 9, 1);
}

static uint64_t file_number(const char *path)
{
    char        full[256];
    struct stat about;

    snprintf(full, sizeof full, "%s/data.mdb", path);
    CHECK_INT(stat(full, &about), 0);
    return about.st_ino;
}

/* The damaged one is a copy of path's. */
static void check_damaged(const char *backup, const char *path)
{
    char       restored[256], of[256];
    care      *c;
    maru_error error;
    uint64_t   number;

    test_begin("of a damaged store nothing is replaced, and of a damaged backup nothing is made");
    spoil_sum(backup);
    snprintf(restored, sizeof restored, "%s.no", path);
    snprintf(of, sizeof of, "%s: a record is damaged", backup);
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, of);
    CHECK_CONTAINS(error.text, "; take another backup");
    CHECK(access(restored, F_OK) != 0);
    snprintf(of, sizeof of, "%s/data.mdb", backup);
    CHECK_INT(care_restore(of, restored, "cart", &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "/data.mdb: want a folder that maru store backup made, got a file");
    CHECK_INT(truncate(of, 4097), 0);
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "/data.mdb is damaged: it is cut short within its header; take another backup");
    CHECK_INT(truncate(of, 0), 0);
    CHECK_INT(care_restore(backup, restored, "cart", &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, of);
    CHECK_CONTAINS(error.text, "/data.mdb: the file is empty; take another backup");
    CHECK(access(restored, F_OK) != 0);
    spoil_sum(path);
    number = file_number(path);
    if (!CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        return;
    CHECK_INT(care_compact(c, &error), MARU_DATA_LOSS);
    CHECK_CONTAINS(error.text, "a record is damaged");
    CHECK_CONTAINS(error.text, "; nothing was replaced");
    CHECK(file_number(path) == number);
}

static int64_t wall_ms(void)
{
    return maru_seam_real()->wall(maru_seam_real()->self) / 1000000;
}

static maru_status no_change(maru_txn *txn, void *arg)
{
    return MARU_OK;
}

static care_facts look(const char *path)
{
    care      *c;
    care_facts facts = {.version = 0};
    maru_error error;

    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_look(c, &facts, &error), MARU_OK);
    care_close(c);
    return facts;
}

static void check_migrated(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    care_facts         before, after;

    test_begin("a migration changes the version, and not when a store was made nor its epoch");
    maru_store_close(kit_open(rt, &options));
    before = look(path);
    options.version++;
    options.migrate = no_change;
    while (wall_ms() == before.made_ms)
        ;
    maru_store_close(kit_open(rt, &options));
    after = look(path);
    CHECK_INT(after.version, before.version + 1);
    CHECK_INT(after.made_ms, before.made_ms);
    CHECK(after.epoch == before.epoch);
    CHECK_STR(after.service, "cart");
}

static void check_repair_killed(maru_runtime *rt, const char *path)
{
    char    kept[300];
    int     steps = 0, status = KILLED;
    int64_t got = -MARU_DATA_LOSS;

    test_begin("a repair that is killed at any step leaves the store as it was, or repaired, and can be done again");
    fill(rt, path);
    spoil_sum(path);
    for (; status == KILLED && steps < STEPS_MAX; steps++) {
        snprintf(kept, sizeof kept, "%s.kept%d", path, steps);
        status = run_care("repair", path, steps, kept);
        got = check_all_but(rt, path, steps, 150);
        CHECK(got == -MARU_DATA_LOSS || got == -MARU_NOT_FOUND);
    }
    CHECK_INT(status, DONE);
    CHECK_INT(got, -MARU_NOT_FOUND);
    CHECK(steps > 8);
}

static void check_repair_full(maru_runtime *rt, const char *path)
{
    char     kept[300];
    int      steps = 0, status = COULD_NOT;
    uint64_t before;

    test_begin(
        "a repair that finds the disk full at any step leaves no folder, so that the same can be asked for again");
    fill(rt, path);
    spoil_sum(path);
    before = file_number(path);
    snprintf(kept, sizeof kept, "%s.kept", path);
    for (; status == COULD_NOT && steps < STEPS_MAX; steps++) {
        kit_child child = start_care("repair", path, steps, "f", kept);

        status = end_care(&child);
        CHECK(access(kept, F_OK) != 0 || file_number(path) != before);
    }
    CHECK_INT(status, DONE);
    CHECK(steps > 8);
    CHECK_INT(check_all_but(rt, path, steps, 150), -MARU_NOT_FOUND);
}

/* What a second restore says that begins while the first has come to this step. */
static void check_words(const char *path, const char *backup, const kit_child *first)
{
    char       words[64];
    maru_error error;

    CHECK_INT(care_restore(backup, path, "cart", &error), MARU_FAILED_PRECONDITION);
    snprintf(words, sizeof words, ": another maru store is at it, pid %ld; wait for it", (long)first->pid);
    CHECK_CONTAINS(error.text, words);
}

/* Who does not make it says who does, or that it is made. */
static bool was_told(int status, const char *made)
{
    return status == AT_IT || (status == COULD_NOT && access(made, F_OK) == 0);
}

/* Each step in turn: the second begins when the first has come to it. Each on a path or into a folder of its own. One
 * of both makes it: the second, where the first has only made the folder in which it will. */
static void check_two(const char *verb, const char *path, const char *folder)
{
    bool restores = strcmp(verb, "restore") == 0, waits = true;
    int  steps = 0;

    for (; waits && steps < STEPS_MAX; steps++) {
        char        at[300], into[300];
        const char *made = restores ? at : into;
        int         one, two = AT_IT;
        kit_child   first;

        snprintf(at, sizeof at, restores ? "%s%d" : "%s", path, steps);
        snprintf(into, sizeof into, restores ? "%s" : "%s%d", folder, steps);
        first = start_care(verb, at, steps, "w", into);
        if ((waits = kit_hear(&first) == 's')) {
            two = run_care(verb, at, -1, into);
            if (steps == 1 && restores)
                check_words(at, into, &first);
            kit_tell(&first, 'g');
        }
        one = end_care(&first);
        CHECK(steps == 0 ? two == DONE && was_told(one, made) : one == DONE && was_told(two, made));
    }
    CHECK(steps > 3 && steps < STEPS_MAX);
}

/* The second says who is at it, and does it when that is done. */
static void check_two_compact(maru_runtime *rt, const char *path)
{
    int  steps = 0;
    bool waits = true;

    for (; waits && steps < STEPS_MAX; steps++) {
        kit_child first = start_care("compact", path, steps, "w", NULL);

        if ((waits = kit_hear(&first) == 's')) {
            CHECK_INT(run_care("compact", path, -1, NULL), AT_IT);
            kit_tell(&first, 'g');
        }
        CHECK_INT(end_care(&first), DONE);
        check_whole(rt, path, steps);
    }
    CHECK(steps > 8 && steps < STEPS_MAX);
}

static void check_two_at_once(maru_runtime *rt, const char *path, const char *backup)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    char               other[256], made[300];

    test_begin("of two restores at once one makes the store, and the other says who does, at whatever step it comes");
    snprintf(other, sizeof other, "%s.two", path);
    check_two("restore", other, backup);
    snprintf(made, sizeof made, "%s3", other);
    check_whole(rt, made, 3);
    test_begin("so it is with two backups into one folder, while the service runs");
    snprintf(other, sizeof other, "%s.two", backup);
    store = kit_open(rt, &options);
    check_two("backup", path, other);
    maru_store_close(store);
    test_begin("of two that make a store smaller at once the second says who is at it");
    check_two_compact(rt, path);
}

typedef struct keyless {
    int records, of_wrong_size;
} keyless;

static bool count_keyless(void *arg, const care_record *record)
{
    keyless *k = arg;

    k->records++;
    if (record->fault != NULL && strcmp(record->fault, "its key is of a wrong size") == 0)
        k->of_wrong_size += record->key_size == 0 && record->payload == NULL;
    return true;
}

/* A size of 0 for the first key of all is in order, and so passes what looks at pages. */
static void check_keyless(const char *path)
{
    char        full[256], *bytes;
    struct stat about;
    keyless     k = {0};
    care       *c;
    maru_error  error;
    int         fd;

    test_begin("a key whose size was made 0 is told, and not read");
    snprintf(full, sizeof full, "%s/data.mdb", path);
    fd = open(full, O_RDWR | O_CLOEXEC);
    CHECK(fd >= 0 && fstat(fd, &about) == 0);
    bytes = malloc((size_t)about.st_size);
    CHECK_INT(pread(fd, bytes, (size_t)about.st_size, 0), about.st_size);
    for (char *at = bytes; (at = memmem(at, (size_t)(bytes + about.st_size - at), "\3\0\1k0", 5)) != NULL; at++)
        CHECK_INT(pwrite(fd, "", 1, at - bytes), 1);
    free(bytes);
    close(fd);
    if (!CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        return;
    CHECK_INT(care_walk(c, count_keyless, &k, &error), MARU_OK);
    CHECK_INT(k.of_wrong_size, 1);
    CHECK(k.records > 100);
    care_close(c);
}

static void check_backup(const char *path, const char *backup)
{
    care      *c;
    maru_error error;

    test_begin("a backup has the records, and names whose it is");
    if (!CHECK_INT(care_open(path, false, &c, &error), MARU_OK))
        return;
    CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    CHECK_INT(care_backup(c, backup, &error), MARU_ALREADY_EXISTS);
    care_close(c);
    CHECK_INT(care_restore(backup, "/nowhere/at/all", "basket", &error), MARU_NOT_FOUND);
    CHECK_INT(care_restore(path, "/nowhere/at/all", "cart", &error), MARU_FAILED_PRECONDITION);
    CHECK_CONTAINS(error.text, "this is a store, not a backup");
}

/* Each into a folder of its own, and where it was not made once more. */
static void check_backup_killed(const char *path, const char *backup)
{
    char folder[256], part[300];
    int  steps = 0, status = KILLED;

    test_begin("a backup that is killed at any step leaves a whole one or none, and what it left is in nobody's way");
    for (; status == KILLED && steps < STEPS_MAX; steps++) {
        care      *c;
        maru_error error;

        snprintf(folder, sizeof folder, "%s%d", backup, steps);
        snprintf(part, sizeof part, "%s.part", folder);
        status = run_care("backup", path, steps, folder);
        if (access(folder, F_OK) == 0) {
            if (CHECK_INT(care_open(folder, true, &c, &error), MARU_OK))
                care_close(c);
        } else {
            CHECK_INT(run_care("backup", path, -1, folder), DONE);
        }
        CHECK(access(folder, F_OK) == 0 && access(part, F_OK) != 0);
    }
    CHECK_INT(status, DONE);
    CHECK(steps > 3);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    char         *folder, path[200], backup[200], restored[200];

    if (argc >= 4)
        return take_care(argv + 1);
    folder = kit_folder();
    rt = kit_runtime(NULL);
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(backup, sizeof backup, "%s/backup", folder);
    snprintf(restored, sizeof restored, "%s/restored", folder);
    test_begin("a store is made");
    fill(rt, path);
    check_backup(path, backup);
    check_compact(rt, path);
    check_backup_killed(path, backup);
    check_restore(rt, backup, restored);
    check_two_at_once(rt, restored, backup);
    check_damaged(backup, restored);
    check_keyless(restored);
    snprintf(restored, sizeof restored, "%s/migrated", folder);
    check_migrated(rt, restored);
    snprintf(restored, sizeof restored, "%s/repaired", folder);
    check_repair_killed(rt, restored);
    snprintf(restored, sizeof restored, "%s/full", folder);
    check_repair_full(rt, restored);
    maru_runtime_free(rt);
    kit_folder_end(folder);
    return test_end();
}
