/* duct_impl.h: the inside of a duct, for the files of this room. All of it belongs to the strand.
 *
 *   duct.c       life and death; input: bytes come
 *   duct_send.c  output: collected, bounded, sent at the end of a turn
 */
#ifndef MARU_DUCT_IMPL_H
#define MARU_DUCT_IMPL_H

#include <errno.h>
#include <stddef.h>

#include "duct/duct.h"

/* duct.c */
/* duct_close_if_still ends a duct that is closing, once nothing is under way. */
void duct_close_if_still(duct *d);
/* duct_receive begins a read; duct_read_again too, where bytes may be there already. */
void duct_receive(duct *d);
void duct_read_again(duct *d);
/* duct_count makes what was taken of options.memory what the buffers hold, after one of them has changed its room.
 * False where that is refused: then the duct closes. */
bool duct_count(duct *d);

/* duct_send.c */
void duct_on_sent(strand_event *event);
void duct_flush(rt_output *output);
void duct_slow_fired(wheel_timer *timer);

#endif
