/* clock.h: the system's clocks, for supervisors and commands, which run in no other world: all that a runtime does
 * reads its seam's (maru/seam.h). Any thread. */
#ifndef MARU_CLOCK_H
#define MARU_CLOCK_H

#include <stdint.h>

/* Since some moment, and never back: for how long. */
int64_t clock_now_ms(void);
/* Since 1970: for when. */
int64_t clock_wall_ms(void);

#endif
