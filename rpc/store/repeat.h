/* repeat.h: the changes of a journal's record (redo.h), made again in a transaction of LMDB's. */
#ifndef MARU_STORE_REPEAT_H
#define MARU_STORE_REPEAT_H

#include <lmdb.h>
#include <stddef.h>
#include <stdint.h>

/* repeat makes them all, in order: 0, or LMDB's error. */
int repeat(MDB_txn *txn, MDB_dbi dbi, const uint8_t *entries, size_t size);

#endif
