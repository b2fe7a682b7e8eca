# SPDX-License-Identifier: Apache-2.0
# Floor 2: the QKDN controller's decisions as a pure state machine.
noinst_LIBRARIES += libcore.a
libcore_a_SOURCES = \
	bridge/core/budget.c bridge/core/budget.h \
	bridge/core/candidates.c bridge/core/candidates.h \
	bridge/core/chain.c bridge/core/chain.h \
	bridge/core/change.c bridge/core/change.h \
	bridge/core/commands.c bridge/core/commands.h \
	bridge/core/completion.c \
	bridge/core/constraints.c bridge/core/constraints.h \
	bridge/core/core.c bridge/core/core.h \
	bridge/core/decide_commands.c \
	bridge/core/decision.c \
	bridge/core/directory_state.c bridge/core/directory_state.h \
	bridge/core/effect.c bridge/core/effect.h \
	bridge/core/emit.c bridge/core/emit.h \
	bridge/core/explain.c bridge/core/explain.h \
	bridge/core/explanation.c bridge/core/explanation.h \
	bridge/core/failing.c bridge/core/failing.h \
	bridge/core/held.c bridge/core/held.h \
	bridge/core/hop_graph.c bridge/core/hop_graph.h \
	bridge/core/key_stock.c bridge/core/key_stock.h \
	bridge/core/learn.c bridge/core/learn.h \
	bridge/core/next_hop.c bridge/core/next_hop.h \
	bridge/core/next_hop_choice.c \
	bridge/core/next_hop_request.c \
	bridge/core/notice.c bridge/core/notice.h \
	bridge/core/notice_filter.c bridge/core/notice_filter.h \
	bridge/core/pack.c bridge/core/pack.h \
	bridge/core/plan_check.c \
	bridge/core/planner.c bridge/core/planner.h bridge/core/planner_state.h \
	bridge/core/planner_hops.c \
	bridge/core/planner_paths.c \
	bridge/core/planner_ways.c \
	bridge/core/policy.c bridge/core/policy.h \
	bridge/core/preview.c bridge/core/preview.h bridge/core/preview_state.h \
	bridge/core/relay.c bridge/core/relay.h \
	bridge/core/relay_state.c \
	bridge/core/restore.c \
	bridge/core/routes.c bridge/core/routes.h \
	bridge/core/session.c bridge/core/session.h \
	bridge/core/snapshot.c bridge/core/snapshot.h \
	bridge/core/sorted.c bridge/core/sorted.h \
	bridge/core/trail.c bridge/core/trail.h bridge/core/trail_state.h \
	bridge/core/audit_json.c \
	bridge/core/trial.c \
	bridge/core/vocabulary.c bridge/core/vocabulary.h \
	bridge/core/webhook.c bridge/core/webhook.h \
	bridge/core/webhook_secret.c bridge/core/webhook_secret.h \
	bridge/core/webhook_url.c bridge/core/webhook_url.h \
	bridge/core/window.c bridge/core/window.h \
	bridge/core/command.h bridge/core/core_state.h bridge/core/directory.h \
	bridge/core/event.h bridge/core/history.h bridge/core/record.h
