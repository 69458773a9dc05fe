"""A reverse proxy as a process, as small as one can be: it forwards, and appends its caller's
address to ``X-Forwarded-For``, whatever stood there. Run with its own host and port, the port it
forwards to, and the address that it calls from.
"""

from __future__ import annotations

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_NOT_PASSED = ("connection", "transfer-encoding", "x-forwarded-for", "content-length")


class Forward(BaseHTTPRequestHandler):
    """Every request goes on; every answer comes back."""

    aim = 0
    calls_from = ""
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        line = http.client.HTTPConnection(
            "127.0.0.1", self.aim, timeout=60, source_address=(self.calls_from, 0)
        )
        line.request(self.command, self.path, body or None, self._headers())
        answer = line.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_PASSED:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        line.close()

    do_POST = do_HEAD = do_GET  # noqa: N815

    def _headers(self) -> dict[str, str]:
        found = {k: v for k, v in self.headers.items() if k.lower() not in _NOT_PASSED}
        before = self.headers.get_all("x-forwarded-for", [])
        return found | {"X-Forwarded-For": ", ".join([*before, str(self.client_address[0])])}

    def log_message(self, *_: object) -> None:  # addresses carry tokens
        return


if __name__ == "__main__":
    host, port, aim, calls_from = sys.argv[1:]
    Forward.aim, Forward.calls_from = int(aim), calls_from
    with ThreadingHTTPServer((host, int(port)), Forward) as server:
        print("ready", flush=True)
        server.serve_forever()
