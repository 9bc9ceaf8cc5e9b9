#!/bin/sh
# Becomes the command "$@", which runs $EXECUTABLE, in what the image has: the executable, the C library, an account
# that is not root. All of it is read-only but $DATA, which is /data, and /tmp. The three capabilities that chroot needs
# stay in the bounding set, where a process without privileges that may gain none cannot reach them.
# To be run in a mount namespace of its own: unshare --mount --ipc.
set -eu
# Whoever starts a house puts a command of their own in front of it.
while [ "$1" != "$EXECUTABLE" ]; do shift; done
shift
root=/mnt
mount -t tmpfs -o mode=0755 tmpfs "$root"
for name in $(ldd "$EXECUTABLE" | grep -o '/[^ ]*'); do
  mkdir -p "$root${name%/*}"
  cp -L "$name" "$root$name"
done
mkdir -p "$root/etc" "$root/dev" "$root/proc" "$root/tmp" "$root/data"
echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$root/etc/passwd"
echo 'nonroot:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
touch "$root/housekey" "$root/dev/null" "$root/dev/urandom"
mount --bind "$EXECUTABLE" "$root/housekey"
mount --bind /dev/null "$root/dev/null"
mount --bind /dev/urandom "$root/dev/urandom"
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
mount --bind "$DATA" "$root/data"
for target in "$root" "$root/housekey"; do mount -o remount,bind,ro "$target"; done
unset DATA
exec setpriv --bounding-set=-all,+setuid,+setgid,+sys_chroot --no-new-privs \
  chroot --userspec="$IMAGE_USER" --groups= "$root" /housekey "$@"
