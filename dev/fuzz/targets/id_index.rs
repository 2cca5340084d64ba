//! The fuzz target `id_index`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| talon_fuzz::id_index(bytes));
