/* SPDX-License-Identifier: Apache-2.0 */
/* tasks PROFILE: what is asked of us, and an answer to each open task: that we have no such shop. */
#include <lianfang/submit.h>
#include <lianfang/tasks.h>

#include <stdio.h>

static void on_answered(const lf_result *result, void *user)
{
    (void)user;
    (void)printf("  answered as entry %llu\n", (unsigned long long)result->index);
}

/* A real platform looks the subject up among its shops first. */
static bool on_task(const lf_task *task, void *user)
{
    lf_client *client = user;
    lf_error err = LF_ERROR_INIT;
    lf_record record = LF_RECORD_INIT;
    lf_fields fields = LF_FIELDS_INIT;
    lf_field words[] = {{"target_issuer", task->issuer},
                        {"target_record_id", task->record_id},
                        {"answer", "NO_SHOP"}};
    (void)printf("%s by %s about %s\n", task->kind, task->issuer, task->subject);
    fields.kind = "disposition";
    fields.fields = words;
    fields.count = sizeof words / sizeof words[0];
    record.fields = &fields;
    if (lf_submit_wait(client, &record, 0, on_answered, NULL, &err) != LF_OK) {
        (void)fprintf(stderr, "  %s\n", err.message);
    }
    return true;
}

int main(int argc, char **argv)
{
    lf_error err = LF_ERROR_INIT;
    lf_client *client = NULL;
    lf_task_query query = LF_TASK_QUERY_INIT;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: tasks PROFILE\n");
        return 2;
    }
    query.states = "OPEN";
    lf_status rc = lf_client_open(argv[1], &client, &err);
    rc = rc == LF_OK ? lf_tasks_list(client, &query, on_task, client, &err) : rc;
    lf_client_close(client);
    if (rc != LF_OK) {
        (void)fprintf(stderr, "%s: %s\n", lf_status_name(rc), err.message);
    }
    return rc == LF_OK ? 0 : 1;
}
