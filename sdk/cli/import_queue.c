/* SPDX-License-Identifier: Apache-2.0 */
/* A ring. */
#include "cli/import_queue.h"

#include <stdlib.h>
#include <string.h>

bool import_queue_init(struct import_queue *queue, size_t size)
{
    *queue = (struct import_queue){.slots = calloc(size, sizeof *queue->slots), .size = size};
    return queue->slots != NULL;
}

static void slot_done(struct import_waiting *waiting)
{
    free(waiting->error);
    free(waiting->texts);
    *waiting = (struct import_waiting){.line = 0};
}

void import_queue_done(struct import_queue *queue)
{
    while (queue->count > 0) {
        import_queue_drop_first(queue);
    }
    free(queue->slots);
    *queue = (struct import_queue){.slots = NULL};
}

/* Copies the texts into one piece of memory and points the line at them. */
static char *texts_copy(struct snapshot_line *line)
{
    const char **texts[] = {&line->ref,       &line->uscc,    &line->list,      &line->region,
                            &line->listed_on, &line->list_id, &line->authority, &line->reason_text};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    size_t total = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        total += strlen(*texts[i]) + 1;
    }
    char *bytes = malloc(total);
    char *at = bytes;
    for (size_t i = 0; bytes != NULL && i < TEXTS; i++) {
        size_t len = strlen(*texts[i]) + 1;
        memcpy(at, *texts[i], len);
        *texts[i] = at;
        at += len;
    }
    return bytes;
}

struct import_waiting *import_queue_add(struct import_queue *queue,
                                        const struct snapshot_line *line)
{
    if (queue->count == queue->size) {
        return NULL;
    }
    struct import_waiting *waiting = &queue->slots[(queue->first + queue->count) % queue->size];
    *waiting = (struct import_waiting){.remembered = *line};
    waiting->texts = texts_copy(&waiting->remembered);
    queue->count += waiting->texts != NULL ? 1 : 0;
    return waiting->texts != NULL ? waiting : NULL;
}

struct import_waiting *import_queue_first(struct import_queue *queue)
{
    return queue->count == 0 ? NULL : &queue->slots[queue->first];
}

void import_queue_drop_first(struct import_queue *queue)
{
    slot_done(&queue->slots[queue->first]);
    queue->first = (queue->first + 1) % queue->size;
    queue->count--;
}

void import_queue_drop_last(struct import_queue *queue)
{
    queue->count--;
    slot_done(&queue->slots[(queue->first + queue->count) % queue->size]);
}
