#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ckctl pki: what OpenSSL's own command makes of its certificates, what it refuses to do, and a bridge that lives on
them: mutual TLS for KMs and simulated KMs, a client certificate for the API, a revocation that counts."""
import json
import os
import re
import signal
import subprocess

from ckctl_call import Ckctl, has, lines_of_json
import harness
from harness import Km, equal, wait_until

KMS = ("km-1", "km-2", "km-3")
PATHS = [[f"kma-{source}", f"kma-{goal}"] for source in (1, 2, 3) for goal in (1, 2, 3) if source != goal]

folder = harness.Folder()
lab = folder / "lab"
ckctl = Ckctl()
bridge = None


def pki(*arguments, code=0, directory=None):
    return ckctl("pki", *arguments, "--dir", directory or lab, code=code)


def file(name):
    return os.path.join(lab, name)


def openssl(*arguments, code=0):
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    equal(done.returncode, code, f"openssl {arguments}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def verify(name, purpose, *more, code=0):
    return openssl("verify", "-x509_strict", "-purpose", purpose, "-CAfile", file("ca.pem"), *more,
                   file(f"{name}.pem"), code=code)


def mode(name):
    return oct(os.stat(file(name)).st_mode & 0o777)


def listed(directory=None):
    return {item["name"]: item for item in lines_of_json(pki("list", "--json", directory=directory).out)}


def test_authority_is_made_once():
    has(pki("init", "--name", "Test lab").out, "ca.pem", "crl.pem", "valid until 20")
    text = openssl("x509", "-in", file("ca.pem"), "-noout", "-text")
    has(text, "CN = Test lab", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "prime256v1")
    verify("ca", "any")
    equal([mode("ca.key"), mode("ca.pem"), mode("crl.pem"), mode("")], ["0o600", "0o644", "0o644", "0o700"])
    with open(file("ca.key"), encoding="utf-8") as key:
        before = key.read()
    has(pki("init", code=2).err, "holds an authority already", "--force")
    with open(file("ca.key"), encoding="utf-8") as key:
        equal(key.read(), before, "the key after a refusal")


def test_server_certificate_has_its_names():
    has(pki("server", "server", "--dns", "localhost", "--ip", "127.0.0.1", "--ip=::1").out,
        "names: dns:localhost, ip:127.0.0.1, ip:::1", "server.key")
    verify("server", "sslserver")
    verify("server", "sslclient", code=2)
    openssl("verify", "-CAfile", file("ca.pem"), "-verify_hostname", "localhost", file("server.pem"))
    openssl("verify", "-CAfile", file("ca.pem"), "-verify_ip", "::1", file("server.pem"))
    text = openssl("x509", "-in", file("server.pem"), "-noout", "-text")
    has(text, "TLS Web Server Authentication", "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
        "Basic Constraints: critical", "CA:FALSE", "Key Usage: critical", "Digital Signature",
        "Authority Key Identifier", "ecdsa-with-SHA256")
    equal([mode("server.key"), mode("server.pem")], ["0o600", "0o644"])
    public = openssl("x509", "-in", file("server.pem"), "-noout", "-pubkey")
    equal(openssl("pkey", "-in", file("server.key"), "-pubout"), public, "the key is the certificate's")


def test_km_and_client_certificates_are_for_clients():
    for name in KMS:
        has(pki("km", name, "--dns", name).out, f"identity = dns:{name}")
        verify(name, "sslclient")
        verify(name, "sslserver", code=2)
    has(pki("km", "alice", "--uri", "urn:km:a,b", "--uri", "urn:x:2", "--dns", "a.example", "--days", "20").out,
        "identity = dns:a.example, uri:urn:km:a,b, uri:urn:x:2")
    has(openssl("x509", "-in", file("alice.pem"), "-noout", "-ext", "subjectAltName"), "URI:urn:km:a,b, URI:urn:x:2")
    has(pki("client", "operator").out, "identity = cn:operator")
    verify("operator", "sslclient")
    serials = {re.search(r"serial=(\w+)", openssl("x509", "-in", file(f"{name}.pem"), "-noout", "-serial")).group(1)
               for name in (*KMS, "alice", "operator", "server", "ca")}
    equal(len(serials), 7, "serial numbers")


def test_nothing_is_replaced_without_force():
    with open(file("km-1.pem"), encoding="utf-8") as certificate:
        before = certificate.read()
    has(pki("km", "km-1", "--dns", "other", code=2).err, "km-1.pem is there already", "--force")
    with open(file("km-1.pem"), encoding="utf-8") as certificate:
        equal(certificate.read(), before, "the certificate after a refusal")
    has(pki("km", "km-1", "--dns", "km-1", "--force").err, "the former certificate, serial number ", "stays valid until")
    verify("km-1", "sslclient")
    os.unlink(file("km-1.pem"))
    has(pki("km", "km-1", "--dns", "km-1", code=2).err, "km-1.key is there already")
    pki("km", "km-1", "--dns", "km-1", "--force")


def test_bad_words_are_refused_and_leave_nothing():
    before = sorted(os.listdir(lab))
    for words, arguments in (("cannot be the name", ("km", "a/b", "--dns", "a")),
                             ("cannot be the name", ("km", "ca", "--dns", "a")),
                             ("cannot be the name", ("client", ".x")),
                             ("cannot be the name", ("client", "")),
                             ("give --dns or --uri", ("km", "bob")),
                             ("give --dns or --ip", ("server", "web")),
                             ("--ip: \"300.1.1.1\" is none", ("server", "web", "--ip", "300.1.1.1")),
                             ("--dns: \"a b\" is none", ("km", "bob", "--dns", "a b")),
                             ("--uri: \"nothing\" is none", ("km", "bob", "--uri", "nothing")),
                             ("--days is a number from 1", ("km", "bob", "--dns", "a", "--days", "0")),
                             ("takes no --ip", ("km", "bob", "--ip", "127.0.0.1")),
                             ("takes no --url", ("list", "--url", "http://x")),
                             ("--name is empty", ("init", "--force", "--name", ""))):
        has(pki(*arguments, code=2).err, words)
    has(ckctl("pki", "list", code=2).err, "give --dir")
    has(pki("km", "bob", "--dns", "b", code=2, directory=folder / "none").err, "has no authority", "pki init")
    has(pki("list", code=2, directory=folder / "none").err, "No such file")
    has(pki("init", code=2, directory=folder / "no/such").err, "No such file")
    equal(sorted(os.listdir(lab)), before, "files")


def test_list_tells_use_names_and_expiry():
    items = listed()
    equal({name: (items[name]["use"], items[name]["state"]) for name in ("ca", "server", "km-1", "alice", "crl")},
          {"ca": ("authority", "valid"), "server": ("server", "valid"), "km-1": ("client", "valid"),
           "alice": ("client", "expiring"), "crl": ("revocation list", "valid")})
    equal(items["alice"]["names"], ["dns:a.example", "uri:urn:km:a,b", "uri:urn:x:2"])
    end = openssl("x509", "-in", file("alice.pem"), "-noout", "-enddate", "-dateopt", "iso_8601")
    equal(end.strip(), "notAfter=" + items["alice"]["valid_until"].replace("T", " ").replace(".000", ""))
    table = pki("list").out.splitlines()
    has(table[0], "NAME", "USE", "STATE", "VALID UNTIL", "NAMES", "SERIAL")
    equal(len(table), len(items) + 1)


def test_list_tells_what_is_not_of_the_authority():
    directory = folder / "other"
    pki("init", "--days", "30", directory=directory)
    pki("client", "short", "--days", "365", directory=directory)
    equal(listed(directory)["short"]["valid_until"], listed(directory)["ca"]["valid_until"], "the authority's end")
    os.chmod(os.path.join(directory, "ca.key"), 0o644)
    has(pki("client", "x", directory=directory).err, "warning: ", "ca.key is open to others")
    pki("init", "--force", directory=directory)
    equal(listed(directory)["short"]["state"], "foreign")
    has(pki("revoke", "short", code=2, directory=directory).err, "is not of this authority")
    folder.write("other/odd.pem", "nothing")
    has(pki("list", directory=directory).err, "warning: ", "odd.pem")
    os.replace(os.path.join(directory, "ca.key"), os.path.join(directory, "x.key"))
    has(pki("client", "y", code=2, directory=directory).err, "ca.key: No such file")


def test_revocations_gather():
    verify("km-3", "sslclient", "-crl_check", "-CRLfile", file("crl.pem"))
    pki("km", "mallory", "--dns", "mallory")
    has(pki("revoke", "mallory").out, "mallory is revoked", "SIGHUP")
    has(verify("mallory", "sslclient", "-crl_check", "-CRLfile", file("crl.pem"), code=2), "certificate revoked")
    pki("client", "former")
    pki("revoke", "former")
    pki("revoke", "former")
    text = openssl("crl", "-in", file("crl.pem"), "-noout", "-text")
    equal(text.count("Serial Number:"), 2, text)
    equal(re.search(r"X509v3 CRL Number:\s+(\d+)", text).group(1), "4")
    verify("km-3", "sslclient", "-crl_check", "-CRLfile", file("crl.pem"))
    equal([listed()[name]["state"] for name in ("mallory", "former", "km-3")], ["revoked", "revoked", "valid"])
    has(pki("revoke", "nobody", code=2).err, "nobody.pem: No such file")
    has(pki("revoke", "ca", code=2).err, "no certificate that can be revoked")


def start_bridge():
    global bridge
    text = harness.base_sections(folder).replace(
        "[http]", f"[http]\ncertificate = {file('server.pem')}\nkey = {file('server.key')}\n"
                  f"client_ca = {file('ca.pem')}")
    text += f"""
