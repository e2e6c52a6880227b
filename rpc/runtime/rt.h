/* rt.h: the inside of a runtime, for the rooms of rpc/. */
#ifndef MARU_RT_H
#define MARU_RT_H

#include "maru/runtime.h"
#include "maru/seam.h"
#include "runtime/strand.h"

const maru_seam *rt_seam(const maru_runtime *rt);
strand          *rt_strand(maru_runtime *rt);
int64_t          rt_now(const maru_runtime *rt);  /* monotonic, ns */
int64_t          rt_wall(const maru_runtime *rt); /* ns since 1970 */
void             rt_random(maru_runtime *rt, void *into, size_t size);
int              rt_disk_fault(maru_runtime *rt, const char *step);

#endif
