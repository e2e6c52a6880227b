/* maru/decls.h: the names of the public headers are C's for C++ too. Each of them declares between these two. */
#ifndef MARU_DECLS_H
#define MARU_DECLS_H

#ifdef __cplusplus
#define MARU_BEGIN_DECLS extern "C" {
#define MARU_END_DECLS   }
#else
#define MARU_BEGIN_DECLS
#define MARU_END_DECLS
#endif

#endif
