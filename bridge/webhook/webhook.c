/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/webhook.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "system/clock.h"
#include "webhook/sender.h"

enum { INBOX_REPLIES_MAX = 2 * LIMIT_WEBHOOKS, INBOX_TESTS_MAX = SENDER_TESTS_MAX };

/* The caller's options, copied. */
struct owned_options {
    struct webhook_options options;
    char *instance, *ca, *proxy;
};

struct waiting_test {
    uint64_t test_id;
    char webhook_id[LIMIT_WEBHOOK_ID_BYTES + 1];
};

struct published {
    char id[LIMIT_WEBHOOK_ID_BYTES + 1];
    struct webhook_status status;
};

struct webhooks {
    pthread_t thread;
    bool running;

    pthread_mutex_t lock; /* of all down to the sender */
    bool stop, open;
    bool asleep; /* wake it for events too */
    uint64_t newest_id;
    struct owned_options *new_options; /* NULL: no reload */
    bool insecure;
    struct reply replies[INBOX_REPLIES_MAX]; /* command ID and status; one a webhook at most is outstanding */
    size_t reply_count;
    struct waiting_test tests[INBOX_TESTS_MAX];
    size_t test_count;
    struct published published[LIMIT_WEBHOOKS];
    size_t published_count;
    struct webhook_totals totals;

    struct sender sender; /* the thread's alone */
    struct owned_options *options;
};

static char *copy_string(const char *string, bool *failed)
{
    char *copy = string != NULL ? strdup(string) : NULL;
    *failed = *failed || (string != NULL && copy == NULL);
    return copy;
}

static void options_free(struct owned_options *owned)
{
    if (owned == NULL)
        return;
    free(owned->instance);
    free(owned->ca);
    free(owned->proxy);
    free(owned);
}

static struct owned_options *options_copy(const struct webhook_options *options)
{
    bool failed = false;
    struct owned_options *owned = calloc(1, sizeof *owned);
    if (owned == NULL)
        return NULL;
    owned->instance = copy_string(options->instance, &failed);
    owned->ca = copy_string(options->ca, &failed);
    owned->proxy = copy_string(options->proxy, &failed);
    owned->options = (struct webhook_options){ owned->instance, owned->ca, owned->proxy, options->insecure };
    if (!failed)
        return owned;
    options_free(owned);
    return NULL;
}

/* ---- the thread ---- */

struct inbox {
    bool stop;
    struct owned_options *new_options;
    struct reply replies[INBOX_REPLIES_MAX];
    size_t reply_count;
    struct waiting_test tests[INBOX_TESTS_MAX];
    size_t test_count;
    uint64_t newest_id;
};

static void take_inbox(struct webhooks *webhooks, struct inbox *inbox)
{
    pthread_mutex_lock(&webhooks->lock);
    inbox->stop = webhooks->stop;
    inbox->new_options = webhooks->new_options;
    inbox->newest_id = webhooks->newest_id;
    inbox->reply_count = webhooks->reply_count;
    inbox->test_count = webhooks->test_count;
    memcpy(inbox->replies, webhooks->replies, webhooks->reply_count * sizeof inbox->replies[0]);
    memcpy(inbox->tests, webhooks->tests, webhooks->test_count * sizeof inbox->tests[0]);
    webhooks->new_options = NULL;
    webhooks->reply_count = webhooks->test_count = 0;
    webhooks->asleep = false;
    pthread_mutex_unlock(&webhooks->lock);
}

static void use_options(struct webhooks *webhooks, struct owned_options *take_options)
{
    struct owned_options *old = webhooks->options;
    webhooks->options = take_options;
    webhooks->sender.options = take_options->options;
    options_free(old);
}

/* True: to stop. */
static bool read_inbox(struct webhooks *webhooks)
{
    struct inbox inbox;
    struct sender *sender = &webhooks->sender;
    take_inbox(webhooks, &inbox);
    if (inbox.new_options != NULL)
        use_options(webhooks, inbox.new_options);
    sender_newest(sender, inbox.newest_id);
    for (size_t i = 0; i < inbox.reply_count; i++)
        sender_reply(sender, &inbox.replies[i]);
    for (size_t i = 0; i < inbox.test_count; i++)
        sender_test(sender, inbox.tests[i].test_id, text_from_c(inbox.tests[i].webhook_id));
    return inbox.stop;
}

