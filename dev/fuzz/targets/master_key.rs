//! The fuzz target `master_key`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| talon_fuzz::master_key(bytes));
