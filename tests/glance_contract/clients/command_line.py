"""Runs the real `openstack` or `glance` command line, many commands; prints what each said as JSON.

Takes the program's name and a JSON list of argument lists. The client is imported once, which is most of its time, and every command runs in a
process of its own, forked after that.
"""
import io
import json
import os
import sys
import tempfile

# What the commands would import each on its own.
import glanceclient.shell
import keystoneauth1.identity.v3  # noqa: F401
import openstack.connection  # noqa: F401
import openstack.image.v2._proxy  # noqa: F401
import openstackclient.identity.v3.project  # noqa: F401
import openstackclient.image.client  # noqa: F401
import openstackclient.image.v2.image  # noqa: F401
from openstackclient import shell


class Terminal(io.StringIO):
    """An upload without --file takes standard input where that is no terminal."""

    def isatty(self):
        return True


def main(program, arguments):
    if program == "openstack":
        return shell.main(arguments)
    sys.argv = [program, *arguments]
    return glanceclient.shell.main()


def run(program, arguments):
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                sys.stdin, sys.stdout, sys.stderr = Terminal(), out, err
                code = main(program, arguments) or 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 1
            finally:
                out.flush()
                err.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return {"code": os.waitstatus_to_exitcode(status), "out": out.read(), "err": err.read()}


program, lines = sys.argv[1:3]
json.dump([run(program, arguments) for arguments in json.loads(lines)], sys.stdout)
