"""Becomes a command that may only make the system calls of $ALLOW without those of $DENY, and sockets of $FAMILIES."""
import errno
import os
import socket
import subprocess
import sys

import seccomp


def calls(group):
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    found = set()
    for line in listed.stdout.splitlines()[1:]:
        name = line.strip()
        if name.startswith("@"):
            found |= calls(name)
        elif name and not name.startswith("#"):
            found.add(name)
    return found


rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
for name in (calls(os.environ["ALLOW"]) | calls("@default")) - calls(os.environ["DENY"]) - {"socket"}:
    try:
        rules.add_rule(seccomp.ALLOW, name)
    except RuntimeError:
        pass  # A call that this library does not know cannot be allowed.
for family in os.environ["FAMILIES"].split():
    rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, int(getattr(socket, family))))
rules.load()
os.execv(sys.argv[1], sys.argv[1:])
