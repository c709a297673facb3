"""``python -m ticket_bridge.simulator``: the secret comes from INTAKE_DISPATCH_SECRET."""

import argparse
import os
from pathlib import Path

from aiohttp import web

from ticket_bridge.signing import secrets_of
from ticket_bridge.simulator.app import build
from ticket_bridge.simulator.store import Store

parser = argparse.ArgumentParser(
    prog="ticket_bridge.simulator", description="A dispatch system for trial and training."
)
parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
parser.add_argument("--callback", required=True, help="URL that status callbacks go to")
parser.add_argument("--state", type=Path, required=True, help="SQLite file with the tickets")
parser.add_argument("--step-seconds", type=float, default=20.0, help="seconds between two steps of a ticket")
arguments = parser.parse_args()

secrets = secrets_of(os.environ.get("INTAKE_DISPATCH_SECRET", ""))
web.run_app(
    build(Store(arguments.state), secrets, arguments.callback, arguments.step_seconds),
    host="127.0.0.1",
    port=arguments.port,
    access_log=None,
    print=None,
    shutdown_timeout=2,
)
