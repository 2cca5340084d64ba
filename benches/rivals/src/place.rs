//! Where a run took place: the system, and the file system of a folder. What cannot be learnt is `unknown`.

use std::fs;
use std::path::Path;

/// The system's kernel.
pub(crate) fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(|_| unknown(), |text| text.trim().to_owned())
}

/// The kind of file system that a folder lies on, with its options.
pub(crate) fn file_system(dir: &Path) -> String {
    let Ok(dir) = dir.canonicalize() else { return unknown() };
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    under(&mounts, &dir).unwrap_or_else(unknown)
}

/// The longest mount that a folder lies under: its kind and options.
fn under(mounts: &str, dir: &Path) -> Option<String> {
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let over = fields.filter_map(|fields| match fields[..] {
        [_, at, kind, options, ..] if dir.starts_with(at) => Some((at.len(), format!("{kind} ({options})"))),
        _ => None,
    });
    over.max_by_key(|(length, _)| *length).map(|(_, said)| said)
}

fn unknown() -> String {
    "unknown".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_counts() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw,nosuid 0 0\n/dev/b /tmpfs xfs rw 0 0\n";
        assert_eq!(under(mounts, Path::new("/tmp/x")).as_deref(), Some("tmpfs (rw,nosuid)"));
        assert_eq!(under(mounts, Path::new("/var")).as_deref(), Some("ext4 (rw)"));
        assert_eq!(under("", Path::new("/var")), None);
    }
}
