# SPDX-License-Identifier: Apache-2.0
"""A master agent that misbehaves: it accepts subagents and answers them as a test says (AgentX, RFC 2741)."""
import os
import socket
import struct
import threading

OPEN, CLOSE, REGISTER, UNREGISTER, NOTIFY, PING, RESPONSE = 1, 2, 3, 4, 12, 13, 18
NETWORK_BYTE_ORDER = 0x10
HEADER_BYTES = 20


def response(header, error=0):
    """To the PDU with this header."""
    _, _, flags, _ = header[:4]
    order = ">" if flags & NETWORK_BYTE_ORDER else "<"
    session, transaction, packet, _ = struct.unpack(order + "IIII", header[4:])
    return struct.pack("BBBB", 1, RESPONSE, flags & NETWORK_BYTE_ORDER, 0) + struct.pack(
        order + "IIIIIHH", session or 7, transaction, packet, 8, 0, error, 0)


class Master:
    """`answer(kind, header)` gives bytes to send, None (silence), or raises ConnectionError: it closes."""

    def __init__(self, path, answer):
        self.path, self.answer = path, answer
        self.accepted, self.kinds = 0, []
        self.open = []
        self.ended = False
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.open.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def exactly(connection, count):
        data = b""
        while len(data) < count:
            more = connection.recv(count - len(data))
            if not more:
                raise ConnectionError("closed")
            data += more
        return data

    def serve(self, connection):
        try:
            while True:
                header = self.exactly(connection, HEADER_BYTES)
                order = ">" if header[2] & NETWORK_BYTE_ORDER else "<"
                self.exactly(connection, struct.unpack(order + "I", header[16:])[0])
                self.kinds.append(header[1])
                data = self.answer(header[1], header)
                if data:
                    connection.sendall(data)
        except OSError:
            connection.close()
            self.open.remove(connection)

    def drop(self):
        """Ends every connection."""
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended already

    def close(self):
        if not self.ended:
            self.ended = True
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            os.unlink(self.path)
            self.drop()
