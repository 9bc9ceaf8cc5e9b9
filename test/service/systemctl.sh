#!/bin/sh
# As much of systemd as the stories need: it serves as the unit says.
set -u
unit=/etc/systemd/system/housekey.service
value() { sed -n "s/^$1=//p" "$unit"; }
alive() { [ -f /run/pid ] && kill -0 "$(cat /run/pid)" 2>/dev/null; }
stop() {
  alive && kill "$(cat /run/pid)"
  while alive; do sleep 0.02; done
  rm -f /run/pid
}
[ "$1" = is-failed ] || echo "$*" >>/run/asked
case "$1" in
  is-failed) ! alive ;;
  disable) stop ;;
  start | restart)
    if [ "$1" = start ] && alive; then exit 0; fi
    stop
    user=$(value User)
    install -d -m 0700 -o "$user" -g "$user" "$(value WorkingDirectory)"
    install -D -m 0400 -o "$user" /etc/housekey/housekey.toml /run/credentials/housekey.toml
    export CREDENTIALS_DIRECTORY=/run/credentials
    cd "$(value WorkingDirectory)" || exit 1
    eval "exec setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs --bounding-set=-all $(value ExecStart)" \
      >>/run/journal 2>&1 </dev/null &
    echo $! >/run/pid
    ;;
esac
