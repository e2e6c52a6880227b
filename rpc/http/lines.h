/* lines.h: what a line of HTTP may look like, more strictly than the parser has it. Pure. */
#ifndef MARU_HTTP_LINES_H
#define MARU_HTTP_LINES_H

#include "maru/http.h"

/* Without spaces and tabs at both ends. */
maru_text lines_trim(maru_text text);

/* lines_target: visible ASCII, and no fragment. */
bool lines_target(maru_text target);

/* lines_fields: all of it is "name:value CRLF" lines and an empty line at the end: names of tokens, nothing between
 * name and colon, no folded line, no control character but tabs, no bare CR or LF. */
bool lines_fields(const char *at, size_t size);

/* lines_chunk: "SIZE[;extension] CRLF", SIZE in hexadecimal; after a chunk CRLF goes before. */
bool lines_chunk(const char *at, size_t size, bool after_chunk);

/* lines_host: the value of a Host: a name, an IPv4 address or an IPv6 address in brackets, with or without a port of
 * 0..65535 (RFC 3986, 3.2.2 and 3.2.3). An empty one is none: nothing that is served here has no host. */
bool lines_host(maru_text host);

/* lines_authority: the target is a path, "*", or a URL of http or https whose host is as lines_host wants it. */
bool lines_authority(maru_text target);

/* lines_split parts a target into path and query; of "http://host/path" the path is what follows the host. */
void lines_split(maru_text target, maru_text *path, maru_text *query);

#endif
