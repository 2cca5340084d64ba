//! Makes the code that `proto/` commits: prost structs and the descriptor set, from the `.proto` files, without protoc.
//! Pages that say what the code does are made by `dev/pages`, which is called.
//!
//! Invariants:
//! - the same `.proto` files give the same bytes, so that the gate can ask for an empty diff
//! - the descriptor set holds no comments: what is embedded changes only when the schema does
//!
//! This module does not decide whether a change of schema is allowed; `buf breaking` does.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use prost::Message as _;

use crate::call::Call;

/// What is compiled, in the order of its names.
const FILES: [&str; 9] = [
    "talon/v1/control.proto",
    "talon/v1/decision.proto",
    "talon/v1/event.proto",
    "talon/v1/money.proto",
    "talon/v1/payment.proto",
    "talon/v1/privacy.proto",
    "talon/v1/registry.proto",
    "talon/v1/settlement.proto",
    "talon/v1/technical.proto",
];

/// Makes the parts of `docs/` that say what the code does. The rooms have to build for that: they are asked.
pub(crate) fn make_pages(root: &Path) -> anyhow::Result<()> {
    Call::cargo("run --quiet --locked --package talon-pages").run(root)
}

/// Writes `proto/src/gen/talon.v1.rs` and `proto/src/gen/talon.v1.binpb` below the repository's root.
pub(crate) fn generate(root: &Path) -> anyhow::Result<()> {
    let proto = root.join("proto");
    let target = proto.join("src/gen");
    fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;

    let mut compiler = protox::Compiler::new([&proto])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    let mut descriptors = compiler.file_descriptor_set();
    prost_build::Config::new()
        .out_dir(&target)
        .compile_fds(descriptors.clone())
        .with_context(|| format!("cannot write {}", target.display()))?;

    for file in &mut descriptors.file {
        file.source_code_info = None;
    }
    let path = target.join("talon.v1.binpb");
    fs::write(&path, descriptors.encode_to_vec()).with_context(|| format!("cannot write {}", path.display()))
}
