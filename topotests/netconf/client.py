# SPDX-License-Identifier: GPL-2.0-or-later
"""ncclient, driven by a test: a request is a line of JSON on stdin, its answer one on stdout.

    {"session": NAME, "op": "connect", "user": USER, "key": FILE}
    {"session": NAME, "op": OPERATION, ARGUMENT: VALUE...}     a method of ncclient's Manager
    {"session": NAME, "op": "vanish"}                          ends without a word, and with it all sessions

An answer is {"ok": XML} or {"error": {"tag": ..., "path": ...}}. Runs with Debian's python3.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from lxml import etree
from ncclient import manager
from ncclient.operations import RPCError
from ncclient.xml_ import to_ele

SECONDS = 20


def connect(request: dict[str, Any]) -> Any:
    return manager.connect(host="127.0.0.1", port=830, username=request["user"], key_filename=request["key"],
                           hostkey_verify=False, allow_agent=False, look_for_keys=False, timeout=SECONDS)


def about(e: RPCError) -> dict[str, Any]:
    return {"tag": e.tag, "type": e.type, "path": (e.path or "").strip(), "message": e.message,
            "info": str(e.info or ""), "severity": e.severity}


def call(m: Any, request: dict[str, Any]) -> str:
    arguments = {k: v for k, v in request.items() if k not in ("op", "session")}
    op = request["op"]
    if op == "capabilities":
        return "\n".join(m.server_capabilities)
    if op == "session_id":
        return str(m.session_id)
    if op == "next_event":
        event = m.take_notification(timeout=arguments.get("seconds", SECONDS))
        return str(event.notification_xml) if event else ""
    if op == "rpc":
        return str(m.dispatch(to_ele(arguments["xml"])))
    if isinstance(arguments.get("filter"), list):
        kind, content = arguments["filter"]
        arguments["filter"] = (kind, tuple(content) if isinstance(content, list) else content)
    if isinstance(arguments.get("source"), str) and arguments["source"].startswith("<"):
        arguments["source"] = etree.fromstring(arguments["source"])
    return str(getattr(m, op)(**arguments))


def main() -> None:
    sessions: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        name = request["session"]
        try:
            if request["op"] == "vanish":
                os._exit(0)
            if request["op"] == "connect":
                sessions[name] = connect(request)
                answer: dict[str, Any] = {"ok": "connected"}
            else:
                answer = {"ok": call(sessions[name], request)}
        except RPCError as e:
            errors = getattr(e, "errors", None) or [e]
            answer = {"error": about(e), "errors": [about(x) for x in errors]}
        except Exception as e:  # pylint: disable=broad-except
            answer = {"failed": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


main()
