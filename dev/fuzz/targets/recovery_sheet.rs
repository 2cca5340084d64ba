//! The fuzz target `recovery_sheet`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| talon_fuzz::recovery_sheet(bytes));
