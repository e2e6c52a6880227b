/* flush_shim.h: stands between a store and the disk, by being preloaded; the test drives it in its own process.
 *
 * Steps of a commit are told apart: of data.mdb its pages, their flush, and the header where it is written through
 * (O_DSYNC); of the journal's files what is written, and the flush. Others are not looked at. A test finds the
 * functions with dlsym.
 */
#ifndef FLUSH_SHIM_H
#define FLUSH_SHIM_H

typedef enum shim_step {
    SHIM_DATA,
    SHIM_FLUSH,
    SHIM_HEADER,
    SHIM_APPEND,
    SHIM_JOURNAL, /* the journal's flush */
    SHIM_NO_COPY, /* lock.mdb, which is empty, is not to be copied when it is overwritten */
    SHIM_STEPS
} shim_step;

/* shim_count tells how often a step was done. */
typedef long (*shim_count_fn)(shim_step step);
/* shim_hold makes the next such step wait before it is done, and lets one of another kind go that waits; shim_wait
 * waits until one does, shim_release lets it go. */
typedef void (*shim_hold_fn)(shim_step step);
typedef void (*shim_wait_fn)(void);
typedef void (*shim_release_fn)(void);
/* shim_fail makes every such step from now on fail with number; 0: no more. */
typedef void (*shim_fail_fn)(shim_step step, int number);
/* shim_cut makes the next such step, a write, end in the middle; it says nothing of an error, though it shall fail. */
typedef void (*shim_cut_fn)(shim_step step);

#endif
