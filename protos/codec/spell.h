/* SPDX-License-Identifier: Apache-2.0 */
/*
 * protos/codec/spell.h - any kind as names and texts: what a row of a file says, and what is shown of a record.
 *
 * A name is the field's in the contract. Hashes and record ids are hex, enums their name without its prefix, numbers
 * decimal, flags true or false; of a repeated field the items stand between semicolons. Threads: any.
 */
#ifndef PX_SPELL_H
#define PX_SPELL_H

#include "protos/codec/record.h"

struct px_spelled {
    lf_bytes name;
    lf_bytes text; /* empty: not given */
};

/* A kind's name in lower case with hyphens, credit-list-entry; NONE for what is no kind. */
enum px_kind px_kind_of(lf_bytes word);
/* Whether the kind has a field of this name that can be spelled. */
bool px_spells(enum px_kind kind, lf_bytes name);
/* The same, and the field is a repeated one. */
bool px_spells_many(enum px_kind kind, lf_bytes name);
/* Makes the bodies as the encoder of the kind does. E_ARG or what the kind's decoder says, with reason
 * and field: UNKNOWN_FIELD, DUPLICATE_FIELD, FIELD_LENGTH, FIELD_MISSING. */
lf_status px_spell(struct lf__arena *arena, enum px_kind kind, const struct px_spelled *list,
                   size_t count, struct px_part parts[static PX_PARTS_MAX], size_t *part_count,
                   lf_error *err);
/* Calls `each` for every field that is given in the parts, in the order of the contract, and for every
 * item of a repeated one; `text` ends with NUL and lives in the arena. Messages inside are left out. */
lf_status px_tell(struct lf__arena *arena, const struct px_envelope *envelope,
                  void (*each)(void *user, const char *name, lf_bytes text), void *user,
                  lf_error *err);
/* The same with the messages inside: what stands in the second of `grants` is told as grants[2].role and so on. */
lf_status px_tell_whole(struct lf__arena *arena, const struct px_envelope *envelope,
                        void (*each)(void *user, const char *name, lf_bytes text), void *user,
                        lf_error *err);
/* Decodes the bodies by the kind, for what its form demands. */
lf_status px_form_check(struct lf__arena *arena, const struct px_envelope *envelope, lf_error *err);

#endif
