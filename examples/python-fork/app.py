import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = os.environ["VERSION"]

if VERSION == "bad":
    raise SystemExit("this version does not start")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{VERSION} from process {os.getpid()}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    # The process answers requests in flight before it ends.
    daemon_threads = False

    def server_bind(self):
        if os.environ.get("REUSE_PORT"):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        super().server_bind()


server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
# shutdown() waits for serve_forever(), so it cannot be called by the thread that a signal interrupts.
signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"listening on {server.server_port}", flush=True)
server.serve_forever(poll_interval=0.05)
server.server_close()
