/* words.h: the words that C and C++ keep for themselves, and what can be done about each. */
#ifndef PROTOC_GEN_MARU_WORDS_H
#define PROTOC_GEN_MARU_WORDS_H

#include <stdbool.h>

/* words_among is whether word is one of words, each of which stands between two blanks. */
bool words_among(const char *word, const char *words);

/* words_escaped is whether protoc-gen-c puts a "_" after word where a field has that name. */
bool words_escaped(const char *word);

/* words_reserved is whether C reserves word, or GNU C or libmaru's headers make a macro of it, and protoc-gen-c does
 * not know. */
bool words_reserved(const char *word);

/* words_cplusplus is whether C++ (20) reserves word, C does not, and protoc-gen-c does not know. */
bool words_cplusplus(const char *word);

#endif