static bool is_published(const struct webhooks *webhooks)
{
    const struct sender *sender = &webhooks->sender;
    bool same = webhooks->published_count == sender->count;
    for (size_t i = 0; same && i < sender->count; i++)
        same = !sender->endpoints[i]->status_changed &&
               strcmp(webhooks->published[i].id, sender->endpoints[i]->id) == 0;
    return same;
}

static void publish_endpoint(struct webhooks *webhooks, size_t index)
{
    struct endpoint *endpoint = webhooks->sender.endpoints[index];
    struct published *published = &webhooks->published[index];
    if (!endpoint->status_changed && strcmp(published->id, endpoint->id) == 0)
        return;
    memcpy(published->id, endpoint->id, sizeof published->id);
    published->status = endpoint->status;
    endpoint->status_changed = false;
}

static void publish(struct webhooks *webhooks)
{
    if (is_published(webhooks)) /* only this thread writes what is compared */
        return;
    pthread_mutex_lock(&webhooks->lock);
    for (size_t i = 0; i < webhooks->sender.count; i++)
        publish_endpoint(webhooks, i);
    webhooks->published_count = webhooks->sender.count;
    webhooks->totals = webhooks->sender.tools.totals;
    pthread_mutex_unlock(&webhooks->lock);
}

/* What came meanwhile is in the inbox, or wakes the wait. */
static void sleep_until(struct webhooks *webhooks, int timeout_ms)
{
    pthread_mutex_lock(&webhooks->lock);
    const bool news = webhooks->stop || webhooks->newest_id > webhooks->sender.tools.newest_id;
    webhooks->asleep = !news;
    pthread_mutex_unlock(&webhooks->lock);
    transfers_wait(webhooks->sender.tools.transfers, news ? 0 : timeout_ms);
}

static void *run(void *context)
{
    struct webhooks *webhooks = context;
    while (!read_inbox(webhooks)) {
        const int timeout_ms = sender_run(&webhooks->sender);
        publish(webhooks);
        sleep_until(webhooks, timeout_ms);
    }
    sender_stop(&webhooks->sender);
    return NULL;
}

/* ---- from outside ---- */

static bool start_thread(struct webhooks *webhooks)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are main's; SIGPIPE is nobody's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&webhooks->thread, NULL, run, webhooks);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == 0;
}

struct webhooks *webhooks_new(const struct webhook_options *options, const struct webhook_backend *backend)
{
    struct webhooks *webhooks = calloc(1, sizeof *webhooks);
    if (webhooks == NULL)
        return NULL;
    webhooks->options = options_copy(options);
    webhooks->insecure = options->insecure;
    if (webhooks->options == NULL || !sender_init(&webhooks->sender, backend, &webhooks->options->options)) {
        options_free(webhooks->options);
        free(webhooks);
        return NULL;
    }
    pthread_mutex_init(&webhooks->lock, NULL);
    webhooks->newest_id = webhooks->sender.tools.newest_id;
    webhooks->running = start_thread(webhooks);
    if (webhooks->running)
        return webhooks;
    webhooks_free(webhooks);
    return NULL;
}

void webhooks_open(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    webhooks->open = true;
    pthread_mutex_unlock(&webhooks->lock);
}

void webhooks_stop(struct webhooks *webhooks)
{
    if (!webhooks->running)
        return;
    pthread_mutex_lock(&webhooks->lock);
    webhooks->stop = true;
    pthread_mutex_unlock(&webhooks->lock);
    transfers_wake(webhooks->sender.tools.transfers);
    pthread_join(webhooks->thread, NULL);
    webhooks->running = false;
}

void webhooks_free(struct webhooks *webhooks)
{
    if (webhooks == NULL)
        return;
    webhooks_stop(webhooks);
    sender_fini(&webhooks->sender);
    pthread_mutex_destroy(&webhooks->lock);
    options_free(webhooks->options);
    options_free(webhooks->new_options);
    free(webhooks);
}

