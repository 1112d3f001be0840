#!/bin/busybox sh
# shellcheck shell=dash
# First and only script of the machine: drivers, network, controller, bluetoothd; then orders from outside.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*.ko; do insmod "$module" || echo "module $module failed"; done
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up

# As on desktops: an adapter that appears is switched on.
printf '[Policy]\nAutoEnable=true\n' >/etc/bluetooth/main.conf

# Behind this address stands the D-Bus of the tests.
export DBUS_SYSTEM_BUS_ADDRESS=tcp:host=10.0.2.100,port=5555

# The serial line hvc0 leads to the virtual controller.
plug() { btattach -B /dev/hvc0 -P h4 -N & controller=$!; }
daemon() { bluetoothd -n ${debug:+"$debug"} & bluetoothd=$!; }

debug=
case $(cat /proc/cmdline) in *bluetoothd.debug*) debug=-d ;; esac
plug
daemon

port=$(echo /dev/vport*p1)
exec 3<>"$port"
echo ready >&3
while read -r order <&3; do
    case $order in
    unplug) kill "$controller" && wait "$controller" ;;
    plug) plug ;;
    stop) kill "$bluetoothd" && wait "$bluetoothd" ;;
    start) daemon ;;
    esac
    echo "$order" >&3
done
poweroff -f
