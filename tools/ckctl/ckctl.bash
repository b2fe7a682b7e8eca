# SPDX-License-Identifier: Apache-2.0
# Completion of ckctl for bash. Made by "ckctl completion bash"; do not edit.
_ckctl() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words= noun= verb= at
    case $before in
    --token-file | --ca | --certificate | --key | --dir | put | replace)
        COMPREPLY=($(compgen -f -- "$word"))
        return ;;
    esac
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
        --url | --token-file | --ca | --certificate | --key | --timeout | --times | --limit | --origin | --state | --km-id | --source-kma-id | --destination-kma-id | --application-destination-id | --decided-by | --reason | --received-after | --received-before | --if-match | --path | --next-hops | --reject | --idempotency-key | --position-file | --after | --type | --subject | --dir | --name | --dns | --uri | --ip | --days | --role | --expires | --description | --actor | --before | --order | --anchor | --k | --metric | --avoid-kma | --avoid-link | --via | --max-hops | --min-key-stock | --disjoint | --event) ((at++)) ;;
        -* | =) ;;
        *) if [[ -z $noun ]]; then noun=${COMP_WORDS[at]}; elif [[ -z $verb ]]; then verb=${COMP_WORDS[at]}; fi ;;
        esac
    done
    if [[ $word == -* ]]; then
        case "$noun${verb:+ $verb}" in
        "status") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "doctor km") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "doctor route") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "doctor") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "explain relay") words="--url --token-file --ca --certificate --key --timeout --help --version --times" ;;
        "explain lookup") words="--url --token-file --ca --certificate --key --timeout --help --version --times" ;;
        "paths") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --idempotency-key --k --metric --avoid-kma --avoid-link --via --max-hops --min-key-stock --disjoint" ;;
        "kms list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "kms show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "kms put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "kms delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "applications list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "applications show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "applications put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "applications delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "destinations list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "destinations show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "destinations put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "destinations delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "routes list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit --origin" ;;
        "routes show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "routes put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "routes delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "routes replace") words="--url --token-file --ca --certificate --key --timeout --help --version --json --origin --dry-run --if-match --create" ;;
        "links list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit --origin" ;;
        "links show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "links put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "links delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "links replace") words="--url --token-file --ca --certificate --key --timeout --help --version --json --origin --dry-run --if-match --create" ;;
        "relays list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit --state --km-id --source-kma-id --destination-kma-id --application-destination-id --decided-by --reason --received-after --received-before" ;;
        "relays show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "relays decide") words="--url --token-file --ca --certificate --key --timeout --help --version --json --destination-kma-id --path --reject --learn --idempotency-key" ;;
        "relays start") words="--url --token-file --ca --certificate --key --timeout --help --version --json --path --idempotency-key" ;;
        "lookups list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit --state --km-id --source-kma-id --destination-kma-id --application-destination-id --decided-by --reason --received-after --received-before" ;;
        "lookups show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "lookups decide") words="--url --token-file --ca --certificate --key --timeout --help --version --json --destination-kma-id --next-hops --reject --learn --idempotency-key" ;;
        "events") words="--url --token-file --ca --certificate --key --timeout --help --version --json --times --limit --follow --position-file --after --type --subject" ;;
        "webhook list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "webhook show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "webhook put") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "webhook delete") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "webhook test") words="--url --token-file --ca --certificate --key --timeout --help --version --json --idempotency-key" ;;
        "webhook replay") words="--url --token-file --ca --certificate --key --timeout --help --version --json --idempotency-key --after --dead-letters" ;;
        "webhook dead-letters") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "webhook drop") words="--url --token-file --ca --certificate --key --timeout --help --version --event" ;;
        "audit list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit --after --actor --before --order" ;;
        "audit verify") words="--url --token-file --ca --certificate --key --timeout --help --version --json --anchor" ;;
        "token list") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times --limit" ;;
        "token show") words="--url --token-file --ca --certificate --key --timeout --help --version --json --watch --times" ;;
        "token create") words="--url --token-file --ca --certificate --key --timeout --help --version --json --days --role --expires --description" ;;
        "token revoke") words="--url --token-file --ca --certificate --key --timeout --help --version --json --dry-run --if-match --create" ;;
        "pki init") words="--help --version --dir --name --days --force" ;;
        "pki server") words="--help --version --dir --dns --ip --days --force" ;;
        "pki km") words="--help --version --dir --dns --uri --days --force" ;;
        "pki client") words="--help --version --dir --dns --uri --days --force" ;;
        "pki list") words="--help --version --json --times --dir" ;;
        "pki revoke") words="--help --version --dir" ;;
        "completion bash") words="--help --version" ;;
        esac
    elif [[ -z $noun ]]; then
        words="status doctor explain paths kms applications destinations routes links relays lookups events webhook audit token pki completion"
    elif [[ -z $verb ]]; then
        case $noun in
        doctor) words="km route" ;;
        explain) words="relay lookup" ;;
        kms) words="list show put delete" ;;
        applications) words="list show put delete" ;;
        destinations) words="list show put delete" ;;
        routes) words="list show put delete replace" ;;
        links) words="list show put delete replace" ;;
        relays) words="list show decide start" ;;
        lookups) words="list show decide" ;;
        webhook) words="list show put delete test replay dead-letters drop" ;;
        audit) words="list verify" ;;
        token) words="list show create revoke" ;;
        pki) words="init server km client list revoke" ;;
        completion) words="bash" ;;
        esac
    else
        COMPREPLY=($(compgen -f -- "$word"))
        return
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _ckctl ckctl