static void wake(struct webhooks *webhooks)
{
    transfers_wake(webhooks->sender.tools.transfers);
}

bool webhooks_reload(struct webhooks *webhooks, const struct webhook_options *options)
{
    struct owned_options *owned = options_copy(options);
    if (owned == NULL)
        return false;
    pthread_mutex_lock(&webhooks->lock);
    struct owned_options *old = webhooks->new_options;
    webhooks->new_options = owned;
    webhooks->insecure = options->insecure;
    pthread_mutex_unlock(&webhooks->lock);
    options_free(old);
    wake(webhooks);
    return true;
}

void webhooks_events_durable(struct webhooks *webhooks, uint64_t newest_event_id)
{
    pthread_mutex_lock(&webhooks->lock);
    if (newest_event_id > webhooks->newest_id)
        webhooks->newest_id = newest_event_id;
    const bool asleep = webhooks->asleep && webhooks->published_count > 0;
    webhooks->asleep = webhooks->asleep && !asleep;
    pthread_mutex_unlock(&webhooks->lock);
    if (asleep)
        wake(webhooks);
}

void webhooks_changed(struct webhooks *webhooks)
{
    wake(webhooks);
}

void webhooks_reply(struct webhooks *webhooks, const struct reply *reply)
{
    pthread_mutex_lock(&webhooks->lock);
    if (webhooks->reply_count < INBOX_REPLIES_MAX)
        webhooks->replies[webhooks->reply_count++] =
            (struct reply){ .command_id = reply->command_id, .status = reply->status };
    pthread_mutex_unlock(&webhooks->lock);
    wake(webhooks);
}

static const struct published *find(const struct webhooks *webhooks, struct text webhook_id)
{
    for (size_t i = 0; i < webhooks->published_count; i++)
        if (text_equal_c(webhook_id, webhooks->published[i].id))
            return &webhooks->published[i];
    return NULL;
}

static uint64_t lag_of(const struct webhooks *webhooks, const struct webhook_status *status)
{
    return webhooks->newest_id > status->position ? webhooks->newest_id - status->position : 0;
}

bool webhooks_status(struct webhooks *webhooks, struct text webhook_id, struct webhook_status *out_status)
{
    pthread_mutex_lock(&webhooks->lock);
    const struct published *published = find(webhooks, webhook_id);
    if (published != NULL) {
        *out_status = published->status;
        out_status->lag = lag_of(webhooks, &published->status);
    }
    pthread_mutex_unlock(&webhooks->lock);
    return published != NULL;
}

bool webhooks_test(struct webhooks *webhooks, uint64_t test_id, struct text webhook_id)
{
    pthread_mutex_lock(&webhooks->lock);
    const bool takes = webhooks->open && !webhooks->stop && webhooks->test_count < INBOX_TESTS_MAX &&
                       webhook_id.length <= LIMIT_WEBHOOK_ID_BYTES;
    if (takes) {
        struct waiting_test *test = &webhooks->tests[webhooks->test_count++];
        test->test_id = test_id;
        text_to_c(webhook_id, test->webhook_id, sizeof test->webhook_id);
    }
    pthread_mutex_unlock(&webhooks->lock);
    if (takes)
        wake(webhooks);
    return takes;
}

bool webhooks_insecure(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    const bool insecure = webhooks->insecure;
    pthread_mutex_unlock(&webhooks->lock);
    return insecure;
}

struct webhook_totals webhooks_totals(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    struct webhook_totals totals = webhooks->totals;
    totals.webhooks = (uint32_t)webhooks->published_count;
    for (size_t i = 0; i < webhooks->published_count; i++) {
        const struct webhook_status *status = &webhooks->published[i].status;
        const uint64_t lag = status->state == WEBHOOK_DISABLED ? 0 : lag_of(webhooks, status);
        totals.lag_max = lag > totals.lag_max ? lag : totals.lag_max;
        totals.failing += status->state == WEBHOOK_RETRYING || status->state == WEBHOOK_GONE;
    }
    pthread_mutex_unlock(&webhooks->lock);
    return totals;
}
