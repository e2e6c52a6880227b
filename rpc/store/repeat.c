/* repeat.c: making changes again (contract: repeat.h). */
#include "store/repeat.h"

#include "store/redo.h"

static int change(MDB_txn *txn, MDB_dbi dbi, const redo_entry *entry)
{
    MDB_val key = {.mv_size = entry->key_size, .mv_data = (void *)entry->key};
    MDB_val value = {.mv_size = entry->value_size, .mv_data = (void *)entry->value};
    int     rc = entry->put ? mdb_put(txn, dbi, &key, &value, 0) : mdb_del(txn, dbi, &key, NULL);

    return rc == MDB_NOTFOUND ? 0 : rc;
}

int repeat(MDB_txn *txn, MDB_dbi dbi, const uint8_t *entries, size_t size)
{
    redo_entry entry;
    size_t     at = 0;
    int        rc = 0;

    while (!rc && redo_next(entries, size, &at, &entry) > 0)
        rc = change(txn, dbi, &entry);
    return rc;
}
