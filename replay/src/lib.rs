//! To be told by its first commit.
