#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl audit against a real bridge: who did what is listed and filtered, and the chain is proven over many pages, with
an anchor that was noted before; a store that somebody changed behind the bridge's back is found out."""
import json
import os
import re
import shutil
import sqlite3

from ckctl_call import Ckctl, has, lines_of_json
import harness
from harness import equal

folder = harness.Folder()
bridge = harness.Bridge(folder.write("ckbridge.conf", harness.base_sections(folder)))
bridge.start()
ckctl = Ckctl(bridge)


def verify(*arguments, code=0):
    return ckctl("audit", "verify", *arguments, code=code).out


def newest_hash():
    return json.loads(verify("--json"))["hash"]


def test_each_write_is_listed_with_who_and_what():
    ckctl("applications", "put", "a1", "-", body='{"kma_id": "kma-1"}')
    ckctl("applications", "delete", "a1", token="viewer", code=4)
    ckctl("applications", "delete", "a1")
    listed = ckctl("audit", "list").out.splitlines()
    has(listed[0], "ENTRY", "ACTOR", "TARGET", "OUTCOME")
    has(listed[1], "token:admin", "DELETE", "/api/v1/applications/a1", "ok")
    mine = lines_of_json(ckctl("audit", "list", "--json", "--actor", "token:viewer").out)
    equal([(entry["action"], entry["outcome"]) for entry in mine], [("DELETE", "forbidden")])
    oldest = lines_of_json(ckctl("audit", "list", "--json", "--order", "asc", "--limit", "1").out)
    equal([entry["audit_id"] for entry in oldest], ["1"])
    equal(ckctl("audit", "list", "--json", "--before", "2020-01-01T00:00:00Z").out, "")
    equal(ckctl("audit", "list", "--json", "--after", "2100-01-01T00:00:00Z").out, "")
    ckctl("audit", "list", token="orchestrator", code=4)


def test_chain_is_proven_over_many_pages():
    anchor = newest_hash()
    for number in range(1100):
        equal(bridge.request("PUT", f"/applications/b{number}", {"kma_id": "kma-1"})[0], 201)
    told = verify("--anchor", anchor)
    has(told, "The chain is whole: ", " entries, 1 to ", newest_hash())
    count = int(re.search(r"whole: (\d+) entries", told).group(1))
    equal(count, len(lines_of_json(ckctl("audit", "list", "--json").out)), "entries")
    equal(count > 1100, True, "more than a page")


def test_anchor_that_is_not_there_is_told():
    has(verify("--anchor", "0123456789abcdef" * 4, code=1), "no entry has the hash of --anchor")
    has(ckctl("audit", "verify", "--anchor", "short", code=2).err, "give as --anchor a hash")
    ckctl("audit", "verify", token="viewer", code=4)


def with_changed_store(change):
    """Somebody with access to the file changes it behind the bridge's back; what verify says then."""
    bridge.stop()
    path = folder / "store.db"
    shutil.copy(path, path + ".before")
    with sqlite3.connect(path) as store:
        equal(store.execute(change).rowcount, 1, change)
    store.close()
    bridge.start()
    told = verify(code=1)
    equal(json.loads(verify("--json", code=1))["verified"], False)
    bridge.stop()
    os.replace(path + ".before", path)
    bridge.start()
    verify()
    return told


def test_changed_store_is_found_out():
    has(with_changed_store("UPDATE audit SET body = replace(body, 'token:viewer', 'token:other') WHERE audit_id = 3"),
        "The chain is broken. entry 3: its content is not what its hash was made of.", "Whole before that: 2 entries.")
    has(with_changed_store("DELETE FROM audit WHERE audit_id = 7"), "entry 8 follows entry 6: what was between is gone")
    has(with_changed_store("DELETE FROM audit WHERE audit_id = (SELECT max(audit_id) FROM audit)"), "The chain is broken. ")


def stop():
    bridge.stop()


def clean_up():
    bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
