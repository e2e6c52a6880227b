/* words.c: see words.h. In each list a word stands between two blanks; tests/plugin/taken.sh compares them with what
 * the compilers know.
 */
#include "words.h"

#include <string.h>

static const char escaped[] =
    " "
    "and and_eq asm auto bitand bitor bool break case catch char class compl const const_cast continue default "
    "delete do double dynamic_cast else enum explicit extern false float for friend goto if inline int long mutable "
    "namespace new not not_eq operator or or_eq private protected public register reinterpret_cast return short "
    "signed sizeof static static_cast struct switch template this throw true try typedef typeid typename union "
    "unsigned using virtual void volatile wchar_t while xor xor_eq ";

/* Those that a field or a method could have; then what a type could have that no package is before, and what the tag of
 * an enum could; last errno.h's, which maru/errno.h brings everywhere. */
static const char reserved[] =
    " "
    "alignas alignof constexpr errno i386 linux noreturn nullptr restrict static_assert thread_local typeof "
    "typeof_unqual unix "
    "DIR EOF FILE INFINITY NAN NULL NZERO "
    "_Alignas _Alignof _Atomic _BitInt _Bool _Complex _Decimal128 _Decimal32 _Decimal64 _Float128 _Float128x "
    "_Float16 _Float32 _Float32x _Float64 _Float64x _Generic _Imaginary _LP64 _Noreturn _REENTRANT "
    "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF EBADFD EBADMSG EBADR "
    "EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK "
    "EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ "
    "EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC EL3HLT "
    "EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP "
    "ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV ENOENT ENOEXEC "
    "ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK "
    "ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENOTUNIQ ENXIO EOPNOTSUPP EOVERFLOW "
    "EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO "
    "ERESTART ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT "
    "ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EWOULDBLOCK EXDEV EXFULL ";

static const char cplusplus[] =
    " "
    "char16_t char32_t char8_t co_await co_return co_yield concept consteval constinit decltype export noexcept "
    "requires ";

bool words_among(const char *word, const char *words)
{
    size_t size = strlen(word);

    for (const char *at = words; size > 0 && (at = strstr(at, word)) != NULL; at += size)
        if (at > words && at[-1] == ' ' && at[size] == ' ')
            return true;
    return false;
}

bool words_escaped(const char *word)
{
    return words_among(word, escaped);
}

bool words_reserved(const char *word)
{
    return words_among(word, reserved);
}

bool words_cplusplus(const char *word)
{
    return words_among(word, cplusplus);
}