[ck "main"]
listen = 127.0.0.1:0
security = tls
certificate = {file('server.pem')}
key = {file('server.key')}
ca = {file('ca.pem')}
crl = {file('crl.pem')}
[client "operator"]
role = admin
identity = cn:operator
"""
    text += "".join(harness.km_section(name, name.replace("km-", "kma-"), f"dns:{name}") for name in KMS)
    bridge = harness.Bridge(folder.write("ckbridge.conf", text))
    bridge.start(ready=False)
    bridge.wait_log("event=ready ")


def operator(*arguments, body=None):
    return ckctl(*arguments, "--url", "https://%s:%d" % bridge.address("http"), "--ca", file("ca.pem"), "--certificate",
                 file("operator.pem"), "--key", file("operator.key"), body=body)


def km_state(name):
    return json.loads(operator("kms", "show", name, "--json").out)["session"]["state"]


def test_bridge_km_and_client_live_on_them():
    start_bridge()
    km = Km(bridge.address(), harness.tls_context(file("ca.pem"), (file("km-1.pem"), file("km-1.key"))))
    wait_until(lambda: km_state("km-1") == "connected", "km-1 to be connected")
    km.close()


def test_simulated_kms_live_on_them():
    routes = {"origin": "test", "routes": [{"route_id": "-".join(path), "source_kma_id": path[0],
                                            "destination_kma_id": path[1], "path": path} for path in PATHS]}
    has(operator("routes", "replace", "-", body=json.dumps(routes)).out, "6 created")
    done = subprocess.run([os.path.join(harness.BUILD, "cksim"), "--kms", "3", "--connect", "%s:%d" % bridge.address(),
                           "--ca", file("ca.pem"), "--certificate-dir", lab, "--load", "closed:1", "--mode",
                           "centralized", "--requests", "30", "--report", "json", "--progress=none"],
                          capture_output=True, text=True, timeout=harness.DEADLINE_S, check=False)
    equal(done.returncode, 0, done.stdout + done.stderr)
    equal(json.loads(done.stdout)["requests"]["outcomes"]["succeeded"] > 0, True, done.stdout)


def test_revoked_km_is_refused_after_a_reload():
    pki("revoke", "km-2")
    after = len(bridge.lines)
    bridge.signal(signal.SIGHUP)
    bridge.wait_log("event=reloaded", after)
    try:
        Km(bridge.address(), harness.tls_context(file("ca.pem"), (file("km-2.pem"), file("km-2.key")))).expect_closed()
    except OSError:
        pass
    wait_until(lambda: [peer for peer in json.loads(operator("status", "--json").out)["refused_peers"]
                        if "revoked" in (peer["detail"] or "")], "the revoked KM to be refused")


def stop():
    bridge.stop()


def clean_up():
    if bridge is not None:
        bridge.kill()
    folder.remove()


TESTS = [value for name, value in list(globals().items()) if name.startswith("test_")]
harness.run([*TESTS, stop], fixtures=[clean_up])
