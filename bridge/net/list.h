/* SPDX-License-Identifier: Apache-2.0 */
/* A doubly linked list through nodes embedded in its members: constant time, no memory, no failure. */
#ifndef NET_LIST_H
#define NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed: in no list. */
struct list_node {
    struct list_node *next;
    struct list_node *previous;
};

/* The sentinel of a ring; must stay in place. */
struct list {
    struct list_node ends;
};

/* The object around a node. */
#define LIST_MEMBER(node, type, field) ((type *)(void *)((char *)(node)-offsetof(type, field)))

void list_init(struct list *list);
bool list_is_empty(const struct list *list);
bool list_contains(const struct list_node *node);
/* The node must be in no list. */
void list_append(struct list *list, struct list_node *node);
/* No effect when it is in none. */
void list_remove(struct list_node *node);
/* Removes and returns the first; NULL: empty. */
struct list_node *list_take(struct list *list);
/* Without removing; NULL: empty. */
struct list_node *list_first(const struct list *list);
/* Moves every node of `from` behind those of `to`. */
void list_splice(struct list *to, struct list *from);

#endif
