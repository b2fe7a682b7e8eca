# SPDX-License-Identifier: Apache-2.0
"""Keeps a bridge's SQLite store from being written, as another process that holds its lock."""
import contextlib
import sqlite3
import time

import harness

WINDOW_S = 0.8  # the store gives up after a second, and says that it is unavailable


@contextlib.contextmanager
def locked(path):
    connection = sqlite3.connect(path, isolation_level=None, timeout=harness.DEADLINE_S)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def lock_until(path, condition):
    """Locks it for a while, again and again; between two locks the bridge has written."""
    watch = sqlite3.connect(path, isolation_level=None, timeout=harness.DEADLINE_S)
    end = time.monotonic() + 4 * harness.DEADLINE_S  # many windows, for who must fill a queue under load
    try:
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("in vain: the store was locked, and the bridge does not mind")
            with locked(path):
                version = watch.execute("PRAGMA data_version").fetchone()
                time.sleep(WINDOW_S)  # the length of a lock is what is done here, not what is waited for
            harness.wait_until(lambda: watch.execute("PRAGMA data_version").fetchone() != version,
                               "the bridge to write again")
    finally:
        watch.close()
