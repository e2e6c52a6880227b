/* power_shim.h: a disk that loses what was not flushed. Preloaded into a process that has a store open.
 *
 * Whatever is written to files named data.mdb, journal.* or STORE is noted until a flush of that file, which was begun
 * after the write, has returned. At the step whose number MARU_CUT_AT says (writes, beginnings and ends of flushes are
 * steps) the power is cut: the files are put to what was flushed, of the noted writes a random part is done in order,
 * by pieces of 512 or 4096 bytes, and the process is killed. Of the files that were made since the last flush of their
 * folder a random part is not there: a flush of the file itself does not keep its name. MARU_CUT_SEED is of the choice.
 */
#ifndef POWER_SHIM_H
#define POWER_SHIM_H

/* power_full makes one in so many writes of pages to data.mdb fail with ENOSPC; 0: none. A test finds it with dlsym. */
typedef void (*power_full_fn)(unsigned one_in);

#endif
