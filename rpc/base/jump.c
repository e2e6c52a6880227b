/* jump.c: goes back to a saved place by the compiler's longjmp, without what libc's does beside it. */
#undef _FORTIFY_SOURCE /* glibc's checked longjmp takes a jump to another stack for an error */
#include "base/jump.h"

_Noreturn void jump_to(jump *place)
{
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    __builtin_longjmp(place->words, 1);
#else
    siglongjmp(place->buffer, 1);
#endif
}
