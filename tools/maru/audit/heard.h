/* heard.h: what checkout's timeline says of services whose log could not be read. Pure. */
#ifndef MARU_AUDIT_HEARD_H
#define MARU_AUDIT_HEARD_H

#include "audit/why.h"

/* heard_fill gives each blind service of facts its events of the timeline, in place of its log. It stays blind: it may
 * have said more. events, list: room for as many as the timeline has entries; both, and the timeline, live as long as
 * facts. */
void heard_fill(why_facts *facts, const Checkout__Timeline *timeline, MaruEvents__Event *events,
                MaruEvents__Event **list);

#endif
