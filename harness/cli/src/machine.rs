//! What this machine has: cores, memory and disk.

use std::path::Path;

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Memory that can be taken without swapping, in bytes: what Linux calls available, or what the control group leaves.
/// Everything where neither tells.
pub fn available_memory_bytes() -> u64 {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    let available = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let available = available.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    let number = |path: &str| read(path)?.trim().parse::<u64>().ok();
    let limit = number("/sys/fs/cgroup/memory.max");
    let left = limit.map(|limit| limit.saturating_sub(number("/sys/fs/cgroup/memory.current").unwrap_or(0)));
    available.map(|kib| kib * 1024).into_iter().chain(left).min().unwrap_or(u64::MAX)
}

/// Bytes that an ordinary user may still write where a path lies; none where the system doesn't tell.
pub fn free_disk_bytes(path: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(path).ok()?;
    space.f_bavail.checked_mul(space.f_frsize)
}

/// The processor's name, where Linux tells it.
pub fn processor() -> Option<String> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, name) = cpu.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "))?;
    Some(name.to_owned())
}
