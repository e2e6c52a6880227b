/* names.h: what things of a .proto are called in C.
 *
 * The names of types, messages' functions and fields are protoc-gen-c's (protobuf-c 1.4), to the letter; the names of
 * services and methods are Maru's own snake case. Names of types are given as schema.h has them, with a dot in front.
 * Results are the pool's.
 */
#ifndef PROTOC_GEN_MARU_NAMES_H
#define PROTOC_GEN_MARU_NAMES_H

#include "schema.h"

/* protoc-gen-c's: ".shop.cart.v1.GetCart" with c_package "Cart" is Cart__GetCart, cart__get_cart, CART__GET_CART. */
char *names_type(struct pool *pool, const char *name, const File *file);
char *names_lower(struct pool *pool, const char *name, const File *file);
char *names_upper(struct pool *pool, const char *name, const File *file);

/* protoc-gen-c's, of one word: CamelToUpper, CamelToLower, and the member that a field becomes. */
char *names_camel_upper(struct pool *pool, const char *word);
char *names_camel_lower(struct pool *pool, const char *word);
char *names_field(struct pool *pool, const char *field);

/* "AddItem" and "addItem" are add_item, "HTTPGet" http_get, "Get2URLs" get2_ur_ls. */
char *names_snake(struct pool *pool, const char *word);
/* A method's member of the handlers table: its snake case, with a _ after a word that C or C++ reserves. */
char *names_slot(struct pool *pool, const char *method);

/* "shop/cart.proto" is "shop/cart", shop_cart_proto_maru_file and MARU_shop_2fcart_2eproto_INCLUDED; "a/b_c.proto" is
 * a_b__c_proto_maru_file. No two files have one name. */
char *names_stem(struct pool *pool, const char *file);
char *names_file(struct pool *pool, const char *file);
char *names_guard(struct pool *pool, const char *file);

/* Whether C could take name as the name of something: letters, digits, _, not first a digit, no word that C or
 * GNU C reserves or that is a macro wherever libmaru's headers are. */
bool names_usable(const char *name);

#endif
