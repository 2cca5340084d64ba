//! What is said: `talon.v1`, its JSON, and what a payload must look like before the door lets it in.

pub mod wire;
