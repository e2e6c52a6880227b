/* clock.c: times as messages have them (clock.h). */
#include "clock.h"

enum { NS_PER_S = 1000000000 };

Google__Protobuf__Timestamp *clock_time(maru_txn *txn, int64_t ns)
{
    Google__Protobuf__Timestamp *time = maru_txn_alloc(txn, sizeof *time);

    *time = (Google__Protobuf__Timestamp)GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time->seconds = ns / NS_PER_S;
    time->nanos = (int32_t)(ns % NS_PER_S);
    return time;
}

int64_t clock_ns(const Google__Protobuf__Timestamp *time)
{
    return time == NULL ? 0 : time->seconds * NS_PER_S + time->nanos;
}
