/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into another build of the daemon in place of gw_access_record (ld --wrap): an answer leaves at once,
 * and nobody will ever know of it. What that costs less is the price of the access log. For measuring only.
 */
#include "gateway/access/access.h"

void __real_gw_access_record(struct gw_access *access, const struct px_access *what,
                             struct gw_access_note *note);
void __wrap_gw_access_record(struct gw_access *access, const struct px_access *what,
                             struct gw_access_note *note);

void __wrap_gw_access_record(struct gw_access *access, const struct px_access *what,
                             struct gw_access_note *note)
{
    static const lf_error none = LF_ERROR_INIT;
    (void)access;
    (void)what;
    note->index = 1;
    note->done(note, LF_OK, &none);
}
