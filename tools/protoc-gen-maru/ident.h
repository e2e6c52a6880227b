/* ident.h: every name that the generated C of a request puts before its includer, so that no two things share one.
 *
 * Types, functions, variables, macros and enum constants are one name space here, C's own with macros in it; members
 * of a struct are another.
 */
#ifndef PROTOC_GEN_MARU_IDENT_H
#define PROTOC_GEN_MARU_IDENT_H

#include "model.h"

struct ident {
    const char         *name;
    const char         *what; /* "enum shop.Kind": what of the .proto asked for it */
    struct place        place;
    const struct ident *rival; /* that has the name too, found by idents_check; NULL: none */
};

struct idents {
    struct pool  *pool;
    struct ident *list;
    size_t        count;
    size_t        room;
    bool          members; /* of a struct: names that only C++ and libraries have are open to them */
};

void idents_add(struct idents *idents, const char *name, const char *what, const struct place *place);

/* idents_check refuses every name that is there twice, at the later place, unless neither of the two is in a file that
 * is to be generated; and every name of such a file that C can't take. */
void idents_check(struct idents *idents, struct schema *schema);

/* What a type brings, as protoc-gen-c makes it; what a file and its services bring, as emit.h does. */
void idents_of_type(struct idents *idents, const struct type *type, const struct place *place);
void idents_of_model(struct idents *idents, const struct model *model);

#endif
