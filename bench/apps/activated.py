"""Takes its socket as systemd's socket activation gives it. SIGUSR1: answers what it has, and then exits with 1."""

import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get("LISTEN_PID") != str(os.getpid()):
    raise SystemExit("no sockets for this process")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"version {os.environ['VERSION']} pid {os.getpid()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if server.exit_code is not None:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False
    exit_code = None

    def __init__(self):
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=3)


def end(number, _):
    server.exit_code = 0 if number == signal.SIGTERM else 1
    threading.Thread(target=server.shutdown).start()


server = Server()
signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGUSR1, end)
server.serve_forever()
# Those who ask on kept connections are answered before it ends.
server.server_close()
raise SystemExit(server.exit_code)
