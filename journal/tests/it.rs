//! The journal, seen from outside: bytes, engines, damage, crashes, processes.

mod bytes;
