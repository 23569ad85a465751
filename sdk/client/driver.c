/* SPDX-License-Identifier: Apache-2.0 */
#include "client/driver.h"

#include "base/clock.h"
#include "base/status.h"

static _Thread_local const struct lf__driver *driver_here; /* whose thread this is */

void lf__driver_init(struct lf__driver *driver)
{
    *driver = (struct lf__driver){.now = lf__clock_monotonic_ns};
    (void)pthread_mutex_init(&driver->lock, NULL);
    (void)pthread_cond_init(&driver->left, NULL);
}

static void *driver_main(void *user)
{
    struct lf__driver *driver = user;
    driver_here = driver;
    while (lf__driver_step(driver)) {
        /* one round after the other */
    }
    return NULL;
}

lf_status lf__driver_run(struct lf__driver *driver, struct lf__wire *wire, lf_error *err)
{
    driver->wire = wire;
    int failed = pthread_create(&driver->thread, NULL, driver_main, driver);
    if (failed != 0) {
        driver->wire = NULL;
        wire->ops->close(wire);
        return lf__fail_cause(err, LF_E_NOMEM, failed, "client: cannot start its thread");
    }
    driver->is_running = true;
    return LF_OK;
}

void lf__driver_done(struct lf__driver *driver)
{
    LF_BUG_IF(lf__driver_is_self(driver)); /* a callback closes its own client */
    atomic_store(&driver->is_closing, true);
    if (driver->is_running) {
        lf__driver_wake(driver);
        (void)pthread_join(driver->thread, NULL);
    }
    while (!driver->is_running && driver->wire != NULL && lf__driver_step(driver)) {
        /* driven by the tests: whoever closes does the last rounds */
    }
    if (driver->wire != NULL) {
        driver->wire->ops->close(driver->wire);
    }
    (void)pthread_cond_destroy(&driver->left);
    (void)pthread_mutex_destroy(&driver->lock);
}

void lf__driver_add(struct lf__driver *driver, struct lf__source *source)
{
    (void)pthread_mutex_lock(&driver->lock);
    source->next = driver->sources;
    driver->sources = source;
    (void)pthread_mutex_unlock(&driver->lock);
    lf__driver_wake(driver);
}

void lf__driver_remove(struct lf__driver *driver, struct lf__source *source)
{
    LF_BUG_IF(lf__driver_is_self(driver));
    (void)pthread_mutex_lock(&driver->lock);
    source->is_leaving = true;
    (void)pthread_mutex_unlock(&driver->lock);
    lf__driver_wake(driver);
    while (!driver->is_running && !source->is_gone) {
        (void)lf__driver_step(driver); /* driven by the tests */
    }
    (void)pthread_mutex_lock(&driver->lock);
    while (!source->is_gone) {
        (void)pthread_cond_wait(&driver->left, &driver->lock);
    }
    (void)pthread_mutex_unlock(&driver->lock);
}

bool lf__driver_is_self(const struct lf__driver *driver)
{
    return driver_here == driver;
}

void lf__driver_wake(struct lf__driver *driver)
{
    if (driver->wire != NULL && !lf__driver_is_self(driver)) {
        driver->wire->ops->wake(driver->wire);
    }
}

/* Those that leave and have come to rest are taken out; the others are left as they are. */
static void gone_remove(struct lf__driver *driver)
{
    (void)pthread_mutex_lock(&driver->lock);
    struct lf__source **at = &driver->sources;
    while (*at != NULL) {
        struct lf__source *source = *at;
        if (source->is_leaving && source->is_idle(source)) {
            *at = source->next;
            source->is_gone = true;
            (void)pthread_cond_broadcast(&driver->left);
        } else {
            at = &source->next;
        }
    }
    (void)pthread_mutex_unlock(&driver->lock);
}

/* Only this thread takes sources out, so the list may be walked from its head without the lock. */
static struct lf__source *sources_head(struct lf__driver *driver)
{
    (void)pthread_mutex_lock(&driver->lock);
    struct lf__source *head = driver->sources;
    (void)pthread_mutex_unlock(&driver->lock);
    return head;
}

static bool is_leaving(struct lf__driver *driver, const struct lf__source *source)
{
    (void)pthread_mutex_lock(&driver->lock);
    bool leaving = source->is_leaving;
    (void)pthread_mutex_unlock(&driver->lock);
    return leaving;
}

bool lf__driver_step(struct lf__driver *driver)
{
    bool is_closing = atomic_load(&driver->is_closing);
    bool is_idle = true;
    int64_t next = INT64_MAX;
    int64_t now = driver->now();
    for (struct lf__source *s = sources_head(driver); s != NULL; s = s->next) {
        int64_t at = s->turn(s, now, is_closing || is_leaving(driver, s));
        next = at < next ? at : next;
        is_idle = is_idle && s->is_idle(s);
    }
    gone_remove(driver);
    if (is_closing && is_idle) {
        return false;
    }
    driver->wire->ops->wait(driver->wire, next);
    return true;
}
