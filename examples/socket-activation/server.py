"""Takes its socket as systemd's socket activation gives it: descriptors from 3 on, if LISTEN_PID is this process."""

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get("LISTEN_PID") != str(os.getpid()):
    raise SystemExit("no sockets for this process: start it with stateward")

VERSION = os.environ.get("VERSION", "1")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"version {VERSION}, process {os.getpid()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if server.is_ending:
            # The client opens another connection, and the next process takes it.
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    # Requests that are under way are answered before the process ends.
    daemon_threads = False
    is_ending = False

    def __init__(self):
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=3)


def end(*_):
    server.is_ending = True
    threading.Thread(target=server.shutdown).start()


server = Server()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
server.serve_forever()
