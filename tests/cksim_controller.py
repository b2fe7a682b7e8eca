# SPDX-License-Identifier: Apache-2.0
"""A small QKDN controller over plain TCP for cksim's own tests: shortest paths, and every sin on request."""
import collections
import json
import socket
import struct
import threading

HEADER = struct.Struct(">HIHH")


class Network:
    """Adjacency of KMAs, from the sections that `cksim --emit-config` prints."""

    def __init__(self, configuration):
        self.neighbours = collections.defaultdict(list)
        self.applications = {}
        section, name, ends = "", "", {}
        for line in configuration.splitlines() + ["[]"]:
            if line.startswith("["):
                if section == "link":
                    self.neighbours[ends["a"]].append(ends["b"])
                    self.neighbours[ends["b"]].append(ends["a"])
                section, _, name = line.strip("[]").partition(" ")
                name, ends = name.strip('"'), {}
            elif "=" in line:
                key, value = (word.strip() for word in line.split("=", 1))
                ends[key] = value
                if section == "application":
                    self.applications[name] = value
        self.towards = {}

    def distances(self, destination):
        if destination not in self.towards:
            found, queue = {destination: 0}, collections.deque([destination])
            while queue:
                here = queue.popleft()
                for there in self.neighbours[here]:
                    if there not in found:
                        found[there] = found[here] + 1
                        queue.append(there)
            self.towards[destination] = found
        return self.towards[destination]

    def next_hops(self, here, destination):
        distances = self.distances(destination)
        nearer = [n for n in self.neighbours[here] if n in distances and distances[n] < distances[here]]
        return sorted(nearer)

    def path(self, source, destination):
        path = [source]
        while path[-1] != destination:
            path.append(self.next_hops(path[-1], destination)[0])
        return path


class Controller:
    """Serves until closed. `sin` picks what it does wrong; counts what it sees."""

    def __init__(self, network, sin=None, kma_of_address=None):
        self.network, self.sin = network, sin
        self.kma_of_address = kma_of_address or (lambda address: "kma-" + address.split(".")[3])
        self.lock = threading.Lock()
        self.seen = collections.Counter()
        self.responses = collections.Counter()
        self.connections = 0
        self.relay_id = 0
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()

    def close(self):
        # A thread left in accept() would go on with the next controller's descriptor of the same number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        for connection in self.sockets:
            connection.close()

    def accept(self):
        while True:
            try:
                connection, peer = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self.sockets.append(connection)
            threading.Thread(target=self.serve, args=(connection, self.kma_of_address(peer[0])), daemon=True).start()

    def serve(self, connection, here):
        stream = connection.makefile("rb")
        try:
            while True:
                header = stream.read(HEADER.size)
                if len(header) < HEADER.size:
                    return
                version, message_id, command, length = HEADER.unpack(header)
                body = stream.read(length)
                with self.lock:
                    self.seen[command] += 1
                try:
                    message = json.loads(body)
                except ValueError:
                    with self.lock:
                        self.seen["malformed"] += 1
                    continue
                for answer in self.answers(message_id, command, message, here):
                    connection.sendall(answer)
        except OSError:
            return
        finally:
            stream.close()
            connection.close()

    def frame(self, message_id, command, message, version=1):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return HEADER.pack(version, message_id, command, len(body)) + body

    def answers(self, message_id, command, message, here):
        if command == 5:
            with self.lock:
                self.responses[message["response"]] += 1
            return []
        destination = message.get("destination_KMA_ID") or self.network.applications[message["application_destination_ID"]]
        source = message["source_KMA_ID"]
        if self.sin == "silent":
            return []
        if self.sin == "wrong_id":
            message_id ^= 0x20000000
        if self.sin == "wrong_destination":
            destination = next(k for k in sorted(self.network.neighbours) if k not in (source, destination))
        if command == 1:
            hops = self.network.next_hops(here, destination)
            if self.sin == "loop":
                hops = sorted(self.network.neighbours[here], key=lambda k: k != source)
                hops = [k for k in hops if k != destination] or hops
            if self.sin == "no_neighbour":
                hops = [k for k in sorted(self.network.neighbours) if k not in self.network.neighbours[here] and k != here][:1]
            if self.sin == "empty":
                hops = []
            answer = {"source_KMA_ID": source, "destination_KMA_ID": destination, "next_KMA_IDs": hops}
            code = 2
        else:
            with self.lock:
                self.relay_id += 1
                relay_id = 1 if self.sin == "same_relay_id" else self.relay_id
            path = self.network.path(source, destination)
            if self.sin == "skip":
                path = [path[0], path[-1]]
            answer = {"source_KMA_ID": source, "destination_KMA_ID": destination, "transit_KMA_IDs": path[1:-1],
                      "key_relay_request_ID": str(relay_id)}
            if self.sin == "no_relay_id":
                del answer["key_relay_request_ID"]
            code = 4
        if self.sin == "malformed":
            return [self.frame(message_id, code, b'{"destination_KMA_ID": 7}')]
        if self.sin == "version":
            return [self.frame(message_id, code, answer, version=2)]
        if self.sin == "command":
            return [self.frame(message_id, 3, answer)]
        frame = self.frame(message_id, code, answer)
        if self.sin == "twice":
            return [frame, frame]
        if self.sin == "unsolicited" and code == 4:
            with self.lock:
                self.relay_id += 1
                extra = dict(answer, key_relay_request_ID=str(self.relay_id))
            return [frame, self.frame(0x80000000 | message_id, 4, extra)]
        return [frame]
