/* SPDX-License-Identifier: Apache-2.0 */
#include "net/list.h"

#include <assert.h>

void list_init(struct list *list)
{
    list->ends.next = &list->ends;
    list->ends.previous = &list->ends;
}

bool list_is_empty(const struct list *list)
{
    return list->ends.next == &list->ends;
}

bool list_contains(const struct list_node *node)
{
    return node->next != NULL;
}

void list_append(struct list *list, struct list_node *node)
{
    assert(node->next == NULL && node->previous == NULL);
    node->next = &list->ends;
    node->previous = list->ends.previous;
    node->previous->next = node;
    list->ends.previous = node;
}

void list_remove(struct list_node *node)
{
    if (node->next == NULL)
        return;
    node->previous->next = node->next;
    node->next->previous = node->previous;
    node->next = NULL;
    node->previous = NULL;
}

struct list_node *list_first(const struct list *list)
{
    return list_is_empty(list) ? NULL : list->ends.next;
}

struct list_node *list_take(struct list *list)
{
    struct list_node *node = list_first(list);
    if (node != NULL)
        list_remove(node);
    return node;
}

void list_splice(struct list *to, struct list *from)
{
    if (list_is_empty(from))
        return;
    from->ends.next->previous = to->ends.previous;
    to->ends.previous->next = from->ends.next;
    from->ends.previous->next = &to->ends;
    to->ends.previous = from->ends.previous;
    list_init(from);
}
