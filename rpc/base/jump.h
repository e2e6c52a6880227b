/* jump.h: a place to come back to: setjmp and longjmp without what libc does beside it (no signal mask, no mangled
 * pointers, no registers but three). For those who jump at every call.
 *
 * As with setjmp, the function that set the place must not have returned, and a local that changed since is lost. It is
 * not inlined.
 */
#ifndef MARU_JUMP_H
#define MARU_JUMP_H

/* ThreadSanitizer has to see the jumps, since it keeps a stack of calls of its own; on other machines the compilers'
 * own jumps are not to be relied on. */
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)

typedef struct jump {
    void *words[5]; /* the compiler's */
} jump;

/* 0, or 1 where it was jumped back to. */
#define jump_set(place) __builtin_setjmp((place)->words)

#else

#include <setjmp.h>

typedef struct jump {
    sigjmp_buf buffer;
} jump;

#define jump_set(place) sigsetjmp((place)->buffer, 0)

#endif

/* A function of its own in a file of its own: a compiler that sees a place set and a jump in one function takes the
 * place for one that nobody comes back to. */
_Noreturn void jump_to(jump *place);

#endif
