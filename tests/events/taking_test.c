/* taking_test.c: a batch of news takes longer to take in than a producer is waited for: the timers wait for it, and for
 * the next. On the real clock: only there a store writes while its service goes on.
 */
#include "judge.h"

int main(void)
{
    struct scene s;

    if (!scene_open(&s, false))
        return 1;
    test_begin("news that take long to take in are heard to their end before a late timer runs");
    judge_start(&s, s.teller.s.url);
    judge_sleep(&s, "verdict/long", LITTLE_MS);
    say_news(&s, BATCH + 1);
    s.slow_ms = 3400;
    judge_start(&s, s.teller.s.url);
    CHECK_INT(judge_wait(&s, "verdict/long"), s.said);
    scene_close(&s);
    return test_end();
}
