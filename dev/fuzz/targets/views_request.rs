//! The fuzz target `views_request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| talon_fuzz::views_request(bytes));
