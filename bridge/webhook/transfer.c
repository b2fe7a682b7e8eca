/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/transfer.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "config.h"

struct transfers {
    CURLM *multi;
};

struct transfer {
    struct transfers *transfers;
    CURL *easy;
    struct curl_slist *headers;
    void (*done)(void *context, const struct transfer_result *result);
    void *context;
    size_t answer_bytes;
    struct transfer_result result;
};

_Static_assert(TRANSFER_ERROR_BYTES >= CURL_ERROR_SIZE, "libcurl's words fit");

struct transfers *transfers_new(void)
{
    struct transfers *transfers = calloc(1, sizeof *transfers);
    if (transfers == NULL)
        return NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        transfers->multi = curl_multi_init();
        if (transfers->multi == NULL)
            curl_global_cleanup();
    }
    if (transfers->multi == NULL) {
        free(transfers);
        return NULL;
    }
    curl_multi_setopt(transfers->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)TRANSFER_CONNECTIONS_MAX);
    curl_multi_setopt(transfers->multi, CURLMOPT_MAXCONNECTS, (long)TRANSFER_CONNECTIONS_MAX);
    return transfers;
}

void transfers_free(struct transfers *transfers)
{
    if (transfers == NULL)
        return;
    curl_multi_cleanup(transfers->multi);
    curl_global_cleanup();
    free(transfers);
}

static size_t drop_answer(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    (void)bytes;
    transfer->answer_bytes += size * count;
    return transfer->answer_bytes > TRANSFER_ANSWER_BYTES_MAX ? 0 : size * count; /* 0: libcurl gives up */
}

/* All or nothing. */
static bool add_headers(struct transfer *transfer, const char *const *headers)
{
    for (size_t i = 0; headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, headers[i]);
        if (longer == NULL)
            return false;
        transfer->headers = longer;
    }
    return true;
}

static void set_limits(CURL *easy, const struct transfer_request *request)
{
    const long timeout_ms = (long)request->timeout_ms;
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms < TRANSFER_CONNECT_MS_MAX ? timeout_ms : (long)TRANSFER_CONNECT_MS_MAX);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075700
    /* Else removing a transfer whose name is still being looked up waits for the look-up's thread, and every
       other webhook with it. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static void set_security(CURL *easy, const struct transfer_request *request)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, request->plain ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (request->ca != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* Debian's libcurl would trust the system as well */
    }
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 60L); /* a file that was replaced is seen before long */
#endif
    curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy != NULL ? request->proxy : "");
}

static void set_request(struct transfer *transfer, const struct transfer_request *request)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "ckbridge/" PACKAGE_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.bytes);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->result.error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set_limits(easy, request);
    set_security(easy, request);
}

static void transfer_free(struct transfer *transfer)
{
    if (transfer->easy != NULL)
        curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

struct transfer *transfer_start(struct transfers *transfers, const struct transfer_request *request,
                                void (*done)(void *context, const struct transfer_result *result),
                                void *context)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return NULL;
    transfer->transfers = transfers;
    transfer->done = done;
    transfer->context = context;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !add_headers(transfer, request->headers)) {
        transfer_free(transfer);
        return NULL;
    }
    set_request(transfer, request);
    if (curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK) {
        transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

void transfer_abort(struct transfer *transfer)
{
    if (transfer == NULL)
        return;
    curl_multi_remove_handle(transfer->transfers->multi, transfer->easy);
    transfer_free(transfer);
}

/* What counts is the status: a receiver that says 200 and then too much has taken the event. */
static void finish(struct transfer *transfer, CURLcode code)
{
    struct transfer_result *result = &transfer->result;
    long status = 0;
    curl_off_t retry_after_s = 0, took_us = 0;
    const bool answered =
        code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer->answer_bytes > TRANSFER_ANSWER_BYTES_MAX);
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME_T, &took_us);
    result->took_ms = (uint32_t)(took_us / 1000);
    if (answered && status > 0) {
        result->status = (uint32_t)status;
        result->retry_after_s = retry_after_s > 0 ? (uint64_t)retry_after_s : 0;
        result->error[0] = '\0';
    } else if (result->error[0] == '\0') {
        text_to_c(text_from_c(curl_easy_strerror(code)), result->error, sizeof result->error);
    }
    curl_multi_remove_handle(transfer->transfers->multi, transfer->easy);
    transfer->done(transfer->context, result);
    transfer_free(transfer);
}

void transfers_run(struct transfers *transfers)
{
    int running, left;
    CURLMsg *message;
    curl_multi_perform(transfers->multi, &running);
    while ((message = curl_multi_info_read(transfers->multi, &left)) != NULL) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = message->data.result; /* the message goes with its handle */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        finish((struct transfer *)(void *)private, code);
    }
}

void transfers_wait(struct transfers *transfers, int timeout_ms)
{
    curl_multi_poll(transfers->multi, NULL, 0, timeout_ms, NULL);
}

void transfers_wake(struct transfers *transfers)
{
    curl_multi_wakeup(transfers->multi);
}
