/* claimed_test.c: what a repair or a backup that was killed leaves, and the next one does with it; and what is not
 * theirs.
 */
#include "steps.h"

static const char *const store_files[] = {"data.mdb", "STORE", "journal.0", "journal.1", NULL};

static void put_some(maru_runtime *rt, const char *path, int from, int to)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    char               key[16];

    for (int i = from; i < to; i++) {
        maru_call *call = maru_call_begin(rt, 20000);

        snprintf(key, sizeof key, "k%d", i);
        CHECK_INT(kit_put(store, call, key, i), MARU_OK);
        maru_call_end(call);
    }
    maru_store_close(store);
}

static void copy_file(const char *from, const char *to, const char *name)
{
    static char chunk[1 << 20];
    char        source[PATH_MAX], target[PATH_MAX];
    ssize_t     size;
    int         in, out;

    snprintf(source, sizeof source, "%.4000s/%s", from, name);
    snprintf(target, sizeof target, "%.4000s/%s", to, name);
    in = open(source, O_RDONLY | O_CLOEXEC);
    out = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    while ((size = read(in, chunk, sizeof chunk)) > 0)
        CHECK_INT(syscall(SYS_write, out, chunk, (size_t)size), size);
    close(in);
    close(out);
}

static void copy_store(const char *from, const char *to)
{
    CHECK_INT(mkdir(to, 0700), 0);
    for (size_t i = 0; store_files[i] != NULL; i++)
        copy_file(from, to, store_files[i]);
}

static bool has(const char *folder, const char *name)
{
    char full[PATH_MAX];

    snprintf(full, sizeof full, "%.4000s%s", folder, name);
    return access(full, F_OK) == 0;
}

static care_repaired repair(const char *path, const char *folder, maru_status *status, maru_error *error)
{
    care         *c;
    care_repaired done = {.kept = 0};

    if ((*status = care_open(path, true, &c, error)) == MARU_OK)
        *status = care_repair(c, folder, NULL, NULL, &done, error);
    return done;
}

static bool is_damaged(void *arg, const care_record *record)
{
    *(int *)arg += record->fault != NULL;
    return true;
}

