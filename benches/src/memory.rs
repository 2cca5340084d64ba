//! What this process takes of the machine's memory, as the system says it, and of its disk.
//!
//! Invariant: what the system does not say is unknown, never 0. This module measures no other process.

use std::io;
use std::path::Path;

/// KiB in memory now, and at most since the process began or [`forget_peak`], where the system says so.
pub(crate) fn memory() -> [Option<u64>; 2] {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    [of("VmRSS:"), of("VmHWM:")]
}

/// From now on the peak is one of what comes; where the system does not allow it, it stays that of the whole process.
pub(crate) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak in MiB, in words.
pub(crate) fn peak_mib() -> String {
    let [_, peak] = memory();
    peak.map_or_else(|| "unknown".to_owned(), |kib| (kib / 1024).to_string())
}

/// Bytes of all files below a folder.
pub(crate) fn bytes_below(dir: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { bytes_below(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_and_given_back_shows_in_the_peak_until_it_is_forgotten() {
        let taken = vec![1_u8; 64 << 20];
        assert!(std::hint::black_box(&taken).contains(&1));
        drop(taken);
        let [now, peak] = memory();
        let (now, peak) = (now.expect("linux says so"), peak.expect("linux says so"));
        assert!(peak >= now + (32 << 10), "{peak} KiB at most, {now} now");
        forget_peak();
        let [_, after] = memory();
        assert!(after.expect("linux says so") < peak, "{after:?} after {peak}");
    }

    #[test]
    fn files_count_at_every_depth() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("in")).expect("room");
        std::fs::write(dir.path().join("a"), [0; 10]).expect("room");
        std::fs::write(dir.path().join("in/b"), [0; 7]).expect("room");
        assert_eq!(bytes_below(dir.path()).expect("there"), 17);
    }
}
