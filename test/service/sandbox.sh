#!/bin/sh
# Becomes the command "$@", which runs $EXECUTABLE, as the unit would have it: another user, no capability, no way to
# gain one, every file system read-only but the folder $DATA, and only the system calls that $ALLOW names without those
# of $DENY.
# To be run in a mount namespace of its own: unshare --mount --ipc.
set -eu
# Whoever starts a house puts a command of their own in front of it.
while [ "$1" != "$EXECUTABLE" ]; do shift; done
shift
mount -t tmpfs -o mode=0755 tmpfs /mnt
touch /mnt/housekey
mount --bind "$EXECUTABLE" /mnt/housekey
mount --bind "$DATA" "$DATA"
findmnt --raw --noheadings --output TARGET | while read -r target; do
  mount -o remount,bind,ro "$target" 2>/dev/null || true
done
mount -o remount,bind,rw "$DATA"
exec setpriv --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --no-new-privs --pdeathsig KILL \
  /usr/bin/python3 "$FILTER" /mnt/housekey "$@"