static int count_damaged(const char *path)
{
    care      *c;
    maru_error error;
    int        damaged = 0;

    if (!CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        return -1;
    CHECK_INT(care_walk(c, is_damaged, &damaged, &error), MARU_OK);
    care_close(c);
    return damaged;
}

/* A store with one damaged record is copied for each step at which a repair is killed; then the same is asked for. */
static void check_repair(const char *path, const char *folder)
{
    int steps = 0, status = KILLED, again = 0;

    test_begin(
        "a repair that was killed at any step is done by the next with the same words, and nothing else is left");
    for (; status == KILLED && steps < STEPS_MAX; steps++) {
        char        store[300], kept[300];
        maru_error  error = {.text = ""};
        maru_status done;

        snprintf(store, sizeof store, "%s/s%d", folder, steps);
        snprintf(kept, sizeof kept, "%s/k%d", folder, steps);
        copy_store(path, store);
        status = run_care("repair", store, steps, kept);
        again += has(kept, "") && has(store, "/data.mdb.compact");
        repair(store, kept, &done, &error);
        CHECK_STR(error.text, "");
        CHECK_INT(done, MARU_OK);
        CHECK_INT(count_damaged(store), 0);
        CHECK_INT(count_damaged(kept), 1); /* the file as it was */
        CHECK(!has(store, "/data.mdb.compact") && !has(kept, ".part") && !has(kept, "/making"));
    }
    CHECK_INT(status, DONE);
    CHECK(steps > 8 && again > 2);
}

/* Until one has come so far that its folder is there, and no further. */
static void check_changed(maru_runtime *rt, const char *path, const char *folder)
{
    char          kept[300], other[300];
    maru_error    error = {.text = ""};
    maru_status   status;
    care_repaired done;

    test_begin("where the service wrote since, the folder is kept, and it is said what it may be");
    snprintf(kept, sizeof kept, "%s/changed", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    for (int steps = 0; steps < STEPS_MAX && !has(kept, ""); steps++)
        CHECK_INT(run_care("repair", path, steps, kept), KILLED);
    CHECK_INT(count_damaged(path), 1);
    put_some(rt, path, 500, 501);
    repair(path, kept, &status, &error);
    CHECK_INT(status, MARU_ALREADY_EXISTS);
    CHECK_CONTAINS(error.text,
                   "/changed: is there already, with something else than this store's data.mdb as it is now");
    CHECK_CONTAINS(error.text, "as a repair that was interrupted leaves it");
    CHECK_INT(count_damaged(kept), 1);
    done = repair(path, other, &status, &error);
    CHECK_INT(status, MARU_OK);
    CHECK_INT(done.dropped, 1);

    test_begin("a store is no copy of itself");
    spoil(path, BYTES("\1k16"), 9, 1);
    repair(path, path, &status, &error);
    CHECK_INT(status, MARU_ALREADY_EXISTS);
    CHECK_INT(count_damaged(path), 1);
}

static maru_status backup(const char *path, const char *folder, maru_error *error)
{
    care       *c;
    maru_status status = care_open(path, false, &c, error);

    if (status == MARU_OK)
        status = care_backup(c, folder, error);
    care_close(c);
    return status;
}

static void check_foreign(const char *path, const char *folder)
{
    char       made[300], part[320], file[400];
    maru_error error;

    test_begin("a folder of that name that no maru store left is not touched");
    snprintf(made, sizeof made, "%s/made", folder);
    snprintf(part, sizeof part, "%s.part", made);
    CHECK_INT(mkdir(part, 0700), 0);
    copy_file(path, part, "data.mdb");
    CHECK_INT(backup(path, made, &error), MARU_ALREADY_EXISTS);
    CHECK_CONTAINS(error.text, "/made.part: is there already, and no maru store left it");
    CHECK(has(part, "/data.mdb") && !has(made, ""));

    test_begin("nor one that others may write to, with whatever in it");
    snprintf(file, sizeof file, "%s/making", part);
    CHECK_INT(close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), 0);
    CHECK_INT(chmod(part, 0770), 0);
    CHECK_INT(backup(path, made, &error), MARU_PERMISSION_DENIED);
    CHECK_CONTAINS(error.text, "/made.part: others may write to this folder (mode 770); want 0700");
    CHECK(has(part, "/data.mdb"));
    CHECK_INT(chmod(part, 0700), 0);
    CHECK_INT(backup(path, made, &error), MARU_OK);
    CHECK(has(made, "/data.mdb") && !has(made, "/making") && !has(part, ""));
}

static void check_open_folder(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store;
    care              *c;
    maru_error         error;

    test_begin(
        "a store whose folder others may write to is neither looked at nor changed, as its service does not open it");
    for (int alone = 0; alone < 2; alone++)
        for (int bit = 0; bit < 2; bit++) {
            CHECK_INT(chmod(path, bit ? 0720 : 0702), 0);
            CHECK_INT(care_open(path, alone, &c, &error), MARU_PERMISSION_DENIED);
            care_close(c);
            CHECK_CONTAINS(error.text, bit ? "/store: others may write to this folder (mode 720); want 0700"
                                           : "/store: others may write to this folder (mode 702); want 0700");
            CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_PERMISSION_DENIED);
            CHECK_CONTAINS(error.text, "/store: others may write to this folder (mode 7");
        }
    CHECK_INT(chmod(path, 0755), 0);
    CHECK_INT(care_open(path, true, &c, &error), MARU_OK);
    care_close(c);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;
    char         *folder, path[200];

    if (argc >= 4)
        return take_care(argv + 1);
    folder = kit_folder();
    rt = kit_runtime(NULL);
    snprintf(path, sizeof path, "%s/store", folder);
    put_some(rt, path, 0, 200);
    check_open_folder(rt, path);
    check_foreign(path, folder);
    spoil(path, BYTES("\1k150"), 9, 1);
    check_repair(path, folder);
    check_changed(rt, path, folder);
    maru_runtime_free(rt);
    kit_folder_end(folder);
    return test_end();
}
