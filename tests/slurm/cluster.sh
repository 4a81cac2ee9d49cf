#!/usr/bin/env bash
# A real Slurm on this machine, for tests: one controller and two one-core node daemons, without accounting.
#   eval "$(tests/slurm/cluster.sh start DIR)"    sets SLURM_CONF
#   tests/slurm/cluster.sh stop DIR
# Needs root, and Debian's slurm-wlm and munge.
set -euo pipefail
command=${1:?start or stop}
dir=$(mkdir -p "${2:?a folder}" && cd "$2" && pwd)
case $command in
start)
    mkdir -p "$dir/state" "$dir/n1" "$dir/n2"
    host=$(hostname)
    cat >"$dir/slurm.conf" <<CONF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/%n
SlurmctldPidFile=$dir/ctld.pid
SlurmdPidFile=$dir/%n.pid
SlurmctldLogFile=$dir/ctld.log
SlurmdLogFile=$dir/%n.log
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=5
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=17001 CPUs=1 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=17002 CPUs=1 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
    mkdir -p /run/munge && chown munge:munge /run/munge
    munge -n >/dev/null 2>&1 || runuser -u munge -- /usr/sbin/munged --force >&2
    export SLURM_CONF="$dir/slurm.conf"
    slurmctld -f "$SLURM_CONF" >&2
    for node in n1 n2; do slurmd -f "$SLURM_CONF" -N $node >&2; done
    for _ in $(seq 60); do
        [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break
        sleep 0.5
    done
    [ "$(sinfo -h -t idle -o %D)" = 2 ] || { echo "the nodes did not come up; see $dir/*.log" >&2; exit 1; }
    echo "export SLURM_CONF=$SLURM_CONF"
    ;;
stop)
    # Waits until the daemons are gone: a controller told to end writes its state once more, into a folder that may be
    # removed next.
    for file in "$dir"/n1.pid "$dir"/n2.pid "$dir"/ctld.pid; do
        pid=$(cat "$file" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.2
        done
        kill -9 "$pid" 2>/dev/null || true
    done
    ;;
esac
