/* SPDX-License-Identifier: Apache-2.0 */
/* members PROFILE [ROLE]: who takes part, and what the federation has of ourselves. */
#include <lianfang/members.h>

#include <stdio.h>

static void on_member(const lf_member *member, void *user)
{
    unsigned *count = user;
    (*count)++;
    (void)printf("%s %s %s %s\n", member->member, member->role, member->status, member->name);
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_member self;
    unsigned count = 0;
    if (argc != 2 && argc != 3) {
        (void)fprintf(stderr, "usage: members PROFILE [ROLE]\n");
        return 2;
    }
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_member_list(client, argc == 3 ? argv[2] : NULL, on_member, &count, &err)
                     : rc;
    rc = rc == LF_OK ? lf_member_get(client, lf_client_member(client), &self, &err) : rc;
    if (rc == LF_OK) {
        (void)printf("%u members; we are %s since entry %llu, with %zu keys\n", count, self.member,
                     (unsigned long long)self.since_index, self.key_count);
    } else {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    lf_client_close(client);
    return rc == LF_OK ? 0 : 1;
}
