//! The fuzz target `sealed_part`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| talon_fuzz::sealed_part(bytes));
