/* maru/message.h: what may be done with any message, whatever its type. Pure. */
#ifndef MARU_PUBLIC_MESSAGE_H
#define MARU_PUBLIC_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "maru/decls.h"

MARU_BEGIN_DECLS

/* maru_drop_unknown takes out of message, and of all messages in it, the fields that their types do not have.
 *
 * Unpacking keeps them and packing writes them again, of any size up to max_message, so that what passes on a message
 * of a later version loses nothing. Whoever stores a part of a request has checked only the fields that it knows: it
 * drops the others first, or anybody can make records of any size. What is read from a store to be changed and written
 * again keeps them: a later version that shares it has set them (but where the record is larger than any that this
 * version makes). */
void maru_drop_unknown(ProtobufCMessage *message);

MARU_END_DECLS

#endif
