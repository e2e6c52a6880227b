/* url.h: whether a text is a URL to listen on or to call, tcp://HOST:PORT or ipc:///PATH. Pure: no name is looked up.
 */
#ifndef MARU_URL_H
#define MARU_URL_H

enum { SOCKET_PATH_MAX = 107 }; /* of sun_path, without its NUL */

/* NULL where it is one, else what was wanted. */
const char *url_check_listen(const char *text); /* port 0, which takes a free one, too */
const char *url_check_call(const char *text);   /* neither port 0 nor *, which is every address of this machine */

#endif
