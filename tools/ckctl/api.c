/* SPDX-License-Identifier: Apache-2.0 */
#include "ckctl/api.h"

#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ckctl/credentials.h"
#include "ckctl/problem.h"
#include "config.h"

enum {
    CONNECT_TIMEOUT_S = 10,
    ANSWER_TIMEOUT_S = 30,
    SILENCE_MAX_S = 60, /* of an event stream, whose heartbeats come every 15 s at least */
    POLL_MS = 1000,
    ANSWER_BYTES_MAX = 256 << 20,
};

static const char default_url[] = "http://127.0.0.1:8480";

struct api {
    CURLM *multi;
    CURL *easy;
    char *authorization; /* NULL: no token */
    char *url;           /* without a slash at the end */
    int signals;         /* a signalfd, or -1 */
    bool interrupted;
    char error[CURL_ERROR_SIZE];
};

/* One call under way. */
struct call {
    struct api *api;
    const struct api_request *request;
    struct api_answer *answer;
    bool ended_by_sink;
};

bool api_is_header_value(const char *words)
{
    for (; *words != '\0'; words++)
        if (*words < ' ' || *words > '~')
            return false;
    return true;
}

void api_put_encoded(struct buffer *target, const char *words)
{
    for (; *words != '\0'; words++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~", *words) != NULL)
            buffer_put(target, words, 1);
        else
            buffer_format(target, "%%%02X", (unsigned)(unsigned char)*words);
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct call *call = context;
    size_t length = size * count;
    long status = 0;
    curl_easy_getinfo(call->api->easy, CURLINFO_RESPONSE_CODE, &status);
    if (call->request->sink != NULL && status == 200) {
        call->ended_by_sink = !call->request->sink(call->request->context, bytes, length);
        return call->ended_by_sink ? CURL_WRITEFUNC_ERROR : length;
    }
    if (call->answer->body.length + length > ANSWER_BYTES_MAX)
        return CURL_WRITEFUNC_ERROR;
    buffer_put(&call->answer->body, bytes, length);
    return length;
}

static const char *url_of(const struct options *options)
{
    const char *from_environment = getenv("CKBRIDGE_URL");
    if (options->values[OPTION_URL] != NULL)
        return options->values[OPTION_URL];
    return from_environment != NULL && *from_environment != '\0' ? from_environment : default_url;
}

/* Straight to the bridge: no proxy meets the token, and no redirect is followed. */
static void set_options(struct api *api, const struct options *options, long timeout_s)
{
    CURL *easy = api->easy;
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, api->error);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "ckctl/" PACKAGE_VERSION);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, timeout_s);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->given[OPTION_CA])
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->values[OPTION_CA]);
    if (options->given[OPTION_CERTIFICATE])
        curl_easy_setopt(easy, CURLOPT_SSLCERT, options->values[OPTION_CERTIFICATE]);
    if (options->given[OPTION_KEY])
        curl_easy_setopt(easy, CURLOPT_SSLKEY, options->values[OPTION_KEY]);
}

struct api *api_new(const struct options *options, enum outcome *out_outcome)
{
    long long timeout_s = ANSWER_TIMEOUT_S;
    char *authorization;
    *out_outcome = OUTCOME_USAGE;
    if (!options_number(options, OPTION_TIMEOUT, 1, 3600, &timeout_s))
        return NULL;
    if (options->given[OPTION_CERTIFICATE] != options->given[OPTION_KEY]) {
        fputs("ckctl: --certificate and --key belong together\n", stderr);
        return NULL;
    }
    if (!credentials_header(options, &authorization))
        return NULL;
    struct api *api = memory_new(1, sizeof *api);
    api->authorization = authorization;
    api->signals = -1;
    api->url = strdup(url_of(options));
    curl_global_init(CURL_GLOBAL_DEFAULT);
    api->multi = curl_multi_init();
    api->easy = curl_easy_init();
    if (api->url == NULL || api->multi == NULL || api->easy == NULL) {
        fputs("ckctl: out of memory\n", stderr);
        api_free(api);
        *out_outcome = OUTCOME_REFUSED;
        return NULL;
    }
    for (size_t end = strlen(api->url); end > 0 && api->url[end - 1] == '/'; end--)
        api->url[end - 1] = '\0';
    set_options(api, options, (long)timeout_s);
    return api;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    curl_easy_cleanup(api->easy);
    curl_multi_cleanup(api->multi);
    curl_global_cleanup();
    credentials_free(api->authorization);
    if (api->signals >= 0)
        close(api->signals);
    free(api->url);
    free(api);
}

void api_take_interrupts(struct api *api)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (api->signals < 0)
        api->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool api_is_interrupted(const struct api *api)
{
    return api->interrupted;
}

static void look_for_signal(struct api *api)
{
    struct signalfd_siginfo signal;
    if (api->signals >= 0 && read(api->signals, &signal, sizeof signal) == sizeof signal)
        api->interrupted = true;
}

bool api_wait(struct api *api, int ms)
{
    struct pollfd wanted = { .fd = api->signals, .events = POLLIN };
    poll(&wanted, 1, ms);
    look_for_signal(api);
    return !api->interrupted;
}

