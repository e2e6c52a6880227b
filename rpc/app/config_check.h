/* config_check.h: which text is a value of which kind. Pure. Each returns NULL where text is one, else what was wanted.
 */
#ifndef MARU_CONFIG_CHECK_H
#define MARU_CONFIG_CHECK_H

typedef const char *(*config_check)(const char *text);

const char *config_check_url(const char *text);      /* tcp://HOST:PORT, ipc:///PATH: to listen on, port 0 too */
const char *config_check_call_url(const char *text); /* the same, to call */
const char *config_check_peer(const char *text);     /* NAME=URL, to call */
const char *config_check_path(const char *text);     /* not empty, shorter than PATH_MAX */
const char *config_check_text(const char *text);     /* UTF-8 without control characters; may be empty */
const char *config_check_instance(const char *text); /* config_is_instance */
const char *config_check_truth(const char *text);    /* true, false */
const char *config_check_pid(const char *text);      /* 1..2^31-1 */
const char *config_check_levels(const char *text);   /* log_levels_parse; what it says lives as long as text */
const char *config_check_format(const char *text);   /* logfmt, json */
const char *config_check_address(const char *text);  /* HOST:PORT */

#endif
