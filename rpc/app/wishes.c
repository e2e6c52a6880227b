/* wishes.c: judges by its time whether a signal is a new wish, the same one again, or an impatient second. */
#include "app/wishes.h"

#include <signal.h>

wish wishes_take(wishes *w, int number, bool stopping, int64_t now_ms)
{
    if (stopping && number == SIGHUP)
        return WISH_SAME;
    if (w->told && now_ms - w->at_ms < WISHES_MOMENT_MS)
        return WISH_SAME;
    *w = (wishes){.told = true, .at_ms = now_ms};
    return stopping ? WISH_SECOND : WISH_FIRST;
}
