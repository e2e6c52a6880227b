/* option.h: the options that Maru and protobuf-c define, read from what protoc left as unknown fields.
 *
 * protoc may write one option in several pieces; they are merged as protobuf merges. Strings are the pool's.
 */
#ifndef PROTOC_GEN_MARU_OPTION_H
#define PROTOC_GEN_MARU_OPTION_H

#include "schema.h"

/* Field numbers of the extensions, and of what is read in them: for the places of refusals too. */
enum {
    OPTION_MARU = 50901, /* proto/maru/options.proto: of methods and of services */
    OPTION_MARU_EXACTLY_ONCE = 1,
    OPTION_MARU_STORED_REPLY = 2,
    OPTION_MARU_AUDIENCE = 3,
    OPTION_MARU_PREFIX = 1,
    OPTION_PB_C = 1019, /* protobuf-c/protobuf-c.proto: of files, messages, fields */
    OPTION_PB_C_NO_GENERATE = 1,
    OPTION_PB_C_USE_ONEOF_NAME = 5,
    OPTION_PB_C_PACKAGE = 6,
    OPTION_PB_C_BASE = 3,
    OPTION_PB_C_STRING_AS_BYTES = 1,
};

struct file_options {
    bool        no_generate;
    bool        use_oneof_field_name;
    const char *c_package; /* NULL: not set */
};

struct method_options {
    bool     exactly_once;
    bool     stored_reply;
    uint64_t audience; /* 1: OPERATOR */
};

struct file_options   option_of_file(struct pool *pool, const File *file);
struct method_options option_of_method(const Method *method);
const char           *option_service_prefix(struct pool *pool, const Service *service); /* NULL: not set */
bool                  option_is_bytes(const Field *field); /* in C: of type bytes, or a string said to be so */

/* option_base_field is how the struct of message calls its base: as its option says, else "base", with a _ behind where
 * a field has that name, and so on. option_set_base_field has its option say so, for protoc-gen-c. */
bool        option_names_base(struct pool *pool, const Message *message); /* by the option */
const char *option_base_field(struct pool *pool, const Message *message);
void        option_set_base_field(struct pool *pool, Message *message, const char *base);

#endif