static CURLcode transfer(struct api *api)
{
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    int running = 1, left;
    curl_multi_add_handle(api->multi, api->easy);
    while (running > 0 && !api->interrupted) {
        struct curl_waitfd signals = { .fd = api->signals, .events = CURL_WAIT_POLLIN };
        CURLMcode status = curl_multi_perform(api->multi, &running);
        if (status == CURLM_OK && running > 0)
            status = curl_multi_poll(api->multi, &signals, api->signals >= 0 ? 1 : 0, POLL_MS, NULL);
        if (status != CURLM_OK) {
            result = CURLE_OUT_OF_MEMORY;
            break;
        }
        look_for_signal(api);
    }
    for (CURLMsg *message; (message = curl_multi_info_read(api->multi, &left)) != NULL;)
        if (message->msg == CURLMSG_DONE)
            result = message->data.result;
    curl_multi_remove_handle(api->multi, api->easy);
    return result;
}

static struct curl_slist *add(struct curl_slist *headers, const char *header)
{
    struct curl_slist *longer = curl_slist_append(headers, header);
    return longer != NULL ? longer : headers;
}

static struct curl_slist *add_value(struct curl_slist *headers, const char *name, const char *value)
{
    struct buffer header = { .bytes = NULL };
    buffer_format(&header, "%s: %s", name, value);
    headers = add(headers, header.bytes);
    buffer_fini(&header);
    return headers;
}

static struct curl_slist *headers_of(const struct api *api, const struct api_request *request)
{
    struct curl_slist *headers =
        add(NULL, request->sink != NULL ? "Accept: text/event-stream" : "Accept: application/json");
    if (api->authorization != NULL)
        headers = add(headers, api->authorization);
    if (request->body != NULL)
        headers = add(headers, "Content-Type: application/json");
    if (request->if_match != NULL)
        headers = add_value(headers, "If-Match", request->if_match);
    if (request->if_none_match != NULL)
        headers = add_value(headers, "If-None-Match", request->if_none_match);
    if (request->idempotency_key != NULL)
        headers = add_value(headers, "Idempotency-Key", request->idempotency_key);
    if (request->last_event_id != NULL)
        headers = add_value(headers, "Last-Event-ID", request->last_event_id);
    return add(headers, "Expect:"); /* no pause for "100 Continue" */
}

static void cleanse(struct curl_slist *headers)
{
    for (struct curl_slist *at = headers; at != NULL; at = at->next)
        explicit_bzero(at->data, strlen(at->data));
    curl_slist_free_all(headers);
}

static void set_request(struct api *api, struct call *call, struct curl_slist *headers)
{
    const struct api_request *request = call->request;
    CURL *easy = api->easy;
    if (request->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
    if (request->sink != NULL) { /* it has no end, but is never silent for long */
        curl_easy_setopt(easy, CURLOPT_TIMEOUT, 0L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SILENCE_MAX_S);
    }
}

static enum outcome judge(struct call *call, CURLcode result)
{
    struct api *api = call->api;
    long status = 0;
    curl_off_t retry_after_s = 0;
    if (api->interrupted)
        return OUTCOME_OK;
    curl_easy_getinfo(api->easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK && !call->ended_by_sink) {
        if (!call->request->quiet)
            fprintf(stderr, "ckctl: %s: %s\n", api->url,
                    api->error[0] != '\0' ? api->error : curl_easy_strerror(result));
        if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
            return OUTCOME_USAGE;
        return OUTCOME_UNREACHABLE;
    }
    call->answer->status = status;
    if (status >= 200 && status < 300)
        return OUTCOME_OK;
    if (call->request->quiet && status >= 500)
        return OUTCOME_UNREACHABLE;
    if (call->request->may_be_missing && status == 404)
        return OUTCOME_NOT_FOUND;
    if (call->request->may_be_unknown && status == 422)
        return OUTCOME_NOT_FOUND;
    if (call->request->may_be_refused && status == 403)
        return OUTCOME_UNAUTHORISED;
    curl_easy_getinfo(api->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    return problem_tell(status, &call->answer->body, (long)retry_after_s);
}

enum outcome api_call(struct api *api, const struct api_request *request, struct api_answer *out_answer)
{
    struct call call = { .api = api, .request = request, .answer = out_answer };
    struct buffer url = { .bytes = NULL };
    *out_answer = (struct api_answer){ .status = 0 };
    buffer_format(&url, "%s/api/v1%s", api->url, request->target);
    struct curl_slist *headers = headers_of(api, request);
    api->error[0] = '\0';
    curl_easy_setopt(api->easy, CURLOPT_URL, url.bytes);
    set_request(api, &call, headers);
    enum outcome outcome = judge(&call, transfer(api));
    curl_easy_setopt(api->easy, CURLOPT_HTTPHEADER, NULL);
    cleanse(headers);
    buffer_fini(&url);
    return outcome;
}

void api_answer_fini(struct api_answer *answer)
{
    buffer_fini(&answer->body);
}
