/* inlining.h: what the compiler is told where every instruction counts. Nowhere else. */
#ifndef MARU_INLINING_H
#define MARU_INLINING_H

#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define INLINE      inline __attribute__((always_inline))
#define NOINLINE    __attribute__((noinline))

#endif
