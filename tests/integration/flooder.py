"""A client that publishes as fast as it is told to, as a process of its own.

Arguments: PORT RATE SECONDS TOPIC PAYLOAD… Raw packets, so that it is the broker and the bridge that are tried and not
a library. Prints how many it has sent.
"""

import socket
import struct
import sys
import time

BATCH = 0.02
"""s of messages that are sent at once."""


def string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("!H", len(raw)) + raw


def packet(kind: int, body: bytes) -> bytes:
    length, sizes = len(body), bytearray()
    while True:
        length, seven = divmod(length, 128)
        sizes.append(seven | (128 if length else 0))
        if not length:
            return bytes([kind]) + bytes(sizes) + body


def main() -> None:
    port, rate, seconds, topic, *payloads = sys.argv[1:]
    messages = [packet(0x30, string(topic) + payload.encode()) for payload in payloads]
    each = max(round(int(rate) * BATCH), 1)
    batch = b"".join(messages[number % len(messages)] for number in range(each))
    sent = 0
    with socket.create_connection(("127.0.0.1", int(port)), timeout=10) as broker:
        broker.sendall(packet(0x10, string("MQTT") + bytes([4, 2, 0, 60]) + string(f"flooder-{time.time_ns()}")))
        broker.recv(4)
        began = time.monotonic()
        while time.monotonic() - began < float(seconds):
            broker.sendall(batch)
            sent += each
            time.sleep(max(began + sent / int(rate) - time.monotonic(), 0))
        broker.sendall(packet(0xE0, b""))
    print(sent)  # noqa: T201 for the test


if __name__ == "__main__":
    main()
