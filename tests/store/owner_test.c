/* owner_test.c: a store that root took care of is still its owner's; and what can't be read is said to be that. Only
 * root can be tried: else it says that it was not.
 */
#include "left.h"
#include "spoil.h"
#include "store/care.h"

enum { OWNER = 65534, RECORDS = 5 };

static int give(const char *path, const struct stat *about, int type, struct FTW *where)
{
    return lchown(path, OWNER, OWNER);
}

static void give_all(const char *path)
{
    CHECK_INT(nftw(path, give, 16, FTW_PHYS), 0);
}

static int strangers;

static int look(const char *path, const struct stat *about, int type, struct FTW *where)
{
    if (about->st_uid != OWNER || about->st_gid != OWNER)
        fprintf(stderr, "%s is of %u\n", path, about->st_uid);
    strangers += about->st_uid != OWNER || about->st_gid != OWNER;
    return 0;
}

static void check_all(const char *path)
{
    strangers = 0;
    CHECK_INT(nftw(path, look, 16, FTW_PHYS), 0);
    CHECK_INT(strangers, 0);
}

static void check_owner(maru_runtime *rt, const char *path, int first)
{
    check_all(path);
    CHECK_INT(seteuid(OWNER), 0);
    left_write(rt, path, first, first);
    left_check(rt, path, first);
    CHECK_INT(seteuid(0), 0);
}

static void put_small(maru_runtime *rt, const char *path)
{
    maru_store_options options = kit_options(path);
    maru_store        *store = kit_open(rt, &options);
    maru_call         *call = maru_call_begin(rt, 0);

    CHECK_INT(kit_put(store, call, "small", 1), MARU_OK);
    maru_call_end(call);
    maru_store_close(store);
}

/* As a copy of the folder has them that left them out. */
static void remove_locks(const char *path)
{
    static const char *const names[] = {"lock", "lock.mdb", "opening"};
    char                     full[PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(full, sizeof full, "%s/%s", path, names[i]);
        CHECK_INT(unlink(full), 0);
    }
}

static void looked_at(maru_runtime *rt)
{
    char      *path = kit_folder();
    care      *c;
    maru_error error;

    test_begin("a store that root only looked at opens as its owner, also where that made its lock files");
    left_write(rt, path, 1, RECORDS);
    give_all(path);
    remove_locks(path);
    CHECK_INT(care_open(path, false, &c, &error), MARU_OK);
    care_close(c);
    check_owner(rt, path, RECORDS + 1);
    kit_folder_end(path);
}

static void cared_for(maru_runtime *rt)
{
    char         *path = kit_folder(), kept[PATH_MAX];
    care         *c;
    care_repaired done;
    maru_error    error;

    test_begin("a store that root made smaller, or repaired, opens as its owner");
    left_write(rt, path, 1, RECORDS);
    give_all(path);
    remove_locks(path);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_compact(c, &error), MARU_OK);
    check_owner(rt, path, RECORDS + 1);
    put_small(rt, path);
    spoil(path, BYTES("\1small"), 10, 1);
    give_all(path);
    remove_locks(path);
    snprintf(kept, sizeof kept, "%s.kept", path);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_repair(c, kept, NULL, NULL, &done, &error), MARU_OK);
    CHECK_INT(done.dropped, 1);
    check_owner(rt, path, RECORDS + 2);
    kit_folder_end(path);
    nftw(kept, kit_remove, 16, FTW_DEPTH | FTW_PHYS);
}

static void restored(maru_runtime *rt)
{
    char      *data = kit_folder(), *safe = kit_folder(), path[PATH_MAX], backup[PATH_MAX], away[PATH_MAX];
    care      *c;
    maru_error error = {.text = ""};

    test_begin("a store that root restored is the owner's of the data folder, and opens as that one");
    snprintf(path, sizeof path, "%s/cart", data);
    snprintf(backup, sizeof backup, "%s/monday", safe);
    snprintf(away, sizeof away, "%s/tuesday", safe);
    left_write(rt, path, 1, RECORDS);
    give_all(data);
    if (CHECK_INT(care_open(path, true, &c, &error), MARU_OK))
        CHECK_INT(care_backup(c, backup, &error), MARU_OK);
    care_close(c);
    CHECK_INT(rename(path, away), 0);
    CHECK_INT(care_restore(backup, path, "cart", &error), MARU_OK);
    CHECK_STR(error.text, "");
    check_all(data);
    check_owner(rt, path, RECORDS + 1);
    kit_folder_end(data);
    kit_folder_end(safe);
}

static void unreadable(maru_runtime *rt)
{
    char              *path = kit_folder(), full[PATH_MAX];
    maru_store_options options = kit_options(path);
    maru_store        *store;
    maru_error         error = {.text = ""};

    test_begin("where STORE can't be read it is said so, and not that a journal is missing");
    left_write(rt, path, 1, RECORDS);
    give_all(path);
    snprintf(full, sizeof full, "%s/STORE", path);
    CHECK_INT(chown(full, 0, 0), 0);
    CHECK_INT(seteuid(OWNER), 0);
    if (!CHECK_INT(maru_store_open(rt, &options, &store, &error), MARU_PERMISSION_DENIED))
        maru_store_close(store);
    CHECK_CONTAINS(error.text, "/STORE: ");
    CHECK_CONTAINS(error.text, "ermission denied");
    CHECK_INT(seteuid(0), 0);
    kit_folder_end(path);
}

int main(int argc, char **argv)
{
    maru_runtime *rt;

    left_is_child(argc, argv);
    if (geteuid() != 0) {
        printf("skipped: only root can give files to others\n");
        return 77;
    }
    rt = kit_runtime(NULL);
    looked_at(rt);
    cared_for(rt);
    restored(rt);
    unreadable(rt);
    maru_runtime_free(rt);
    return test_end();
}
