//! scratch
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]
fn main() {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).unwrap());
    let secs: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let batch: usize = std::env::args().nth(3).unwrap().parse().unwrap();
    let done = talon_benches::sustained(&dir, batch, std::time::Duration::from_secs(secs)).unwrap();
    println!("{done:?} {} ev/s", done.events as u128 * 1000 / done.taken.as_millis());
}
